import type { SandboxOptions } from "../../sandbox/sandbox";
import { Deployment, inventory } from "../support/deployment";
import type { TerraformPlan } from "../support/terraform-workspace";

const KEY = "GITLAB_PUSHER_TOKEN";
const RULES = "/projects/xlink%2Fgitops/protected_branches";

interface Variant {
  readonly what: string;
  readonly sandbox: SandboxOptions;
  readonly head?: string;
  readonly edition: "free" | "premium";
  /** Who may push to main before and after a change of the rule. */
  readonly main: readonly [string, string];
  readonly pushers: readonly [string, string];
  /** What a change of a level does. */
  readonly change: readonly string[];
}

const FREE = {
  edition: "free",
  main: ["push: developer", "push: no one"],
  pushers: ["Developers + Maintainers", "No one"],
} as const;

const PREMIUM = {
  edition: "premium",
  main: ["push: bot", "push: developer, allowed_to_push: [bot]"],
} as const;

const BOTS = "GITLAB_CI_PUSHER, GITLAB_CI_PUSHER_B";

const inOrder = (who = "") => who.split(", ").sort().join(", ");

describe.each<Variant>([
  {
    ...PREMIUM,
    what: "18 on Premium",
    sandbox: { providerVersion: 18, edition: "premium" },
    pushers: [`${BOTS}, No one`, `Developers + Maintainers, ${BOTS}`],
    change: ["DELETE", "POST"],
  },
  {
    ...PREMIUM,
    what: "19 on Premium",
    sandbox: { providerVersion: 19, edition: "premium" },
    pushers: [BOTS, `Developers + Maintainers, ${BOTS}`],
    change: ["PATCH"],
  },
  {
    ...FREE,
    what: "19 on Enterprise Edition without a licence",
    sandbox: { providerVersion: 19, package: "ee" },
    change: ["PATCH"],
  },
  {
    ...FREE,
    what: "19 on Community Edition",
    sandbox: { providerVersion: 19 },
    head: "package: ce\n",
    change: ["DELETE", "POST"],
  },
])("provider $what", ({ sandbox, edition, head = "", main, pushers, change }) => {
  let deployment: Deployment;
  const written = (push: string, more = "", expires = "2100-12-01, 2100-06-01", protection = "") =>
    inventory({
      edition,
      head: head + protection,
      token: `{expires: [${expires}]}`,
      branches: `{main: {${push}}${more}}`,
    });
  const RELEASE = ", release/*: {push: developer, import: true}";
  const first = written(main[0], RELEASE);

  beforeAll(async () => {
    deployment = await Deployment.start(sandbox);
    await deployment.api.post(RULES, { name: "release/*", push_access_level: 40, merge_access_level: 40 });
  });
  afterAll(() => deployment.stop());

  const value = async () => (await deployment.job("xlink/gitops")).variables[KEY] ?? "";
  const ruleWrites = async () =>
    (await deployment.calls()).filter((call) => !call.startsWith("GET ") && /protected_branches/.test(call));

  test("GIVEN a first deploy that broke off over one rule, and another rule to adopt WHEN it is deployed again THEN both are taken over, the bot pushes, and nothing is left to do", async () => {
    // GIVEN GitLab's answer to main's rule, which comes after those of both guards, is lost
    await deployment.api.control("POST", "faults", {
      ...{ method: "POST", path: "/protected_branches$", after: 2, lose_answer: true },
    });
    expect((await deployment.tryDeploy(first)).exitCode).toBe(1);
    expect(Object.keys(await deployment.rules()).sort()).toEqual(["mai*n", "main", "release/*", "release/**"]);
    expect((await deployment.terraform("state", "list")).stdout).not.toMatch(/Rulemain_[0-9A-F]{8}$/m);

    // WHEN
    await deployment.forgetCalls();
    await deployment.deploy(first);

    // THEN main's rule is left as it is
    const writes = await ruleWrites();
    expect(writes.map((call) => call.split(" ")[0])).toEqual(change);
    expect(writes.filter((call) => /main$/.test(call))).toEqual([]);
    expect((await deployment.plan(first)).isEmpty).toBe(true);
    const { main: who, ...others } = await deployment.rules();
    expect(inOrder(who)).toBe(pushers[0]);
    expect(others).toEqual({
      "mai*n": "No one",
      "release/*": "Developers + Maintainers",
      "release/**": "No one",
    });
    expect((await deployment.push(await value())).code).toBe(0);
  });

  test("GIVEN a rule that somebody changed by hand WHEN it is deployed THEN it is as declared", async () => {
    await deployment.api.delete(`${RULES}/main`);
    await deployment.api.post(RULES, {
      name: "main",
      push_access_level: 30,
      merge_access_level: 30,
      allow_force_push: true,
    });
    const { changes } = await deployment.plan(first);
    expect(changes.filter(({ actions }) => actions.join() !== "no-op").map(({ name }) => name)).toEqual([
      expect.stringMatching(/Rulemain_[0-9A-F]{8}$/),
    ]);
    await deployment.deploy(first);
    expect((await deployment.plan(first)).isEmpty).toBe(true);
    expect(inOrder((await deployment.rules()).main)).toBe(pushers[0]);
  });

  test("GIVEN a rotation THEN no rule is written, and both bots stay", async () => {
    const before = (await deployment.api.get(RULES)).body;
    await deployment.forgetCalls();
    const rotated = written(main[0], RELEASE, "2100-12-01, 2100-12-20");
    await deployment.deploy(rotated);
    expect(await ruleWrites()).toEqual([]);
    expect((await deployment.api.get(RULES)).body).toEqual(before);
    expect((await deployment.plan(rotated)).isEmpty).toBe(true);
  });

  test("GIVEN another level WHEN it is deployed THEN the rule is changed, and a guard stands meanwhile", async () => {
    await deployment.forgetCalls();
    const changed = written(main[1], RELEASE, "2100-12-01, 2100-12-20");
    await deployment.deploy(changed);
    expect((await ruleWrites()).map((call) => call.split(" ")[0])).toEqual(change);
    expect(inOrder((await deployment.rules()).main)).toBe(pushers[1]);
    expect((await deployment.rules())["mai*n"]).toBe("No one");
    expect((await deployment.plan(changed)).isEmpty).toBe(true);
  });

  test("GIVEN a rule taken out THEN it stays in GitLab; destroyed, all is gone", async () => {
    await deployment.deploy(written(main[0], "", "2100-12-01, 2100-12-20"));
    expect(await deployment.rules()).toHaveProperty(["release/*"]);
    await deployment.synth(written(main[0], "", "2100-12-01, 2100-12-20", "deletion_protection: false\n"));
    expect((await deployment.destroy()).exitCode).toBe(0);
    expect(Object.keys(await deployment.rules())).toEqual(["release/*"]);
  });
});

describe("the move of a deployed stack", () => {
  let deployment: Deployment;
  const text = inventory({
    edition: "premium",
    token: "{expires: [2100-12-01, 2100-06-01]}",
    branches: "{main: {push: bot}, release/*: {push: developer, allowed_to_push: [bot]}}",
  });
  const back = text.replace("allowed_to_push: [bot]", "allowed_to_push: [bot], import: true");

  beforeAll(async () => {
    deployment = await Deployment.start({ edition: "premium" });
    await deployment.deploy(text);
  });
  afterAll(() => deployment.stop());

  const tokens = async () => (await deployment.api.get("/projects/xlink%2Fgitops/access_tokens")).body;
  const acting = async (plan: Promise<TerraformPlan>) =>
    Object.fromEntries(
      (await plan).changes
        .filter(({ actions }) => actions.join() !== "no-op")
        .map(({ name, actions }) => [name.replace(/_[0-9A-F]{8}$/, ""), actions.join()]),
    );
  const push = async () => (await deployment.push((await deployment.job("xlink/gitops")).variables[KEY] ?? "")).code;

  test("from 18 to 19 takes one PATCH of the rule that is for the bot alone, and nothing else", async () => {
    const before = await tokens();
    await deployment.useProvider(19);
    expect(await acting(deployment.plan(text))).toEqual({ gitops_Rulemain: "update" });
    await deployment.forgetCalls();
    await deployment.deploy(text);
    expect((await deployment.calls()).filter((call) => !call.startsWith("GET "))).toEqual([
      "PATCH /api/v4/projects/xlink/gitops/protected_branches/main",
    ]);
    expect(await tokens()).toEqual(before);
    expect((await deployment.plan(text)).isEmpty).toBe(true);
    expect(await push()).toBe(0);
  });

  test("on 19 a guard comes and goes together with other levels, as the rule stays where it is", async () => {
    const writesOf = async (declared: string) => {
      await deployment.forgetCalls();
      await deployment.deploy(declared);
      return (await deployment.calls()).filter((call) => /^(POST|PATCH|DELETE) /.test(call)).sort();
    };
    const open = text.replace("push: bot", "push: developer, allowed_to_push: [bot], guard: false");
    const rules = "/api/v4/projects/xlink/gitops/protected_branches";
    expect(await writesOf(open)).toEqual([`DELETE ${rules}/mai*n`, `PATCH ${rules}/main`]);
    expect(await writesOf(text)).toEqual([`PATCH ${rules}/main`, `POST ${rules}`]);
    expect((await deployment.rules())["mai*n"]).toBe("No one");
  });

  test("from 19 to 18 Terraform refuses; with the rules out of the state two deploys take them over, behind their guards", async () => {
    const before = await tokens();
    await deployment.useProvider(18);
    expect((await deployment.tryDeploy(back)).errors).toContain("newer provider version");
    const rules = (await deployment.terraform("state", "list")).stdout
      .split("\n")
      .filter((each) => each.includes("_protection."));
    expect((await deployment.terraform("state", "rm", ...rules)).errors).toBe("");
    await deployment.forgetCalls();
    await deployment.deploy(back);
    await deployment.deploy(back);
    const writes = (await deployment.calls()).filter((call) => !call.startsWith("GET "));
    expect(writes.filter((call) => !/protected_branches/.test(call))).toEqual([]);
    expect(writes.filter((call) => /^DELETE .*\/(mai\*n|release\/\*\*)$/.test(call))).toEqual([]);
    expect((await deployment.plan(text)).isEmpty).toBe(true);
    expect(await tokens()).toEqual(before);
    expect(await push()).toBe(0);
  });
});
