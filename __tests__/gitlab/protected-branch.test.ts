import {
  codeOwnerRule,
  isProtected,
  matchingRules,
  mayForcePush,
  openings,
  type ProtectedBranch,
  pushDecision,
  type RuleSubject,
} from "../../gitlab/protected-branch";

const role = (access_level: number) => ({ access_level });
const user = (user_id: number) => ({ access_level: 40, user_id });

const rule = (name: string, push: number | object[], more: Partial<ProtectedBranch> = {}): ProtectedBranch => ({
  name,
  push_access_levels: (typeof push === "number" ? [role(push)] : push) as ProtectedBranch["push_access_levels"],
  merge_access_levels: [role(40)],
  allow_force_push: false,
  ...more,
});

/** Lets nobody do anything. */
const shut = (name: string): ProtectedBranch => rule(name, 0, { merge_access_levels: [role(0)] });

const BOT: RuleSubject = { userId: 7, level: 30 };

describe("whether a push is let through", () => {
  test.each<[string, ProtectedBranch[], string, RuleSubject, string, string?]>([
    ["no rule", [], "main", BOT, "unprotected"],
    ["another branch's rule", [rule("main", 0)], "feature", BOT, "unprotected"],
    ["the role of the rule", [rule("main", 30)], "main", BOT, "allowed", "main"],
    ["a higher role", [rule("main", 30)], "main", { level: 40 }, "allowed", "main"],
    ["a lower role", [rule("main", 40)], "main", BOT, "refused"],
    ["no one, even an Owner", [rule("main", 0)], "main", { level: 50 }, "refused"],
    ["instance admins", [rule("main", 60)], "main", { level: 50 }, "refused"],
    ["a wildcard beside a closed exact rule", [rule("main", 0), rule("m*", 30)], "main", BOT, "allowed", "m*"],
    ["an exact rule beside a closed wildcard", [rule("*", 0), rule("main", 30)], "main", BOT, "allowed", "main"],
    ["another case of the letters", [rule("Main", 0)], "main", BOT, "unprotected"],
    ["a slash under a wildcard", [rule("release*", 0)], "release/1", BOT, "refused"],
    ["a listed bot", [rule("main", [role(0), user(7)])], "main", BOT, "allowed", "main"],
    [
      "another listed bot: its level decides nothing",
      [rule("main", [role(0), user(8)])],
      "main",
      { userId: 7, level: 40 },
      "refused",
    ],
    ["a listed user, and nobody knows who pushes", [rule("main", [user(8)])], "main", { level: 40 }, "unknown"],
    ["a group", [rule("main", [{ access_level: 40, group_id: 3 }])], "main", BOT, "unknown"],
    ["a deploy key", [rule("main", [{ access_level: 40, deploy_key_id: 3 }])], "main", BOT, "refused"],
    ["nobody knows the role", [rule("main", 40)], "main", {}, "unknown"],
    ["nobody knows the role, and nobody is let in", [rule("main", 0)], "main", {}, "refused"],
  ])("%s", (_, rules, branch, who, outcome, opener = "") => {
    const decision = pushDecision(rules, branch, who);
    expect([decision.outcome, decision.opener?.name ?? ""]).toEqual([outcome, opener]);
  });
});

test("exact rules come first among those that match", () => {
  const rules = [rule("*", 0), rule("main", 0), rule("m*n", 0), rule("other", 0)];
  expect(matchingRules(rules, "main").map(({ name }) => name)).toEqual(["main", "*", "m*n"]);
  expect([isProtected(rules, "main"), isProtected([rule("x", 0)], "main")]).toEqual([true, false]);
});

test("force push: one matching rule that allows it is enough; code owners: one that asks for them", () => {
  const rules = [rule("main", 30, { code_owner_approval_required: true }), rule("*", 0, { allow_force_push: true })];
  expect([mayForcePush(rules, "main"), mayForcePush(rules.slice(0, 1), "main"), mayForcePush([], "main")]).toEqual([
    true,
    false,
    true,
  ]);
  expect([codeOwnerRule(rules, "main")?.name, codeOwnerRule(rules, "feature")]).toEqual(["main", undefined]);
});

describe("a wildcard that opens what the exact rule closes", () => {
  test.each<[string, ProtectedBranch[], string[]]>([
    ["closes more", [rule("main", 30), rule("mai*n", 0)], []],
    ["is as open", [rule("main", 40), rule("*", 40)], []],
    ["opens push", [rule("main", 0), rule("*", 30)], ["push (Developers + Maintainers instead of No one)"]],
    ["opens force push", [rule("main", 30), rule("*", 0, { allow_force_push: true })], ["force push"]],
    [
      "opens merge",
      [rule("main", 30), rule("*", 0, { merge_access_levels: [role(30)] })],
      ["merge (Developers + Maintainers instead of Maintainers)"],
    ],
    [
      "lists a user",
      [rule("main", [role(0), user(7)]), rule("*", [role(0), user(8)])],
      ["push (No one, user 8 instead of No one, user 7)"],
    ],
    ["lists the same user", [rule("main", [role(0), user(7)]), rule("*", [user(7)])], []],
    ["stands alone: then it is the rule", [rule("*", 30)], []],
    ["is the rule's guard", [rule("main", 30), shut("mai*n"), rule("m*", 30)], []],
  ])("%s", (_, rules, opens) => {
    expect(openings(rules, "main").flatMap((opening) => opening.opens)).toEqual(opens);
  });
});

describe("a rule that opens what another one closes", () => {
  test.each<[string, ProtectedBranch[], string[]]>([
    ["opens it", [rule("release/*", 40), rule("rel*", 30)], ["rel* over release/* on release/1"]],
    ["is narrower itself", [rule("rel*", 40), rule("release/*", 30)], []],
    ["only overlaps", [rule("*-prod", 0), rule("feature/*", 30)], ["feature/* over *-prod on feature/1-prod"]],
    ["overlaps from the other side", [rule("*-stable", 30), rule("v*", 40)], ["*-stable over v* on v1-stable"]],
    ["has no branch in common", [rule("v*-rc", 0), rule("v*-final", 30)], []],
    ["is a branch's, for which the wildcard is closed", [rule("*", 0), rule("main", 30)], []],
    ["is the group's, of the same name", [rule("main", 0), rule("main", 30, { inherited: true })], ["main over main"]],
    ["matches the same branches: it is the guard's rule", [rule("release/*", 30), shut("release/**")], []],
    ["opens a rule that has its guard", [rule("v*", 30), rule("v1/*", 40), shut("v1/**")], ["v* over v1/* on v1/1"]],
    ["stands above two", [rule("a/b", 0), rule("a/*", 0), rule("*", 40)], ["* over a/b", "* over a/* on a/1"]],
    ["has a name that is no branch's", [rule("[", 0), rule("*", 30)], ["* over ["]],
  ])("%s", (_, rules, found) => {
    const told = openings(rules).map(({ opener, closed, branch }) => {
      const isNamed = [opener.name, closed.name].includes(branch);
      return `${opener.name} over ${closed.name}${isNamed ? "" : ` on ${branch}`}`;
    });
    expect(told).toEqual(found);
  });

  test("is told of a branch that both match, and of no other", () => {
    const rules = [rule("release/*", 40), rule("rel*", 30)];
    expect([openings(rules, "release/1.0").length, openings(rules, "relay").length]).toEqual([1, 0]);
  });
});
