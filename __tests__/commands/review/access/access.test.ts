import { accessOf, accessText } from "../../../../commands/review/access/access";
import { openedEffects } from "../../../../commands/review/access/opened";
import { effectsOf } from "../../../../commands/review/effects/effects-of";
import { NOTHING_ASKED } from "../../../../commands/review/existing/existing";
import { asMarkdown, asText } from "../../../../commands/review/summary";
import { planOf } from "../../../../commands/stacks/plan";
import type { ProtectedBranch } from "../../../../gitlab/protected-branch";
import {
  type ChangeParts,
  carries,
  guardChange,
  planJson,
  ruleChange,
  tokenChange,
  variableChange,
} from "../../../support/plan-json";
import { planned } from "../../../support/planned";

const plan = (changes: ChangeParts[], ...resources: object[]) => planOf("ops", planJson({ changes, resources }));

const rule = (name: string, ...levels: (number | [user: number, name: string])[]): ProtectedBranch => ({
  name,
  push_access_levels: levels.map((each) =>
    typeof each === "number"
      ? { access_level: each }
      : { access_level: 40, user_id: each[0], access_level_description: each[1] },
  ),
  merge_access_levels: [],
  allow_force_push: false,
});

/** Says that the rule lists the bot of the first slot. */
const LISTS_BOT = {
  address: "gitlab_branch_protection.gitops_Rulemain_B9FA3726",
  expressions: {
    allowed_to_push: [{ user_id: { references: ["gitlab_project_access_token.gitops_Token_2F333BE2.user_id"] } }],
  },
};

function told(changes: ChangeParts[], rules: readonly ProtectedBranch[] | undefined, ...resources: object[]) {
  const existing = { ...NOTHING_ASKED, homes: new Map([["xlink/gitops", { rules }]]) };
  return accessOf(plan(changes, ...resources), existing);
}

const SAME = tokenChange(["no-op"]);
const LEVEL = ["push_access_level"];
const level = (push: string, own: object = {}) =>
  ruleChange(["delete", "create"], { push_access_level: push, ...own }, { replaced: LEVEL });

describe("who gains and who loses push", () => {
  const BOT = "the bot of `gitops` (slot 1)";
  const main = "push to `main` of `xlink/gitops`:";

  test.each<[string, ChangeParts[], ProtectedBranch[], object[], string[]]>([
    [
      "a level that goes down",
      [SAME, level("developer")],
      [rule("main", 40)],
      [],
      [`${main} gained by Developers and ${BOT}`],
    ],
    [
      "a level that goes up",
      [SAME, level("maintainer")],
      [rule("main", 30)],
      [],
      [`${main} lost by Developers and ${BOT}`],
    ],
    [
      "people taken out",
      [level("no one")],
      [rule("main", 40, [7, "Dana `x`"])],
      [],
      [`${main} lost by Maintainers and up and user \`Dana 'x'\` (7)`],
    ],
    ["a wildcard that lets them in as before", [SAME, level("no one")], [rule("main", 30), rule("m*", 30)], [], []],
    ["a new rule for what every Developer might", [ruleChange(["create"])], [], [], [`${main} lost by Developers`]],
    ["a rule taken out", [ruleChange(["delete"])], [rule("main", 0)], [], [`${main} gained by Developers and up`]],
    ["a rule that is forgotten", [ruleChange(["forget"])], [rule("main", 0)], [], []],
    [
      "a new bot, where other rules let it in by its role",
      [tokenChange(["create"], {}, { unknown: { user_id: true } })],
      [rule("release/*", 30), rule("main", 40)],
      [],
      [`push to \`release/*\` of \`xlink/gitops\`: gained by ${BOT}`],
    ],
    [
      "a new bot that a rule lists",
      [tokenChange(["create"], { user_id: undefined }), level("no one", { allowed_to_push: [{}] })],
      [rule("main", 0)],
      [LISTS_BOT],
      [`${main} gained by ${BOT}`],
    ],
    [
      "a bot whose token is rotated",
      [tokenChange(["update"], { user_id: undefined }), level("no one", { allowed_to_push: [{}] })],
      [rule("main", 0, [5, "CI"])],
      [LISTS_BOT],
      [],
    ],
    ["a bot that goes", [tokenChange(["delete"])], [rule("main", 0, [5, "CI"])], [], [`${main} lost by ${BOT}`]],
    [
      "a guard whose rule waits for the next deploy, and none is there",
      [guardChange(["create"])],
      [],
      [],
      [`${main} lost by Developers and up`],
    ],
    ["a guard whose rule waits, and one is there", [guardChange(["create"])], [rule("main", 40)], [], []],
    [
      "a new bot, beside a guard that is there",
      [tokenChange(["create"], {}, { unknown: { user_id: true } })],
      [rule("release/*", 30), rule("release/**", 0)],
      [],
      [`push to \`release/*\` of \`xlink/gitops\`: gained by ${BOT}`],
    ],
    ["a guard", [ruleChange(["no-op"]), guardChange(["create"])], [rule("main", 40)], [], []],
  ])("GIVEN %s THEN it is told by all rules of the branch", (_, changes, rules, resources, lines) => {
    expect(told(changes, rules, ...resources).map(accessText)).toEqual(lines);
  });

  test("GIVEN rules that GitLab does not show THEN nothing is guessed", () => {
    expect(told([level("developer")], undefined)).toEqual([]);
  });

  test("GIVEN a summary THEN it has a line for each branch, and no name makes another", () => {
    const access = told([level("no one")], [rule("main", 40, [7, "Dana\n- @all"])]);
    const review = { ...planned([]), access };
    const line = "push to `main` of `xlink/gitops`: lost by Maintainers and up and user `Dana - @all` (7)";
    expect(asText(review, {}, false)).toContain(`\n${line}\n`);
    expect(asMarkdown(review, {})).toContain(`### Who gains and loses push\n\n- ${line}\n`);
  });
});

describe("a rule that opens what another one closes", () => {
  const opened = (changes: ChangeParts[], rules: readonly ProtectedBranch[]) =>
    openedEffects(plan(changes), { ...NOTHING_ASKED, homes: new Map([["xlink/gitops", { rules }]]) }).map(
      ({ danger }) => danger,
    );
  const PUSH = "push (Developers + Maintainers instead of Maintainers)";

  test.each<[string, ChangeParts[], ProtectedBranch[], string[]]>([
    [
      "one that was made by hand, beside a new one",
      [ruleChange(["create"])],
      [rule("m*", 30)],
      [`"m*" (push: Developers + Maintainers) beside "main" (push: Maintainers): ${PUSH}`],
    ],
    [
      "a new wildcard that overlaps one that is there, with a branch that both match",
      [ruleChange(["create"], { branch: "*-stable", push_access_level: "developer" })],
      [rule("v*", 40)],
      [
        `"*-stable" (push: Developers + Maintainers) beside "v*" (push: Maintainers), such as on v1-stable: push (Developers + Maintainers instead of Maintainers), merge (Maintainers instead of No one)`,
      ],
    ],
    ["rules that stay as they are", [ruleChange(["no-op"])], [rule("main", 40), rule("m*", 30)], []],
    ["a closed one for all, and a branch's own", [ruleChange(["create"])], [rule("*", 0)], []],
    ["a rule and its guard", [level("maintainer"), guardChange(["create"])], [rule("main", 30)], []],
  ])("GIVEN %s THEN that is a danger, or none", (_, changes, rules, dangers) => {
    expect(opened(changes, rules)).toEqual(dangers.map((each) => `opened although a rule closes it: ${each}`));
  });
});

describe("a source that is new", () => {
  const HOLDS = {
    ...carries(2),
    expressions: { value: { references: ["gitlab_project_access_token.gitops_Token_2F333BE2.token"] } },
  };
  const NEW = variableChange(["create"]);
  const danger = (change: ChangeParts, resource: object = HOLDS) =>
    effectsOf(plan([SAME, change], resource)).map((each) => each.danger);
  const SOURCE =
    "new source: Maintainers of `xlink/shop`, and whoever runs a job there on a protected branch or tag, may push to `xlink/gitops`";

  test.each<[string, ChangeParts, string | undefined]>([
    ["a project", NEW, SOURCE],
    ["the target itself", variableChange(["create"], { project: "xlink/gitops" }), undefined],
    ["one that has the variable already", variableChange(["update"], { protected: true }), undefined],
    ["one whose variable is taken over", variableChange(["update"], {}, { importing: "xlink/shop:KEY:*" }), SOURCE],
  ])("GIVEN %s THEN that is a danger, or none", (_, change, expected) => {
    expect(danger(change).at(-1)).toBe(expected);
  });

  test("GIVEN a token that the plan does not show THEN nothing is guessed", () => {
    expect(danger(NEW, carries(2))).toEqual([undefined]);
  });

  test("GIVEN a role that is raised THEN that is told", () => {
    const raised = tokenChange(["create", "delete"], { access_level: "maintainer" }, { replaced: ["access_level"] });
    expect(effectsOf(plan([raised]))[0]?.danger).toContain("; role raised: the bot may push wherever Maintainers may");
  });
});
