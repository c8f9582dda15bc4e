import { HttpBackend } from "cdktf";
import { type PusherStack, type PusherStackProps, PushRule, type PushRuleProps, PushToken } from "../../constructs";
import { LEFT_OUT } from "../../state/left-out-states";
import { config, problems, resource, resources, stateOf, stateWith, testStack } from "../support/synth";

const RULE = "gitlab_branch_protection";

function rule(stack: PusherStack, props: Partial<PushRuleProps> = {}): PushRule {
  return new PushRule(stack, "Rule", { project: "xlink/gitops", branch: "main", ...props });
}

const token = (stack: PusherStack, project = "xlink/gitops") =>
  new PushToken(stack, "Token", { project, expires: "2030-06-01" });

describe("a push rule", () => {
  test("has a guard that closes the branch while the provider has the rule away (trap 1)", () => {
    const stack = testStack();
    rule(stack, { push: "developer" });
    const { Rule, Rule_Guard_0D9ACA5D: Guard, ...rest } = resources(stack, RULE);
    expect(rest).toEqual({});
    expect(Guard).toEqual({
      project: "xlink/gitops",
      branch: "mai*n",
      push_access_level: "no one",
      merge_access_level: "no one",
      unprotect_access_level: "maintainer",
      allow_force_push: false,
    });
    // The guard stands before the rule and, destroyed in reverse order, after it.
    expect(Rule).toEqual({
      project: "xlink/gitops",
      branch: "main",
      push_access_level: "developer",
      merge_access_level: "maintainer",
      unprotect_access_level: "maintainer",
      allow_force_push: false,
      depends_on: [`${RULE}.Rule_Guard_0D9ACA5D`],
    });
  });

  test("can do without a guard", () => {
    const stack = testStack();
    rule(stack, { guard: false });
    expect(resource(stack, RULE)).not.toHaveProperty("depends_on");
    // and without a level lets in whom GitLab would: maintainers
    expect(resource(stack, RULE)).toMatchObject({ push_access_level: "maintainer", merge_access_level: "maintainer" });
  });

  test("opens a branch only after the bots it names exist (trap 1: a refused rule leaves the branch open)", () => {
    const stack = testStack({ edition: "premium" });
    rule(stack, { push: "bot", bots: [token(stack)], guard: false });
    expect(resource(stack, RULE).depends_on).toEqual(["gitlab_project_access_token.Token"]);
  });

  test("for the bot alone says `no one` beside the list (trap 7: the default level stays in force)", () => {
    const stack = testStack({ edition: "premium" });
    rule(stack, { push: "bot", bots: [token(stack)], guard: false });
    expect(resource(stack, RULE)).toMatchObject({
      push_access_level: "no one",
      allowed_to_push: [{ user_id: "${gitlab_project_access_token.Token.user_id}" }],
      code_owner_approval_required: false,
    });
  });

  test("lets people and deploy keys in by name, beside its levels", () => {
    const stack = testStack({ edition: "premium" });
    const { rule: decides } = rule(stack, {
      push: "maintainer",
      merge: "no one",
      unprotect: "admin",
      allowedToPush: [token(stack), { user: "Anna.Doe" }, { user: 12 }, { deployKey: 5 }],
      allowedToMerge: [{ group: "xlink/release" }],
      allowedToUnprotect: [{ group: 8 }],
      guard: false,
    });
    const { data } = config(stack);
    expect(data).toEqual({
      gitlab_user: { Known_anna_doe_795F9DEC: { username: "Anna.Doe" } },
      gitlab_group_ids: { Known_xlink_release_AED614F2: { group: "xlink/release" } },
    });
    expect(resource(stack, RULE)).toMatchObject({
      push_access_level: "maintainer",
      merge_access_level: "no one",
      unprotect_access_level: "admin",
      allowed_to_push: [
        { user_id: "${gitlab_project_access_token.Token.user_id}" },
        { user_id: "${data.gitlab_user.Known_anna_doe_795F9DEC.user_id}" },
        { user_id: 12 },
        { deploy_key_id: 5 },
      ],
      allowed_to_merge: [{ group_id: "${data.gitlab_group_ids.Known_xlink_release_AED614F2.group_id}" }],
      allowed_to_unprotect: [{ group_id: 8 }],
      depends_on: ["gitlab_project_access_token.Token"],
    });
    expect(decides).toMatchObject({
      push: "maintainer",
      bots: [{ id: "ops/Token" }],
      pushers: ["user anna.doe", "user 12", "deploy key 5"],
      mergers: ["group xlink/release"],
    });
  });

  test("on the free edition has none of the premium attributes (trap 13)", () => {
    const stack = testStack();
    rule(stack, { guard: false });
    expect(Object.keys(resource(stack, RULE)).sort()).toEqual(
      [
        "allow_force_push",
        "branch",
        "merge_access_level",
        "project",
        "push_access_level",
        "unprotect_access_level",
      ].sort(),
    );
  });

  test("without a guard is adopted at once, by project and branch", () => {
    const stack = testStack();
    const { address } = rule(stack, { branch: "release/*", adopt: true, guard: false });
    expect(config(stack).import).toEqual([{ to: address, id: "xlink/gitops:release/*" }]);
  });

  test("with a guard is adopted once the state knows the guard, and until then says so (trap 1)", () => {
    const adopted = (state: object) => {
      const stack = testStack({ state: stateOf(JSON.stringify({ version: 4, ...state })) });
      return { stack, rule: rule(stack, { branch: "release/*", adopt: true }) };
    };
    const first = adopted({});
    expect(Object.keys(resources(first.stack, RULE))).toEqual(["Rule_Guard_0D9ACA5D"]);
    expect(config(first.stack)).not.toHaveProperty("import");
    expect(first.rule.node.metadata.map(({ data }) => data)).toEqual([
      expect.stringMatching(/^release\/\* of xlink\/gitops is adopted in two deploys.*Deploy twice$/),
    ]);
    const second = adopted({
      resources: [{ mode: "managed", type: RULE, name: "Rule_Guard_0D9ACA5D", instances: [{ attributes: {} }] }],
    });
    expect(config(second.stack).import).toEqual([{ to: `${RULE}.Rule`, id: "xlink/gitops:release/*" }]);
    expect(second.rule.address).toBe(first.rule.address);
  });

  /** A stack whose state knows the rule, at a branch of xlink/gitops, and no guard. */
  function managing(branch: string, props: Parameters<typeof testStack>[0] = {}): PusherStack {
    const instances = [{ attributes: { project: "xlink/gitops", branch } }];
    const resources = [{ mode: "managed", type: RULE, name: "Rule", instances }];
    return testStack({ state: stateWith(resources), ...props });
  }

  test("that is managed already is never left out: Terraform would destroy it", () => {
    const stack = managing("main");
    rule(stack, { adopt: true });
    expect(Object.keys(resources(stack, RULE)).sort()).toEqual(["Rule", "Rule_Guard_0D9ACA5D"]);
  });

  test("to be adopted with a guard is refused where the state cannot be seen", () => {
    const stack = testStack();
    new HttpBackend(stack, { address: "https://gitlab.example.com/state" });
    rule(stack, { adopt: true });
    expect(problems(stack)).toEqual([
      expect.stringMatching(/^\[ops\/Rule\] got a rule to adopt .* backend hides its state; .* fix: set guard: false/),
    ]);
  });

  test("to be adopted with a guard is declared in full where the stack is only compared", () => {
    const compared = (push: "developer" | "maintainer"): object => {
      const stack = testStack({ state: { ...stateOf(undefined), hidden: LEFT_OUT } });
      rule(stack, { push, adopt: true });
      expect([problems(stack), Object.keys(resources(stack, RULE)).length]).toEqual([[], 2]);
      return resources(stack, RULE);
    };
    expect(compared("developer")).not.toEqual(compared("maintainer"));
  });

  test.each<[string, string, Partial<PushRuleProps>, boolean, RegExp[]]>([
    [
      "another project",
      "main",
      { project: "xlink/shop" },
      true,
      [/got main of xlink\/shop where the state has main of/],
    ],
    ["another branch", "master", {}, true, [/got main of xlink\/gitops where the state has master of xlink\/gitops/]],
    ["the same in another case", "main", { project: "xlink/GitOps" }, true, []],
    ["another project, unprotected", "main", { project: "xlink/shop" }, false, []],
  ])("moved to %s would leave the old branch open (trap 19)", (_, branch, props, deletionProtection, expected) => {
    const stack = managing(branch, { deletionProtection });
    rule(stack, props);
    expect(problems(stack)).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
  });

  test.each<[string, (stack: PusherStack) => Partial<PushRuleProps>, "free" | "premium", RegExp[]]>([
    [
      "push: bot on free",
      (s) => ({ push: "bot", bots: [token(s)] }),
      "free",
      [/got push: bot; allowed on the free edition: developer, maintainer, no one/],
    ],
    ["push: bot without a bot", () => ({ push: "bot" }), "premium", [/got push: bot without a bot/]],
    [
      "a bot of another project",
      (s) => ({ push: "bot", bots: [token(s, "xlink/shop")] }),
      "premium",
      [/got the bot of ops\/Token, a member of xlink\/shop; allowed: bots of xlink\/gitops/],
    ],
    ["a bot of the project in another case", (s) => ({ push: "bot", bots: [token(s, "xlink/GitOps")] }), "premium", []],
    ["code owners on free", () => ({ codeOwnerApproval: true }), "free", [/got code owner approval/]],
    ["code owners on premium", () => ({ codeOwnerApproval: true }), "premium", []],
    [
      "a bot by name on free",
      (s) => ({ push: "maintainer", allowedToPush: [token(s)] }),
      "free",
      [
        /got the bot of ops\/Token listed to push; allowed on the free edition: levels alone; fix: write push: developer/,
      ],
    ],
    [
      "people who may merge on free",
      () => ({ allowedToMerge: [{ user: "anna" }] }),
      "free",
      [/got user anna listed to merge; allowed on the free edition: levels alone/],
    ],
    [
      "who may unprotect on free",
      () => ({ unprotect: "admin" }),
      "free",
      [/got unprotect: admin; allowed on the free/],
    ],
    [
      "somebody twice, in another case",
      () => ({ allowedToPush: [{ user: "anna" }, { group: 5 }, { user: "Anna" }] }),
      "premium",
      [/got user anna twice, listed to push/],
    ],
    [
      "a deploy key that is to merge",
      () => ({ allowedToMerge: [{ deployKey: 5 }] }),
      "premium",
      [/got deploy key 5 listed to merge; allowed: users and groups/],
    ],
    ["no username", () => ({ allowedToPush: [{ user: "@anna" }] }), "premium", [/got "@anna".*fix: leave the @ out/]],
    ["a template", () => ({ allowedToPush: [{ user: "${x}" }] }), "premium", [/got "\$\{x\}"; allowed: a username/]],
    ["no number", () => ({ allowedToPush: [{ group: 0 }] }), "premium", [/got group 0; allowed: a number as GitLab/]],
    ["no branch", () => ({ branch: "a b" }), "free", [/got "a b"/]],
    ["no project", () => ({ project: "gitops" }), "free", [/full path of a project/]],
  ])("%s (trap 13)", (_, props, edition, expected) => {
    const stack = testStack({ edition });
    rule(stack, props(stack));
    expect(problems(stack)).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
  });

  const NEW_GUARD = /got a new guard and other levels \(push maintainer → developer\) in one deploy/;
  const MAINTAINER = { push_access_level: "maintainer", merge_access_level: "maintainer" };

  test.each<[string, PusherStackProps, object, RegExp | undefined]>([
    ["a level changed in the same deploy", {}, MAINTAINER, NEW_GUARD],
    ["a level changed in the same deploy by 19 on CE", { provider: 19, package: "ce" }, MAINTAINER, NEW_GUARD],
    ["a level changed in the same deploy by 19 on EE, in place", { provider: 19 }, MAINTAINER, undefined],
    [
      "who may unprotect changed in the same deploy",
      {},
      { push_access_level: "developer", merge_access_level: "maintainer", unprotect_access_level: "developer" },
      /got a new guard and other levels \(unprotect developer → maintainer\) in one deploy/,
    ],
    ["nothing else changed", {}, { push_access_level: "developer", merge_access_level: "maintainer" }, undefined],
  ])("whose guard is new, %s (trap 1)", (_, props, levels, problem) => {
    const attributes = { project: "xlink/gitops", branch: "main", ...levels };
    const resources = [{ mode: "managed", type: RULE, name: "Rule", instances: [{ attributes }] }];
    const stack = testStack({ state: stateWith(resources), ...props });
    rule(stack, { push: "developer" });
    expect(problems(stack)).toEqual(problem ? [expect.stringMatching(problem)] : []);
  });

  test.each<[string, string, RegExp | undefined]>([
    [
      "a level changed in the same deploy",
      "maintainer",
      /got guard: false and other levels \(push maintainer → developer\) in one deploy; .*change the levels first, deploy/,
    ],
    ["nothing else changed", "developer", undefined],
  ])("whose guard is given up, %s (trap 1)", (_, push, problem) => {
    const merge = { merge_access_level: "maintainer" };
    const attributes = { project: "xlink/gitops", branch: "main", push_access_level: push, ...merge };
    const closed = { push_access_level: "no one", merge_access_level: "no one" };
    const guard = { project: "xlink/gitops", branch: "mai*n", ...closed };
    const resources = [
      { mode: "managed", type: RULE, name: "Rule", instances: [{ attributes }] },
      { mode: "managed", type: RULE, name: "Rule_Guard_0C0C0C0C", instances: [{ attributes: guard }] },
    ];
    const stack = testStack({ state: stateWith(resources) });
    rule(stack, { push: "developer", guard: false });
    expect(problems(stack)).toEqual(problem ? [expect.stringMatching(problem)] : []);
  });
});
