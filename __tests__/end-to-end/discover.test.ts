import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { discoverCommand } from "../../commands/discover";
import { Sandbox } from "../../sandbox/sandbox";
import { runnerOf } from "../support/command-run";
import { Deployment, TODAY } from "../support/deployment";
import { GROWN, GrownGitLab } from "../support/grown-gitlab";
import { OpsRepository } from "../support/ops-repository";

const ADOPTING = readFileSync(path.join(__dirname, "../../docs/adopting.md"), "utf8");

const discover = runnerOf(discoverCommand);

/** Among those whom a written rule lists. */
const OLD_BOT = /, \{ user: (\d+) \}(?=, \{ user)/g;

/** Names of each rule in one order, as GitLab has none. */
const sorted = (rules: Readonly<Record<string, string>>) =>
  Object.entries(rules)
    .map(([name, who]) => `${name}: ${who.split(", ").sort().join(", ")}`)
    .sort();

/** What docs/adopting.md has typed, in its order: looks, writes, reviews, deploys twice, looks again. */
const COMMANDS = [...ADOPTING.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) =>
  [...block!.matchAll(/^npx gitlab-ci-pusher (.*)$/gm)].map(([, command]) => command!.split(" ")),
);

const GITOPS = "/projects/xlink%2Fgitops";

describe.each(["free", "premium"] as const)("GIVEN what grew by hand on %s", (edition) => {
  let deployment: Deployment;
  let grown: GrownGitLab;
  let folder: string;
  let environment: Record<string, string>;
  beforeAll(async () => {
    deployment = await Deployment.start({ seed: GROWN, edition });
    grown = await GrownGitLab.in(deployment.sandbox);
    if (edition === "premium") await grown.growByName();
    folder = path.join(mkdtempSync(path.join(tmpdir(), "gitlab-ci-pusher-discover-")), "pushers");
    environment = { GITLAB_BASE_URL: deployment.sandbox.url, GITLAB_TOKEN: await grown.reader("olga") };
  });
  afterAll(async () => {
    await deployment.stop();
    rmSync(path.dirname(folder), { recursive: true, force: true });
  });

  /** What is found: ids and subjects. */
  async function found(...args: string[]): Promise<string[]> {
    const { stdout } = await discover(["xlink", "--json", ...args], environment);
    return JSON.parse(stdout).findings.map(({ id, subject }: { id: string; subject: string }) => `${id} ${subject}`);
  }

  test("WHEN it is written as an inventory and deployed THEN pushes go on, old and new, and nothing foreign is left but what the file lists", async () => {
    await grown.forgetCalls();
    const before = await found("--write", folder);
    expect(before).toContain("variable-unprotected GITOPS_TOKEN of project xlink/gitops");
    const rules = await deployment.rules();
    expect(readdirSync(folder)).toEqual(["xlink.yaml"]);
    const text = readFileSync(path.join(folder, "xlink.yaml"), "utf8");
    for (const value of grown.values.values()) expect(text).not.toContain(value);
    expect((await grown.calls()).filter((call) => !call.startsWith("GET "))).toEqual([]);

    // The first deploy makes the guards, the second takes the rules over.
    await deployment.deploy(text);
    await deployment.deploy(text);

    const guards = { "mai*n": "No one", "release/**": "No one" };
    const bots = "GITLAB_CI_PUSHER, GITLAB_CI_PUSHER_B, GITLAB_CI_PUSHER, GITLAB_CI_PUSHER_B";
    const named = { main: `No one, gitops, Dana, mirror, ${bots}`, "release/*": `Maintainers, ${bots}` };
    expect(sorted(await deployment.rules())).toEqual(
      sorted({ ...rules, ...guards, ...(edition === "premium" ? named : {}) }),
    );
    const { body: variable } = await deployment.api.get(`${GITOPS}/variables/GITOPS_TOKEN`);
    expect(variable).toMatchObject({ protected: true, masked: true });
    const old = grown.values.get("gitops") as string;
    expect(variable.value).not.toBe(old);
    expect((await deployment.push(variable.value)).code).toBe(0);
    expect((await deployment.push(old)).code).toBe(0);
    if (edition === "premium") {
      const copy = await deployment.clone(variable.value);
      expect((await copy.run("push", "origin", "HEAD:refs/tags/v1")).code).toBe(0);
      // As the file tells, before the token is revoked.
      await deployment.deploy(text.replaceAll(OLD_BOT, ""));
      expect((await deployment.push(old)).stderr).toContain("not allowed to push code to protected branches");
    }

    const [token] = (await deployment.api.get(`${GITOPS}/access_tokens?search=gitops`)).body;
    expect(text).toContain(`# - token gitops (${token.id}) of xlink/gitops`);
    await grown.must("DELETE", `${GITOPS}/access_tokens/${token.id}`);
    const after = await found("--write", folder);
    expect(readdirSync(folder)).toEqual(["xlink.yaml"]);
    expect((await deployment.push(variable.value)).code).toBe(0);
    expect(after).toEqual([
      'wildcard-opens rule "rel*"',
      "variable-unmasked PUSH_URL of project xlink/apps/shop",
      expect.stringMatching(/^token-wide group token group bot/),
      expect.stringMatching(/^token-wide personal token of dana/),
      // As long as rel* lets Developers push to protected branches.
      "variable-readable GITOPS_TOKEN of project xlink/gitops",
      expect.stringMatching(/^token-dies-soon personal token of dana/),
      "variable-dead OLD_TOKEN of project xlink/apps/shop",
      expect.stringMatching(/^deploy-key-writes /),
      // Where no role may push, a job token may not either.
      ...(edition === "premium" ? [] : ["no-token-needed job deploy"]),
    ]);
  });
});

test.each(["free", "premium"] as const)(
  "GIVEN what is written on %s WHEN it is reviewed THEN nothing is lost or replaced, no danger is new, and what changes the file says; docs/adopting.md goes on from there",
  async (edition) => {
    const sandbox = await Sandbox.start({ seed: GROWN, edition, now: () => new Date(`${TODAY}T12:00:00Z`) });
    const grown = await GrownGitLab.in(sandbox);
    if (edition === "premium") await grown.growByName();
    // Commands live today.
    await grown.api.control("PUT", "clock", { now: new Date().toISOString() });
    const ops = new OpsRepository(sandbox);
    const reader = { GITLAB_TOKEN: await grown.reader("olga") };
    const [look, write, plan, ...others] = COMMANDS;
    expect((await ops.startAs(reader, ...look!).ended).code).toBe(1);
    const { code, stderr } = await ops.startAs(reader, ...write!).ended;
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^written: pushers\/xlink\.yaml$/m)]);
    ops.commit("main");
    const review = await ops.pusher(...plan!);
    expect(review.code).toBe(0);
    const isPremium = edition === "premium";
    // A job there pushes today already, with the token that grew.
    const source = expect.stringContaining("new source: Maintainers of `xlink/apps/shop`");
    expect(review.stdout.match(/^danger: .*$/gm)).toEqual(
      isPremium ? [source, expect.stringContaining("deploy keys may push")] : [source],
    );
    const effects = [...review.stdout.matchAll(/^ {2}(\w+): (.*)$/gm)].map(([, verb, what]) => `${verb} ${what}`);
    expect([...new Set(effects.map((effect) => effect.split(" ")[0]))].sort()).toEqual([
      "adopted",
      "changed",
      "closed",
      "created",
      "switched",
    ]);
    expect(effects.filter((effect) => effect.startsWith("changed variable"))).toEqual([
      expect.stringMatching(
        /^changed variable `GITOPS_TOKEN` of `xlink\/gitops`: description .*, protected false → true$/,
      ),
      expect.stringMatching(/^changed variable `TOKEN_OF_GITOPS` of `xlink\/apps\/shop`: description [^,]*$/),
    ]);
    expect(effects.filter((effect) => effect.includes("(taken over)"))).toEqual(
      isPremium
        ? [
            expect.stringMatching(
              /^changed tag rule `v\*` .* → user Dana \(2\) and user gitops \(6\) and the bot \(taken over\)$/,
            ),
            expect.stringMatching(
              /^changed rule `main` .* → deploy key mirror \(1\) and user Dana \(2\) and .* and the bot \(taken over\)$/,
            ),
          ]
        : ["changed rule `main` of `xlink/gitops` (taken over)"],
    );
    if (!isPremium) {
      // As the page says of what opens a narrower rule.
      await grown.must("DELETE", `${GITOPS}/protected_branches/rel*`);
      const again = others.pop();
      for (const command of others) expect([command, (await ops.pusher(...command)).code]).toEqual([command, 0]);
      const [token] = await grown.must("GET", `${GITOPS}/access_tokens?search=gitops`);
      await grown.must("DELETE", `${GITOPS}/access_tokens/${token.id}`);
      const { stdout } = await ops.startAs(reader, ...again!).ended;
      expect(stdout).toContain("3 projects, 6 tokens that can push");
      expect(stdout).not.toContain(`gitops (${token.id})`);
    }
    await sandbox.stop();
  },
);
