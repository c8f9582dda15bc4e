import { renameSync, writeFileSync } from "node:fs";
import { Sandbox } from "../../sandbox/sandbox";
import { ApiClient } from "../support/api-client";
import { OpsRepository } from "../support/ops-repository";

const TIMEOUT = 240_000;

/** A date some days from now: here the app runs by the machine's clock. */
const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const DATES = `[${day(100)}, ${day(200)}]`;

/** A pusher of two slots whose rule names its bots. */
const pusher = (id: string, { was = "", branches = "{main: {push: bot}, release/*: {push: bot}}" } = {}): string =>
  `  ${id}:\n${was && `    was: ${was}\n`}    target: xlink/gitops\n    token: {expires: ${DATES}}\n    variable: {key: ${was || id}_KEY}\n    branches: ${branches}\n`;
const file = (pushers: string, head = ""): string => `${head}edition: premium\npushers:\n${pushers}`;

let sandbox: Sandbox;
let ops: OpsRepository;

beforeEach(async () => {
  const projects = [{ path: "xlink/gitops", files: { "README.md": "x\n" }, branches: ["release/1.0"] }];
  sandbox = await Sandbox.start({ edition: "premium", seed: { projects } });
  ops = new OpsRepository(sandbox);
  ops.write({ ops: file(pusher("svc39")), empty: "pushers: {}\n" });
  ops.commit("main");
  ops.git("remote", "set-head", "origin", "main");
  const deployed = await ops.pusher("deploy");
  expect({ ...deployed, stderr: "" }).toMatchObject({ code: 0, stdout: "Deployed ops.\n" });
}, TIMEOUT);
afterEach(() => sandbox.stop());

const api = () => ApiClient.admin(sandbox);

/** What GitLab has: tokens with their bots, values of variables, rules with whom they let in. */
async function held(): Promise<unknown> {
  const lists = ["access_tokens?state=active", "variables", "protected_branches"].map(async (list) => {
    const { body } = await api().get(`/projects/xlink%2Fgitops/${list}`);
    return body;
  });
  return Promise.all(lists);
}

/** The changes that GitLab was asked for since. */
async function changes(): Promise<string[]> {
  const { body } = await api().control("GET", "requests");
  return (body as { method: string; path: string }[])
    .filter(({ method }) => method !== "GET")
    .map(({ method, path }) => `${method} ${path}`);
}

test(
  "GIVEN a pusher, then its file, and a branch moved to another one WHEN they are renamed THEN nothing changes in GitLab",
  async () => {
    const before = await held();
    await api().control("DELETE", "requests");

    // Without `was` the synth refuses, and tells the line.
    ops.write({ ops: file(pusher("service39").replace("service39_KEY", "svc39_KEY")) });
    const refused = await ops.pusher("review");
    expect({ code: refused.code, stderr: refused.stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining("fix: write was: svc39 under service39"),
    });

    // With it everything moves in the state, and the review says so.
    ops.write({ ops: file(pusher("service39", { was: "svc39" })) });
    const review = await ops.pusher("review", "--json");
    const { effects } = JSON.parse(review.stdout) as { effects: { kind: string; what: string; danger?: string }[] };
    expect(effects).toHaveLength(7);
    expect(effects.filter(({ what, danger }) => danger || !what.includes(": moved from "))).toEqual([]);
    expect((await ops.pusher("deploy")).stdout).toBe("Deployed ops.\n");
    expect((await ops.pusher("review", "--all")).stdout).toContain("Nothing would change.");

    // A branch goes to another pusher of the file.
    const [main, release] = ["{main: {push: bot, with: [other]}}", "{release/*: {push: bot, with: [other]}}"];
    const both = (first: string, second: string) =>
      file(
        `  other:\n    target: xlink/gitops\n    token: {expires: ${day(150)}}\n    variable: {key: OTHER}\n    unprotected_branches: true\n    branches: ${second}\n${pusher("service39", { was: "svc39", branches: first })}`,
      );
    ops.write({ ops: both("{main: {push: bot, with: [other]}, release/*: {push: bot, with: [other]}}", "{}") });
    expect((await ops.pusher("deploy")).code).toBe(0);
    await api().control("DELETE", "requests");
    ops.write({ ops: both(main, "{release/*: {push: bot}}") });
    const moved = await ops.pusher("deploy");
    expect(moved.code).toBe(0);
    // Its rule loses two bots, in place, and is never away.
    expect(await changes()).toEqual([expect.stringMatching(/^PATCH .*protected_branches\/release\/\*$/)]);
    ops.write({ ops: both(`{main: {push: bot, with: [other]}, ${release.slice(1)}`, "{}") });
    expect((await ops.pusher("deploy")).code).toBe(0);

    // The file is renamed: without `was` the synth refuses, with it nothing happens.
    renameSync(ops.file("pushers", "ops.yaml"), ops.file("pushers", "platform.yaml"));
    const text = both("{main: {push: bot, with: [other]}, release/*: {push: bot, with: [other]}}", "{}");
    const lost = await ops.pusher("review");
    expect(lost.stderr).toContain("write was: ops at the top of pushers/platform.yaml if that file was renamed");
    writeFileSync(ops.file("pushers", "platform.yaml"), `was: ops\n${text}`);
    const same = await ops.pusher("review", "--all");
    expect({ code: same.code, stdout: same.stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining("Nothing would change."),
    });
    expect(same.stdout).not.toContain("danger");

    // Tokens, bots, values, rules and guards are those of the beginning, and the other pusher's.
    const [tokens, variables, rules] = (await held()) as { id: number; key: string; name: string }[][];
    const [tokensBefore, variablesBefore, rulesBefore] = before as { id: number; key: string; name: string }[][];
    expect(tokens!.filter(({ id }) => tokensBefore!.some((each) => each.id === id))).toHaveLength(2);
    expect(variables!.filter(({ key }) => key === "svc39_KEY")).toEqual(variablesBefore);
    expect(rules!.map(({ name }) => name).sort()).toEqual(rulesBefore!.map(({ name }) => name).sort());
  },
  TIMEOUT,
);

test(
  "GIVEN a whole file that is taken out WHEN anybody looks THEN its living tokens are a danger, until it was emptied by a deploy",
  async () => {
    const digest = async () => JSON.parse((await ops.pusher("review", "--all", "--json")).stdout).digest as string;
    const ofNothing = await digest();
    ops.git("rm", "--quiet", "pushers/ops.yaml");
    ops.commit();

    const drift = await ops.pusher("review", "--all", "--fail-on-changes");
    expect(drift.code).toBe(1);
    expect(drift.stdout).toMatch(
      /^danger: ops: stack taken out: .*\(put pushers\/ops\.yaml back with .*\): 2 tokens, 1 variable and 4 rules$/m,
    );
    expect(await digest()).not.toBe(ofNothing);
    const expiry = await ops.pusher("status", "--fail-under", "14d");
    expect(expiry.code).toBe(1);
    expect(expiry.stdout).toMatch(/2 tokens, 1 variable and 4 rules in the state of ops, whose file is gone/);
    const deployed = await ops.pusher("deploy");
    expect(deployed.stderr).toContain("danger: ops: stack taken out");
    expect((await ops.pusher("deploy", "--reviewed", ofNothing)).code).toBe(1);

    // The way out.
    ops.write({ ops: "edition: premium\npushers: {}\n" });
    expect((await ops.pusher("deploy")).stdout).toBe("Deployed ops.\n");
    ops.commit();
    ops.git("rm", "--quiet", "pushers/ops.yaml");
    ops.commit();
    const clean = await ops.pusher("review", "--all", "--fail-on-changes");
    expect({ code: clean.code, stdout: clean.stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining("Nothing would change."),
    });
    expect(await digest()).toBe(ofNothing);
    expect((await ops.pusher("status")).code).toBe(0);
  },
  TIMEOUT,
);
