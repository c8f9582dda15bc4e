import type { AccessLevel } from "../../gitlab/access-level";
import { BranchPattern } from "../../gitlab/branch-pattern";
import { letsIn, opensBeyond, type Rule, type RuleBot } from "../../gitlab/rule";

const ANNA: RuleBot = { id: "anna", role: "developer" };
const BEN: RuleBot = { id: "ben", role: "developer" };

const rule = (push: AccessLevel, more: Partial<Rule> = {}): Rule => ({
  pattern: BranchPattern.parse("*"),
  push,
  bots: [],
  merge: "maintainer",
  allowForcePush: false,
  ...more,
});

test.each<[string, Rule, Rule, string[]]>([
  ["developer beside maintainer", rule("developer"), rule("maintainer"), ["push (developer instead of maintainer)"]],
  ["maintainer beside developer", rule("maintainer"), rule("developer"), []],
  ["maintainer beside no one", rule("maintainer"), rule("no one"), ["push (maintainer instead of no one)"]],
  ["admin beside no one", rule("admin"), rule("no one"), ["push (admin instead of no one)"]],
  ["admin beside maintainer", rule("admin"), rule("maintainer"), []],
  ["the same", rule("developer"), rule("developer"), []],
  [
    "developer beside a bot",
    rule("developer"),
    rule("no one", { bots: [ANNA] }),
    ["push (developer instead of the bot only)"],
  ],
  ["another bot", rule("no one", { bots: [BEN] }), rule("no one", { bots: [ANNA] }), ["push (the bot of ben)"]],
  ["the same bot", rule("no one", { bots: [ANNA] }), rule("no one", { bots: [ANNA] }), []],
  ["a bot whose role is let in anyway", rule("no one", { bots: [BEN] }), rule("developer"), []],
  [
    "a user",
    rule("no one", { pushers: ["user ann"] }),
    rule("maintainer", { pushers: ["user ben"] }),
    ["push (user ann)"],
  ],
  ["the same user", rule("no one", { pushers: ["user ann"] }), rule("no one", { pushers: ["user ann"] }), []],
  ["a user beside developers", rule("no one", { pushers: ["user ann"] }), rule("developer"), []],
  [
    "a deploy key beside developers",
    rule("no one", { pushers: ["deploy key 5"] }),
    rule("developer"),
    ["push (deploy key 5)"],
  ],
  [
    "a level beside a level with people",
    rule("developer"),
    rule("maintainer", { bots: [ANNA], pushers: ["user ben"] }),
    ["push (developer instead of maintainer, the bot, user ben)"],
  ],
  ["a group that merges", rule("no one", { mergers: ["group a"] }), rule("no one"), ["merge (group a)"]],
  ["merge", rule("no one", { merge: "developer" }), rule("no one"), ["merge (developer instead of maintainer)"]],
  ["force push", rule("no one", { allowForcePush: true }), rule("developer"), ["force push"]],
])("%s", (_, wide, narrow, opened) => {
  expect(opensBeyond(wide, narrow)).toEqual(opened);
});

test.each<[AccessLevel, RuleBot["role"], boolean]>([
  ["developer", "developer", true],
  ["developer", "maintainer", true],
  ["maintainer", "developer", false],
  ["maintainer", "maintainer", true],
  ["admin", "maintainer", false],
  ["no one", "maintainer", false],
])("a rule of level %s lets a bot of role %s in: %s", (push, role, expected) => {
  expect(letsIn(rule(push), { id: "x", role })).toBe(expected);
});
