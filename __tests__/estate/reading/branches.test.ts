import { branchPictures, tagPictures } from "../../../estate/reading/branches";
import { whoText } from "../../../estate/who";
import type { ProtectedBranch } from "../../../gitlab/protected-branch";
import { branchOf, rule, token } from "../../support/estate";

const pictures = (rules: readonly ProtectedBranch[]) =>
  branchPictures(rules, "main", [token(), token({ id: 8, userId: 80, level: 40 })]);
const lines = (rules: readonly ProtectedBranch[]) =>
  pictures(rules).map(
    ({ name, kind, push, forcePush, tokens }) =>
      `${kind} ${name}: ${whoText(push)}${forcePush ? ", by force" : ""}; ${tokens}`,
  );

describe("GIVEN rules WHEN they are put together THEN everybody who may push to a name is there", () => {
  test.each<[string, ProtectedBranch[], string[]]>([
    ["no rule", [], ["default main: Developers and up, by force; 7,8", "others *: Developers and up, by force; 7,8"]],
    [
      "a wildcard opens what the rule closes",
      [rule("main", 0), rule("m*", 40, { allow_force_push: true })],
      [
        "rule main: Maintainers and up, by force; 8",
        "rule m*: Maintainers and up, by force; 8",
        "others *: Developers and up, by force; 7,8",
      ],
    ],
    [
      "a wildcard is the default branch's only rule",
      [rule("*", 40)],
      ["default main: Maintainers and up; 8", "rule *: Maintainers and up; 8"],
    ],
    [
      "a wildcard opens a narrower one",
      [rule("release/*", 0), rule("rel*", 30), rule("main", 60)],
      [
        "rule release/*: Developers and up; 7,8",
        "rule rel*: Developers and up; 7,8",
        "rule main: instance admins; ",
        "others *: Developers and up, by force; 7,8",
      ],
    ],
  ])("%s", (_, rules, expected) => {
    expect(lines(rules)).toEqual(expected);
  });

  test("bots, people, groups and deploy keys by name, each once", () => {
    const push_access_levels = [
      { access_level: 40, user_id: 70, access_level_description: "deploy" },
      { access_level: 40, group_id: 3, access_level_description: "release managers" },
      { access_level: 40, deploy_key_id: 5, access_level_description: "mirror" },
      { access_level: 0 },
    ];
    const [main] = pictures([rule("main", 0, { push_access_levels }), rule("*", 0, { push_access_levels })]);
    expect(whoText(main!.push)).toBe("user deploy (70), group release managers (3), deploy key mirror (5)");
    expect(main!.tokens).toEqual([7]);
  });

  test("who may unprotect and whether code owners are asked, where GitLab tells", () => {
    const premium = { code_owner_approval_required: true, unprotect_access_levels: [{ access_level: 40 }] };
    const ofNewProject = rule("trunk", 40, { unprotect_access_levels: [] });
    const found = pictures([rule("main", 30, premium), rule("dev", 30), ofNewProject]);
    expect(branchOf(found, "main")).toMatchObject({ codeOwners: true, unprotect: [{ kind: "role", level: 40 }] });
    expect(branchOf(found, "trunk")).toMatchObject({ unprotect: [{ kind: "role", level: 40 }] });
    expect(branchOf(found, "dev")).toMatchObject({ codeOwners: undefined, unprotect: undefined });
  });

  test("a guard is marked; a rule that is as closed is none", () => {
    const shut = { merge_access_levels: [{ access_level: 0 }] };
    const found = pictures([rule("main", 30), rule("mai*n", 0, shut), rule("old", 0, shut)]);
    expect(found.map(({ name, guard }) => [name, guard])).toEqual([
      ["main", false],
      ["mai*n", true],
      ["old", false],
      ["*", false],
    ]);
  });

  test("tags: nobody, and somebody", () => {
    const tags = tagPictures([
      { name: "v*", create_access_levels: [{ access_level: 40 }] },
      { name: "old", create_access_levels: [{ access_level: 0 }] },
    ]);
    expect(tags.map(({ create }) => whoText(create))).toEqual(["Maintainers and up", "nobody"]);
  });
});
