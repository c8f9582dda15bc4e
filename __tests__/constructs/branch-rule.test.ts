import { type PusherStackProps, PushRule, type PushRuleProps, PushToken } from "../../constructs";
import { problems, resources, stateWith, testStack } from "../support/synth";

const RULE = "gitlab_branch_protection";
const BOT = { user_id: "${gitlab_project_access_token.Token.user_id}" };

/** The rule and its guard, written for provider 19. */
function rendered(stack: PusherStackProps, props: (token: PushToken) => Partial<PushRuleProps>) {
  const made = testStack({ provider: 19, ...stack });
  const token = new PushToken(made, "Token", { project: "xlink/gitops", expires: "2030-06-01" });
  new PushRule(made, "Rule", { project: "xlink/gitops", branch: "main", ...props(token) });
  const { Rule, Rule_Guard_0D9ACA5D: Guard } = resources(made, RULE);
  return { rule: Rule, guard: Guard };
}

describe("a rule for provider 19", () => {
  test("on Community Edition has levels, and none for who may take it away", () => {
    const { rule, guard } = rendered({ package: "ce" }, () => ({ push: "developer" }));
    expect(rule).toEqual({
      project: "xlink/gitops",
      branch: "main",
      push_access_level: "developer",
      merge_access_level: "maintainer",
      allow_force_push: false,
      depends_on: [`${RULE}.Rule_Guard_0D9ACA5D`],
    });
    expect(guard).toMatchObject({ push_access_level: "no one", merge_access_level: "no one" });
  });

  test("on Enterprise Edition without a licence has its levels in lists", () => {
    const { rule, guard } = rendered({}, () => ({ push: "developer" }));
    expect(rule).toEqual({
      project: "xlink/gitops",
      branch: "main",
      allowed_to_push: [{ access_level: "developer" }],
      allowed_to_merge: [{ access_level: "maintainer" }],
      allow_force_push: false,
      depends_on: [`${RULE}.Rule_Guard_0D9ACA5D`],
    });
    expect(guard).toMatchObject({ allowed_to_push: [{ access_level: "no one" }] });
  });

  test("on Premium lists the bot alone, as nobody else comes in beside it, and says who may take the rule away", () => {
    const { rule } = rendered({ edition: "premium" }, (token) => ({ push: "bot", bots: [token] }));
    expect(rule).toMatchObject({
      allowed_to_push: [BOT],
      allowed_to_merge: [{ access_level: "maintainer" }],
      allowed_to_unprotect: [{ access_level: "maintainer" }],
      code_owner_approval_required: false,
    });
  });

  test("on Premium lists a level beside people, by name where Terraform finds the number", () => {
    const { rule } = rendered({ edition: "premium" }, (token) => ({
      push: "maintainer",
      allowedToPush: [token, { user: "dana" }, { deployKey: 12 }],
      unprotect: "admin",
    }));
    expect(rule).toMatchObject({
      allowed_to_push: [
        { access_level: "maintainer" },
        BOT,
        { user_id: expect.stringMatching(/^\$\{data\.gitlab_user\..*\.user_id\}$/) },
        { deploy_key_id: 12 },
      ],
      allowed_to_unprotect: [{ access_level: "admin" }],
    });
  });

  test.each<[string, PusherStackProps, Partial<PushRuleProps>, string | undefined]>([
    [
      "maintainer, beside somebody",
      { provider: 19 },
      { push: "maintainer", allowedToPush: [{ user: 7 }] },
      "developer → maintainer",
    ],
    ["no one, instead of somebody", { provider: 19 }, { push: "no one" }, "developer → no one"],
    ["admin", { provider: 19 }, { push: "admin", allowedToPush: [{ user: 7 }] }, undefined],
    ["the names alone", { provider: 19 }, { push: "no one", allowedToPush: [{ user: 7 }] }, undefined],
    ["maintainer on provider 18", { provider: 18 }, { push: "maintainer", allowedToPush: [{ user: 7 }] }, undefined],
  ])(
    "WHEN a rule that lists somebody gets the level %s THEN it is refused where the provider would leave it out",
    (_, given, props, steps) => {
      const state = (name: string, branch: string, attributes: object) => ({
        mode: "managed",
        type: RULE,
        name,
        instances: [{ attributes: { project: "xlink/gitops", branch, ...attributes } }],
      });
      const stack = testStack({
        edition: "premium",
        ...given,
        state: stateWith([
          state("Rule", "main", {
            allowed_to_push: [{ access_level: "developer" }, { access_level: null, user_id: 7 }],
            allowed_to_merge: [{ access_level: "maintainer" }],
            allowed_to_unprotect: [{ access_level: "maintainer" }],
          }),
          state("Rule_Guard_0D9ACA5D", "mai*n", { allowed_to_push: [{ access_level: "no one" }] }),
        ]),
      });
      new PushRule(stack, "Rule", { project: "xlink/gitops", branch: "main", ...props });
      expect(problems(stack)).toEqual(
        steps === undefined ? [] : [expect.stringContaining(`got push ${steps} in a rule that lists somebody to push`)],
      );
    },
  );
});
