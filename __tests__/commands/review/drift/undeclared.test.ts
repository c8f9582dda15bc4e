import { type Declared, declaredBy } from "../../../../commands/review/drift/declared";
import { ownOpenings, undeclaredIn } from "../../../../commands/review/drift/undeclared";
import { planOf } from "../../../../commands/stacks/plan";
import type { Estate } from "../../../../estate/estate";
import type { InventoryFile } from "../../../../inventory/load";
import { estate, rule, token } from "../../../support/estate";
import { type ChangeParts, planJson, tokenChange } from "../../../support/plan-json";

const MARK = "gitlab-ci-pusher ops/app/Token";
const OWN = { project: "XLINK/app", description: MARK, user_id: 70 };

/** A stack with the rules `main` and `v*` of tags, the guard, a token, and a deploy key that may push. */
const CONFIGURATION = JSON.stringify([
  {
    resource: {
      gitlab_branch_protection: {
        a: { project: "xlink/app", branch: "main", allowed_to_push: [{ deploy_key_id: 3 }] },
        b: { project: "xlink/app", branch: "mai*n" },
      },
      gitlab_tag_protection: { c: { project: "xlink/app", tag: "v*" } },
      gitlab_project_access_token: { d: { project: "xlink/app", description: MARK } },
    },
  },
  {},
]);

const declared = (changes: ChangeParts[] = [tokenChange(["no-op"], {}, { before: OWN, after: OWN })]): Declared =>
  declaredBy([{ configuration: CONFIGURATION }], [planOf("ops", planJson({ changes }))], []);

const told = (given: Estate, by = declared()) =>
  undeclaredIn({ estate: given, paths: new Map([["xlink/app", "xlink/app"]]) }, by).map(({ what }) => what);

const OURS = token({ slot: "ops/app/Token" });
const shut = (name: string) => rule(name, 0, { merge_access_levels: [{ access_level: 0 }] });
const key = (id: number) => ({ id, title: "ci key", createdAt: "2030-01-01", expiresAt: null, lastUsedAt: null });
const jobToken = { push: true, crossProject: false, limited: undefined, projects: undefined, groups: undefined };

describe("what nobody declared", () => {
  test.each<[string, Estate]>([
    ["what the stack declares", estate({ rules: [rule("main", 30), shut("mai*n")], tokens: [OURS] })],
    ["a key that a declared rule lets in", estate({ tokens: [], project: { deployKeys: [key(3)] } })],
    ["what GitLab does not show", estate({ tokens: [], project: { rules: undefined, deployKeys: undefined } })],
  ])("GIVEN %s THEN nothing is told", (_, given) => {
    expect(told(given)).toEqual([]);
  });

  test("GIVEN the rule that GitLab makes of a default branch THEN it is told once somebody opened or changed it", () => {
    const lines = (given: ReturnType<typeof rule>) =>
      told(estate({ rules: [given], tokens: [], project: { defaultBranch: "trunk" } })).length;
    expect(lines(rule("trunk", 40))).toBe(0);
    expect(lines(rule("trunk", 0))).toBe(0);
    expect(lines(rule("trunk", 30))).toBe(1);
    expect(lines(rule("trunk", 40, { allow_force_push: true }))).toBe(1);
    expect(lines(rule("trunk", 40, { inherited: true }))).toBe(1);
    expect(lines(rule("trunk", 40, { merge_access_levels: [{ access_level: 40, user_id: 7 }] }))).toBe(1);
    expect(lines(rule("trunk", 40, { merge_access_levels: [{ access_level: 30 }] }))).toBe(1);
    expect(lines(rule("trunk", 40, { unprotect_access_levels: [{ access_level: 30 }] }))).toBe(1);
    expect(lines(rule("trunk", 40, { unprotect_access_levels: [{ access_level: 40 }] }))).toBe(0);
    expect(lines(rule("other", 40))).toBe(1);
  });

  test.each<[string, Estate, string[]]>([
    [
      "a rule, with what it opens",
      estate({ rules: [rule("main", 40), rule("m*", 30)], tokens: [] }),
      [
        "branch rule `m*` of `xlink/app`: push Developers and up, merge Maintainers and up, opens what is closed by `main`",
      ],
    ],
    [
      "a rule that overlaps another one, with a branch that both match",
      estate({ rules: [rule("main", 40), rule("v*", 40), rule("*-stable", 30)], tokens: [] }),
      [
        "branch rule `v*` of `xlink/app`: push Maintainers and up, merge Maintainers and up",
        "branch rule `*-stable` of `xlink/app`: push Developers and up, merge Maintainers and up, opens what is closed by `v*` (`v1-stable`)",
      ],
    ],
    [
      "a rule and its guard, as one",
      estate({ rules: [rule("old", 40), shut("ol*d")], tokens: [] }),
      ["branch rule `old` of `xlink/app`: push Maintainers and up, merge Maintainers and up"],
    ],
    [
      "the group's rule of the same name",
      estate({ rules: [rule("main", 40), rule("main", 40, { inherited: true })], tokens: [] }),
      ["branch rule `main` of `xlink/app`, the group's: push Maintainers and up, merge Maintainers and up"],
    ],
    [
      "a rule of tags",
      estate({ tokens: [], project: { tags: [{ name: "rc*", create: [{ kind: "role", level: 30 }] }] } }),
      ["tag rule `rc*` of `xlink/app`: create Developers and up"],
    ],
    [
      "a token",
      estate({ tokens: [token()] }),
      [
        "project access token `deploy` (7) of `xlink/app`: role Developer, scopes write_repository, until 2100-06-01, pushes to `main`, branches without a rule",
      ],
    ],
    [
      "a token of the group",
      estate({ rules: [rule("main", 40)], tokens: [token({ kind: "group", home: "xlink", expiresAt: null })] }),
      [
        "group access token `deploy` (7) of `xlink`: role Developer, scopes write_repository, for ever, pushes to branches without a rule of `xlink/app`",
      ],
    ],
    [
      "a token with the mark of ours, which is another bot's",
      estate({ tokens: [{ ...OURS, userId: 71 }] }),
      [expect.stringContaining("marked `ops/app/Token`, which no state has for it")],
    ],
    [
      "a token with a mark that no stack has",
      estate({ tokens: [token({ slot: "ops/gone/Token" })] }),
      [expect.stringContaining("marked `ops/gone/Token`")],
    ],
    [
      "a deploy key",
      estate({ tokens: [], project: { deployKeys: [key(4)] } }),
      ["deploy key `ci key` (4) of `xlink/app`: write access for ever, pushes to branches without a rule"],
    ],
    [
      "job tokens that may push",
      estate({ tokens: [], project: { jobToken } }),
      ["job token of `xlink/app`: may push, its own jobs, as whoever started them"],
    ],
    [
      "a name that would make another line",
      estate({ tokens: [token({ name: "a`\n- @all" })] }),
      [expect.stringMatching(/^project access token `a' - @all` \(7\)/)],
    ],
  ])("GIVEN %s THEN it is told", (_, given, lines) => {
    expect(told(given)).toEqual(lines);
  });

  test("GIVEN a stack that was not planned THEN its mark tells that a token is ours", () => {
    expect(told(estate({ tokens: [{ ...OURS, userId: 71 }] }), declared([]))).toEqual([]);
  });

  test("GIVEN a rule that waits for its guard THEN the inventory tells that it is declared", () => {
    const content = { pushers: { app: { target: "xlink/app", branches: { "release/*": {} }, tags: {} } } };
    const by = declaredBy([{ configuration: CONFIGURATION }], [], [{ content } as unknown as InventoryFile]);
    expect(told(estate({ rules: [rule("release/*", 30)], tokens: [] }), by)).toEqual([]);
  });

  test("GIVEN a project that was moved THEN what is declared under its former path is no stranger's", () => {
    const given = estate({ tokens: [OURS] });
    const moved = given.projects.map((project) => ({ ...project, path: "new/app" }));
    const targets = {
      estate: { ...given, projects: moved, tokens: [{ ...OURS, home: "new/app" }] },
      paths: new Map([["xlink/app", "new/app"]]),
    };
    expect(undeclaredIn(targets, declared())).toEqual([]);
  });

  test("GIVEN a declared rule that opens what another one closes THEN that is told beside", () => {
    const given = estate({ rules: [rule("main", 30), rule("m*", 40, { inherited: true }), rule("*n", 0)], tokens: [] });
    const targets = { estate: given, paths: new Map() };
    expect(ownOpenings(targets, undeclaredIn(targets, declared()))).toEqual([]);
    const closed = estate({ rules: [rule("main", 30), rule("main", 0, { inherited: true })], tokens: [] });
    expect(ownOpenings({ estate: closed, paths: new Map() }, [])[0]).toMatch(
      /^`xlink\/app`: a declared rule opens what another one closes: "main" \(push: Developers \+ Maintainers\) beside "main" \(push: No one, inherited from the group\): /,
    );
  });
});
