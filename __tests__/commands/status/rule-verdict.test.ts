import { ruleFindings } from "../../../commands/status/rule-findings";
import { judgeRule } from "../../../commands/status/rule-verdict";
import { inWords } from "../../../gitlab/placed-problem";
import type { AccessEntry, ProtectedBranch } from "../../../gitlab/protected-branch";
import type { DeclaredRule } from "../../../inventory/pushers";

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
  pushers: [],
  merge: "maintainer",
  mergers: [],
  unprotect: "maintainer",
  unprotecters: [],
  forcePush: false,
  codeOwners: false,
  guard: "mai*n",
  locate: () => "pushers/ops.yaml:7:3",
};
/** `push: bot` with one bot, user 7. */
const BOT: Partial<DeclaredRule> = { push: "no one" };
const GUARD = rule("mai*n", [role(0)], { merge_access_levels: [role(0)] });
const unprotect = (...unprotect_access_levels: AccessEntry[]) => ({ unprotect_access_levels });
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
    [
      "Developers who may take it away",
      {},
      [rule("main", [role(30)], unprotect(role(30))), GUARD],
      "wider",
      /opens unprotect \(D/,
    ],
    ["a person who may", {}, [rule("main", [role(30)], unprotect(role(40), user(5))), GUARD], "wider", /user 5/],
    ["Maintainers who may", {}, [rule("main", [role(30)], unprotect(role(40))), GUARD], "as declared"],
    ["nobody set, which is Maintainers", {}, [rule("main", [role(30)], unprotect()), GUARD], "as declared"],
    [
      "that, where admins alone may",
      { unprotect: "admin" },
      [rule("main", [role(30)], unprotect()), GUARD],
      "wider",
      /unprotect/,
    ],
    [
      "fewer who may",
      { unprotect: "developer" },
      [rule("main", [role(30)], unprotect(role(40))), GUARD],
      "narrower",
      /allowed: unprotect \(Developers \+ Maintainers instead of Maintainers\), as declared/,
    ],
    [
      "another that Developers may take away",
      {},
      [rule("main", [role(30)]), GUARD, rule("m*", [role(40)], unprotect(role(30)))],
      "as declared",
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
    const named = { push: declared === BOT ? [user(7)] : [], merge: [], unprotect: [] };
    const one = { ...DECLARED, ...declared };
    const verdict = judgeRule(one, rules, named);
    expect(verdict.state).toBe(state);
    const messages = ruleFindings({ rule: one, verdict }).map(({ problem }) => inWords(problem));
    expect(messages.length > 0).toBe(state !== "as declared");
    expect(messages.join("\n")).toMatch(told);
    // The order GitLab lists them in does not matter.
    expect(judgeRule(one, rules.toReversed(), named).state).toBe(state);
  });

  test("GIVEN nobody can tell whom it lets in by name, names are not compared, and levels are", () => {
    const judged = (rules: ProtectedBranch[], declared = BOT) =>
      judgeRule({ ...DECLARED, ...declared }, rules, { push: undefined, merge: [], unprotect: [] }).state;
    expect(judged([rule("main", [role(0), user(8)]), GUARD])).toBe("not known");
    expect(judged([rule("main", [role(30), user(8)]), GUARD])).toBe("wider");
  });

  test("GIVEN users, groups and deploy keys in its lists, and others in GitLab, tells them apart", () => {
    const [group, key] = [
      { access_level: 40, group_id: 3 },
      { access_level: 40, deploy_key_id: 12 },
    ];
    const named = { push: [user(5), key], merge: [group], unprotect: [] };
    const judged = (push: AccessEntry[], merge: AccessEntry[]) =>
      judgeRule({ ...DECLARED, ...BOT }, [rule("main", push, { merge_access_levels: merge }), GUARD], named).state;
    expect(judged([role(0), key, user(5)], [group, role(40)])).toBe("as declared");
    expect(judged([role(0), { ...key, deploy_key_id: 13 }, user(5), key], [role(40), group])).toBe("wider");
    expect(judged([role(0), user(5)], [role(40), group])).toBe("narrower");
    expect(judged([role(0), key, user(5)], [role(40), { ...group, group_id: 4 }, group])).toBe("wider");
  });
});
