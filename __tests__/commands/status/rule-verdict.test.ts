import type { DeclaredRule } from "../../../commands/status/declared";
import { ruleFindings } from "../../../commands/status/rule-findings";
import { judgeRule } from "../../../commands/status/rule-verdict";
import type { AccessEntry, ProtectedBranch } from "../../../gitlab/protected-branch";

const role = (access_level: number): AccessEntry => ({ access_level });
const user = (user_id: number): AccessEntry => ({ access_level: 40, user_id });

const rule = (name: string, push: readonly AccessEntry[], more: Partial<ProtectedBranch> = {}): ProtectedBranch => ({
  name,
  push_access_levels: push,
  merge_access_levels: [role(40)],
  allow_force_push: false,
  ...more,
});

const DECLARED: DeclaredRule = {
  stack: "ops",
  pusher: "gitops",
  project: "xlink/gitops",
  branch: "main",
  push: "developer",
  bots: [],
  merge: "maintainer",
  forcePush: false,
  codeOwners: false,
  guard: "mai*n",
  locate: () => "pushers/ops.yaml:7:3",
};
/** `push: bot` with one bot, user 7. */
const BOT: Partial<DeclaredRule> = { push: "no one" };
const GUARD = rule("mai*n", [role(0)], { merge_access_levels: [role(0)] });
const OWNERS = { code_owner_approval_required: true };

describe("a rule of the inventory, by what the project has", () => {
  test.each<[string, Partial<DeclaredRule>, ProtectedBranch[], string, RegExp?]>([
    ["the same", {}, [rule("main", [role(30)]), GUARD], "as declared"],
    ["nothing", {}, [], "missing", /got no rule that matches: every Developer may push/],
    ["a wildcard that closes", {}, [rule("*", [role(0)])], "missing", /got no such rule; allowed: the one of/],
    ["another case of letters", {}, [rule("Main", [role(30)]), GUARD], "missing"],
    ["a lower level", { push: "maintainer" }, [rule("main", [role(30)]), GUARD], "wider", /opens push \(Developers/],
    ["a higher level", {}, [rule("main", [role(40)]), GUARD], "narrower", /allowed: push \(Developers \+ Maintainers /],
    ["a person beside it", {}, [rule("main", [role(30), user(5)]), GUARD], "wider", /user 5/],
    [
      "who else may merge",
      {},
      [rule("main", [role(30)], { merge_access_levels: [role(30)] }), GUARD],
      "wider",
      /merge/,
    ],
    ["force push", {}, [rule("main", [role(30)], { allow_force_push: true }), GUARD], "wider", /opens force push/],
    ["no code owners", { codeOwners: true }, [rule("main", [role(30)]), GUARD], "wider", /approval of code owners/],
    ["code owners", { codeOwners: true }, [rule("main", [role(30)], OWNERS), GUARD], "as declared"],
    [
      "another that opens",
      BOT,
      [rule("main", [role(0), user(7)]), GUARD, rule("m*", [role(30)])],
      "wider",
      /"m\*" .*; fix: remove it/,
    ],
    [
      "a group's that opens",
      BOT,
      [rule("main", [role(0), user(7)]), GUARD, rule("main", [role(30)], { inherited: true })],
      "wider",
      /inherited from the group.*fix: change it in the group/,
    ],
    ["its bot", BOT, [rule("main", [role(0), user(7)]), GUARD], "as declared"],
    ["another's bot in its place", BOT, [rule("main", [role(0), user(8)]), GUARD], "wider", /user 8/],
    ["no bot", BOT, [rule("main", [role(0)]), GUARD], "narrower", /user 7 instead of No one/],
    ["no guard", {}, [rule("main", [role(30)])], "no guard", /got no rule "mai\*n" that lets nobody in/],
    ["a guard that opens", BOT, [rule("main", [role(0), user(7)]), rule("mai*n", [role(30)])], "wider", /"mai\*n"/],
    ["no guard where none is declared", { guard: undefined }, [rule("main", [role(30)])], "as declared"],
    [
      "a pattern that another covers",
      { branch: "release/*", push: "no one", guard: undefined },
      [rule("release/*", [role(0)]), rule("rel*", [role(30)])],
      "wider",
      /"rel\*"/,
    ],
  ])("GIVEN %s", (_, declared, rules, state, told = /^/) => {
    const bots = declared === BOT ? [7] : [];
    const one = { ...DECLARED, ...declared };
    const verdict = judgeRule(one, rules, bots);
    expect(verdict.state).toBe(state);
    const messages = ruleFindings({ rule: one, verdict }).map(({ message }) => message);
    expect(messages.length > 0).toBe(state !== "as declared");
    expect(messages.join("\n")).toMatch(told);
    // The order GitLab lists them in does not matter.
    expect(judgeRule(one, rules.toReversed(), bots).state).toBe(state);
  });

  test("GIVEN nobody can tell who its bots are, people are not compared", () => {
    const rules = [rule("main", [role(0), user(8)]), GUARD];
    expect(judgeRule({ ...DECLARED, ...BOT }, rules, undefined).state).toBe("as declared");
  });
});
