import { readdirSync, readFileSync, rmSync } from "node:fs";
import * as path from "node:path";
import { GitLabStateApi } from "../../state/gitlab-state-api";
import { type LockHolder, lockHolder } from "../../state/lock-holder";
import { Deployment, inventory } from "../support/deployment";
import { Gate } from "../support/gate";
import { IS_TOFU } from "../support/tested-terraform";

const PROJECT = "root/pushers";
const STATE = `/projects/${encodeURIComponent(PROJECT)}/terraform/state/ops`;
const KEY = "GITLAB_PUSHER_TOKEN";
const TOKENS = "/projects/xlink%2Fgitops/access_tokens";
const NOTHING_TO_DO = "0 added, 0 changed, 0 destroyed";

const pusher = (expires: string) => inventory({ token: `{role: maintainer, expires: [${expires}]}` });
const TWO_SLOTS = pusher("2100-06-01, 2100-12-01");
const ROTATED = pusher("2101-01-05, 2100-12-01");

let deployment: Deployment;
let gate: Gate;

beforeEach(async () => {
  deployment = await Deployment.start();
  await deployment.api.post("/projects", { name: "pushers", visibility: "private" });
  gate = await Gate.start(deployment.sandbox.url);
  await deployment.operateWith(deployment.sandbox.adminToken, {
    baseUrl: gate.url,
    backoff: { serverError: [1, 2], rateLimit: 1 },
  });
  deployment.keepStateIn(PROJECT);
});
afterEach(async () => {
  await gate.close();
  await deployment.stop();
});

const livingTokens = async (): Promise<number[]> =>
  ((await deployment.api.get(`${TOKENS}?state=active`)).body as { id: number }[]).map(({ id }) => id).sort();

const value = async (): Promise<string> => (await deployment.job("xlink/gitops")).variables[KEY]!;

/** Who holds the lock, as `gitlab-ci-pusher state lock` finds out. */
const lock = (): Promise<LockHolder | undefined> => {
  const credentials = { username: "root", password: deployment.sandbox.adminToken };
  return lockHolder(
    new GitLabStateApi({ kind: "gitlab", baseUrl: deployment.sandbox.url, project: PROJECT, credentials }, "ops"),
  );
};

/** Files below a folder that hold a text. */
const filesWith = (folder: string, text: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && readFileSync(path.join(entry.parentPath, entry.name)).includes(text))
    .map(({ name }) => name);

/** Starts a deploy and holds it at its first changing call. */
async function heldDeploy(declared: string) {
  const reached = gate.stopAt(1, "held");
  const run = await deployment.startDeploy(declared);
  await reached;
  return run;
}

describe("a state in GitLab", () => {
  test("keeps every version, is locked by its user while a deploy runs, and a second deploy finds nothing to do", async () => {
    const run = await heldDeploy(TWO_SLOTS);
    expect(await lock()).toMatchObject({ who: "root" });
    gate.open();
    expect(await run.result).toMatchObject({ exitCode: 0 });
    expect(await lock()).toBeUndefined();
    const { body: first } = await deployment.api.get(STATE);
    expect(await deployment.deploy(TWO_SLOTS)).toContain(NOTHING_TO_DO);
    await deployment.deploy(ROTATED);
    const { body: second } = await deployment.api.get(STATE);
    expect(second.serial).toBeGreaterThan(first.serial);
    expect(second.lineage).toBe(first.lineage);
    expect((await deployment.api.get(`${STATE}/versions/${first.serial}`)).body).toEqual(first);
  });

  test("leaves neither a token nor the credentials on the machine", async () => {
    await deployment.deploy(TWO_SLOTS);
    expect(filesWith(deployment.directory, "terraform/state/ops")).toEqual(expect.arrayContaining(["main.tf.json"]));
    for (const secret of [await value(), deployment.sandbox.adminToken])
      expect(filesWith(deployment.directory, secret)).toEqual([]);
    const { terraform } = (await deployment.synth(TWO_SLOTS)) as { terraform: { backend: object } };
    const address = `${deployment.sandbox.url}/api/v4${STATE}`;
    expect(terraform.backend).toEqual({
      http: {
        address,
        lock_address: `${address}/lock`,
        lock_method: "POST",
        unlock_address: `${address}/lock`,
        unlock_method: "DELETE",
        retry_wait_min: 5,
      },
    });
  });

  test("tells a synth which rules a pusher that is taken out leaves behind", async () => {
    await deployment.deploy(TWO_SLOTS);
    const { removed } = (await deployment.synth("pushers: {}\n")) as { removed?: { from: string }[] };
    expect(removed).toEqual([
      { from: expect.stringMatching(/^gitlab_branch_protection\.gitops_Rule/), lifecycle: { destroy: false } },
    ]);
    expect(await deployment.deploy("pushers: {}\n")).toContain("0 added, 0 changed");
    expect(await deployment.rules()).toEqual({ main: "Developers + Maintainers" });
    expect(await livingTokens()).toEqual([]);
  });

  test("tells a synth which token running jobs hold", async () => {
    await deployment.deploy(TWO_SLOTS);
    await expect(deployment.synth(pusher("2100-06-01, 2101-01-05"))).rejects.toThrow(
      /the variable carries slot 2 \(2100-12-01\)/,
    );
  });

  test("tells a synth that the first of two deploys has been when a rule is adopted", async () => {
    await deployment.api.post("/projects/xlink%2Fgitops/protected_branches", {
      name: "release/*",
      push_access_level: 40,
    });
    const adopting = inventory({ branches: "{release/*: {push: developer, import: true}}" });
    await deployment.deploy(adopting);
    expect(await deployment.rules()).toMatchObject({ "release/*": "Maintainers", "release/**": "No one" });
    await deployment.deploy(adopting);
    expect(await deployment.rules()).toMatchObject({ "release/*": "Developers + Maintainers", "release/**": "No one" });
  });
});

describe("two deploys at once", () => {
  test("the second fails and names the lock, GitLab its owner; the first goes on, and nothing is lost", async () => {
    const first = await heldDeploy(TWO_SLOTS);
    const { exitCode, errors } = await deployment.tryDeploy(TWO_SLOTS);
    const owner = (await lock())!;
    expect(exitCode).toBe(1);
    expect(errors).toContain(
      `Error acquiring the state lock Error message: HTTP remote state already locked: ID=${owner.id} `,
    );
    expect(owner.who).toBe("root");
    gate.open();
    expect(await first.result).toMatchObject({ exitCode: 0 });
    expect(await deployment.deploy(TWO_SLOTS)).toContain(NOTHING_TO_DO);
    expect(await livingTokens()).toHaveLength(2);
  });

  test("the second waits when it is told how long", async () => {
    const first = await heldDeploy(TWO_SLOTS);
    await deployment.synth(TWO_SLOTS);
    const second = deployment.terraform("apply", "-input=false", "-auto-approve", "-lock-timeout=60s");
    gate.open();
    expect(await first.result).toMatchObject({ exitCode: 0 });
    expect(await second).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(NOTHING_TO_DO) });
  });
});

describe("a lock that a killed deploy left", () => {
  /** Kills a deploy while it waits for the answer to a changing call. */
  async function killAt(call: number | RegExp): Promise<LockHolder> {
    const reached = gate.stopAt(call, "held");
    const run = await deployment.startDeploy(TWO_SLOTS);
    await reached;
    run.interrupt("SIGKILL");
    await run.result;
    gate.cut();
    return (await lock())!;
  }

  test("refuses the next one, `terraform force-unlock` ends it, and the next deploys heal what was made", async () => {
    const stale = await killAt(/protected_branches$/);
    const { exitCode, errors } = await deployment.tryDeploy(TWO_SLOTS);
    expect([exitCode, errors.includes(`already locked: ID=${stale.id}`)]).toEqual([1, true]);
    expect(await deployment.terraform("force-unlock", "-force", stale.id)).toMatchObject({ exitCode: 0 });
    expect(await lock()).toBeUndefined();
    const healed = await deployment.tryDeploy(TWO_SLOTS);
    if (healed.exitCode !== 0) await deployment.deploy(TWO_SLOTS);
    expect(await deployment.deploy(TWO_SLOTS)).toContain(NOTHING_TO_DO);
    expect((await deployment.push(await value())).code).toBe(0);
  });

  test("is ended by Terraform's `force-unlock` with any id, by OpenTofu's with its own: so look who holds it", async () => {
    const { id } = await killAt(1);
    const other = "11111111-1111-1111-1111-111111111111";
    expect(await deployment.terraform("force-unlock", "-force", other)).toMatchObject({ exitCode: IS_TOFU ? 1 : 0 });
    expect((await lock())?.id).toBe(IS_TOFU ? id : undefined);
  });
});

describe("moving a state", () => {
  async function move(project: string | undefined, declared: string): Promise<void> {
    deployment.keepStateIn(project);
    await deployment.synth(declared);
    const moved = await deployment.terraform("init", "-input=false", "-migrate-state", "-force-copy");
    expect(moved).toMatchObject({ exitCode: 0 });
  }

  test("from a file to GitLab and back keeps every token, and the checks hold before, between and after", async () => {
    const cut = pusher("2100-06-01, 2101-01-05");
    const refused = () => expect(deployment.synth(cut)).rejects.toThrow(/the variable carries slot 2 \(2100-12-01\)/);
    deployment.keepStateIn();
    await deployment.deploy(TWO_SLOTS);
    const tokens = await livingTokens();
    deployment.keepStateIn(PROJECT);
    await refused();
    await move(PROJECT, TWO_SLOTS);
    // Terraform leaves its copy, and what can push with it.
    expect(deployment.state()).toContain(await value());
    rmSync(deployment.stateFile);
    await refused();
    expect(await deployment.deploy(TWO_SLOTS)).toContain(NOTHING_TO_DO);
    await move(undefined, TWO_SLOTS);
    await refused();
    expect(await deployment.deploy(TWO_SLOTS)).toContain(NOTHING_TO_DO);
    expect(await livingTokens()).toEqual(tokens);
  });

  test("is not forgotten: a deploy that would begin anew beside a local state is refused", async () => {
    deployment.keepStateIn();
    await deployment.deploy(TWO_SLOTS);
    rmSync(path.join(deployment.directory, ".terraform"), { recursive: true });
    deployment.keepStateIn(PROJECT);
    await expect(deployment.synth(TWO_SLOTS)).rejects.toThrow(/got a state in .*ops\.tfstate, none in GitLab/);
    expect(await livingTokens()).toHaveLength(2);
  });
});
