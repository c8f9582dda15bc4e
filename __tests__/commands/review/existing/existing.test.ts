import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { effectsOf } from "../../../../commands/review/effects/effects-of";
import type { Home } from "../../../../commands/review/existing/existing";
import { NOTHING_ASKED } from "../../../../commands/review/existing/existing";
import { readExisting } from "../../../../commands/review/existing/read-existing";
import { inventoryOf } from "../../../../commands/review/existing/way-out";
import { planOf } from "../../../../commands/stacks/plan";
import type { ProtectedBranch } from "../../../../gitlab/protected-branch";
import { FakeGitLab, FakeStatus } from "../../../support/fake-gitlab";
import {
  type ChangeParts,
  carries,
  guardChange,
  planJson,
  ruleChange,
  tagGuardChange,
  tagRuleChange,
  tokenChange,
  variableChange,
} from "../../../support/plan-json";
import { outdir } from "../../../support/synth";

const plan = (...changes: ChangeParts[]) => planOf("ops", planJson({ changes, resources: [carries(2)] }));

const MAINTAINERS = { access_level: 40, access_level_description: "Maintainers" };
const rule = (own: Partial<ProtectedBranch> = {}): ProtectedBranch => ({
  name: "main",
  push_access_levels: [MAINTAINERS],
  merge_access_levels: [MAINTAINERS],
  allow_force_push: false,
  ...own,
});
const DANA = { access_level: 40, access_level_description: "Dana @all", user_id: 7 };
const VARIABLE = { key: "KEY", environment_scope: "*" };
/** As GitLab lists it. */
const LISTED = { ...VARIABLE, value: "secret", protected: true, masked: true, variable_type: "env_var" };
/** Likewise. */
const GITOPS = {
  id: 1,
  path_with_namespace: "xlink/gitops",
  default_branch: "main",
  namespace: { kind: "group", full_path: "xlink" },
};
const NEW_RULE = ruleChange(["create"]);
const NEW_VARIABLE = variableChange(["create"]);

/** Effects of a plan where GitLab has that. */
function told(changes: ChangeParts[], homes: Record<string, Home>, inventory?: string) {
  const project = outdir();
  if (inventory !== undefined) {
    mkdirSync(path.join(project, "pushers"));
    writeFileSync(path.join(project, "pushers", "ops.yaml"), inventory);
  }
  const existing = { ...NOTHING_ASKED, homes: new Map(Object.entries(homes)) };
  const effects = effectsOf(plan(...changes), { existing, inventory: () => inventoryOf(project) });
  return effects.map(({ kind, what, danger }) => [kind, what, danger?.replaceAll(/\S*pushers\/ops/g, "pushers/ops")]);
}
const gitops = (own: Partial<Home>) => ({ "xlink/gitops": { defaultBranch: "trunk", ...own } });

describe("what a plan makes and GitLab has already", () => {
  const INVENTORY = `edition: free
defaults:
  branches: { main: { push: developer } }
pushers:
  gitops:
    target: xlink/gitops
    token: { expires: 2030-06-01 }
    variable: { key: KEY, in: [xlink/shop] }
`;
  const OWN = `${INVENTORY}    branches:\n      main: { push: developer, guard: false }\n`;
  const BARE = INVENTORY.replace(/ {4}variable.*\n/, "");
  const SHARED =
    "add `import: true` to a rule `main` of `gitops`'s own, under pushers/ops.yaml:5:3, as that of defaults else";
  const TWO = ", for two deploys: the first makes the guard";

  test.each<[string, ChangeParts, Home, string | undefined, string]>([
    [
      "a rule, in TypeScript",
      NEW_RULE,
      { rules: [rule()] },
      undefined,
      "import it: add `adopt: true` at the rule for `main`",
    ],
    ["a rule of defaults", NEW_RULE, { rules: [rule()] }, INVENTORY, `import it: ${SHARED}${TWO}`],
    [
      "a rule",
      NEW_RULE,
      { rules: [rule()] },
      OWN,
      "import it: add `import: true` to the rule at pushers/ops.yaml:10:7",
    ],
    [
      "a guard",
      guardChange(["create"]),
      { rules: [rule({ name: "mai*n" })] },
      OWN,
      "add `guard: false` to the rule at pushers/ops.yaml:10:7: what stands there does what it did",
    ],
  ])("GIVEN %s THEN a deploy would fail, and the line that cures it is told", (_, change, home, inventory, fix) => {
    const changes = change === NEW_RULE ? [change] : [change, ruleChange(["no-op"])];
    const found = told(changes, gitops(home), inventory);
    expect(found).toEqual([
      [
        "exists",
        expect.stringMatching(/^(rule|guard) `mai\*?n` of `xlink\/gitops`/),
        expect.stringContaining(`exists already: ${fix}`),
      ],
    ]);
    if (fix.endsWith("10:7")) expect(found[0]![2]).toMatch(/:10:7$/);
  });

  test.each<[string, ChangeParts, string | undefined, string]>([
    ["in TypeScript", NEW_VARIABLE, undefined, "import it: add `adopt: true` at the variable"],
    [
      "in an inventory",
      NEW_VARIABLE,
      INVENTORY,
      "import it: add `import: true` to the variable at pushers/ops.yaml:8:5",
    ],
    [
      "that is not written out",
      NEW_VARIABLE,
      BARE,
      "import it: add `variable: { import: true }` to the pusher at pushers/ops.yaml:5:3",
    ],
    [
      "to be hidden",
      variableChange(["create"], { hidden: true }),
      INVENTORY,
      "delete it in GitLab once no job needs it: a hidden variable cannot be adopted",
    ],
  ])("GIVEN a variable %s THEN the line that cures it is told", (_, change, inventory, fix) => {
    const found = told([change], { "xlink/shop": { variables: [VARIABLE] } }, inventory);
    expect(found).toEqual([["exists", "variable `KEY` of `xlink/shop`", `exists already: ${fix}`]]);
  });

  test("GIVEN one of several variables THEN it is adopted alone", () => {
    const other = {
      ...variableChange(["create"], { project: "xlink/new" }),
      address: "gitlab_project_variable.gitops_Variablexlinknew_00000000",
    };
    const found = told(
      [NEW_VARIABLE, other],
      { "xlink/shop": { variables: [VARIABLE] }, "xlink/new": { variables: [] } },
      INVENTORY,
    );
    expect(found.map(([kind]) => kind)).toEqual(["created", "exists"]);
    expect(found[1]![2]).toContain("let `xlink/shop` stand alone in `in` for that deploy");
  });

  test.each<[string, ChangeParts, Record<string, Home>]>([
    ["another scope", NEW_VARIABLE, { "xlink/shop": { variables: [{ ...VARIABLE, environment_scope: "prod" }] } }],
    ["a group's rule", NEW_RULE, gitops({ rules: [rule({ inherited: true })] })],
    ["a wildcard that matches", NEW_RULE, gitops({ rules: [rule({ name: "ma*" })] })],
    ["what is not shown", NEW_RULE, gitops({})],
    ["a default branch that is not shown", NEW_RULE, { "xlink/gitops": { rules: [rule()] } }],
    ["what the plan replaces", ruleChange(["delete", "create"]), gitops({ rules: [] })],
  ])("GIVEN %s THEN nothing is said to fail", (_, change, homes) => {
    expect(told([change], homes).map(([kind]) => kind)).not.toContain("exists");
  });

  test("GIVEN the rule of the default branch THEN it is told before → after, by name", () => {
    const today = rule({
      push_access_levels: [{ access_level: 0 }, DANA],
      unprotect_access_levels: [MAINTAINERS],
      code_owner_approval_required: true,
    });
    const change = ruleChange(["create"], { push_access_level: "developer", allowed_to_push: [{ user_id: 7 }, {}] });
    expect(told([change, guardChange(["no-op"])], gitops({ defaultBranch: "main", rules: [today] }))).toEqual([
      [
        "opened",
        "rule `main` of `xlink/gitops`: push user `Dana @all` (7) → Developers and up and user `Dana @all` (7) and the bot, code owners: required → not (taken over)",
        "branch opened wider (push, no code owner's approval)",
      ],
    ]);
    // The bot that a rule is for opens nothing.
    const beside = ruleChange(["create"], { allowed_to_push: [{}] });
    expect(told([beside, guardChange(["no-op"])], gitops({ defaultBranch: "main", rules: [rule()] }))).toEqual([
      [
        "changed",
        "rule `main` of `xlink/gitops`: push Maintainers and up → Maintainers and up and the bot (taken over)",
        undefined,
      ],
    ]);
    // Nobody is set for who may take it away in the rule that GitLab makes: Maintainers may.
    const ofNewProject = rule({ unprotect_access_levels: [] });
    expect(told([beside, guardChange(["no-op"])], gitops({ defaultBranch: "main", rules: [ofNewProject] }))).toEqual([
      [
        "changed",
        "rule `main` of `xlink/gitops`: push Maintainers and up → Maintainers and up and the bot (taken over)",
        undefined,
      ],
    ]);
    // What is dangerous whatever there was stays so.
    const forced = ruleChange(["create"], { allow_force_push: true });
    const [[kind, what, danger] = []] = told(
      [forced],
      gitops({ defaultBranch: "main", rules: [rule({ allow_force_push: true })] }),
    );
    expect([kind, what]).toEqual(["changed", "rule `main` of `xlink/gitops` (taken over)"]);
    expect(danger).toMatch(/^left open for a moment: .* without a guard; force pushes allowed/);
  });

  test("GIVEN what a deploy that broke off left THEN the next ones adopt it, and nothing is refused; but what is another's", () => {
    const closed = rule({
      name: "mai*n",
      push_access_levels: [{ access_level: 0 }],
      merge_access_levels: [{ access_level: 0 }],
    });
    const changes = [guardChange(["create"]), NEW_RULE, NEW_VARIABLE];
    const homes = (own: Partial<ProtectedBranch>, description: string) => ({
      ...gitops({ rules: [closed, rule(own)] }),
      "xlink/shop": { variables: [{ ...VARIABLE, description }] },
    });
    const ours = told(changes, homes({}, "gitlab-ci-pusher ops/gitops: pushes"));
    expect(ours.map(([kind, , danger]) => [kind, danger])).toEqual(
      changes.map(() => ["exists", expect.stringContaining("deploy twice")]),
    );
    const others = told(changes, homes({ push_access_levels: [{ access_level: 30 }] }, "by hand"));
    expect(others.map(([, , danger]) => danger?.includes("deploy twice"))).toEqual([false, false, true]);
  });

  test("GIVEN a tag rule THEN it is taken over", () => {
    const tags = [{ name: "v*", create_access_levels: [{ access_level: 0 }] }];
    expect(told([tagRuleChange(["create"]), tagGuardChange(["no-op"])], gitops({ tags }))).toEqual([
      [
        "opened",
        "tag rule `v*` of `xlink/gitops`: create nobody → Maintainers and up (taken over)",
        "tags opened wider",
      ],
    ]);
  });
});

describe("what GitLab is asked", () => {
  let gitlab: FakeGitLab;
  afterEach(() => gitlab.stop());
  const read = async (answers: Record<string, unknown>, ...changes: ChangeParts[]) => {
    gitlab = await FakeGitLab.start(answers);
    return readExisting([plan(...changes)], { GITLAB_BASE_URL: gitlab.url, GITLAB_TOKEN: "glpat-x" });
  };

  test("GIVEN changes THEN only what decides them is read, once, and no value is kept", async () => {
    const found = await read(
      {
        "/projects/xlink%2Fgitops": GITOPS,
        "/projects/xlink%2Fgitops/protected_branches": [rule()],
        "/projects/xlink%2Fshop/variables": [LISTED],
      },
      NEW_RULE,
      guardChange(["create"]),
      NEW_VARIABLE,
      tagRuleChange(["no-op"]),
      tokenChange(["update"]),
    );
    expect(gitlab.calls.sort()).toEqual([
      "GET /projects/xlink%2Fgitops",
      "GET /projects/xlink%2Fgitops/protected_branches",
      "GET /projects/xlink%2Fshop/variables",
    ]);
    expect(JSON.stringify([...found.homes])).not.toContain("secret");
    expect(found.homes.get("xlink/shop")?.variables).toEqual([VARIABLE]);
    expect(found.notSeen).toEqual([]);
  });

  test("GIVEN no rule of the name of a new one, but of its group THEN nobody asks which branch is the default one", async () => {
    const rules = [rule({ name: "trunk" }), rule({ inherited: true })];
    await read({ "/projects/xlink%2Fgitops/protected_branches": rules }, NEW_RULE);
    expect(gitlab.calls).toEqual(["GET /projects/xlink%2Fgitops/protected_branches"]);
  });

  test("GIVEN a rule that lists people in place of others THEN they have names, before and after, and bots of the plan need none", async () => {
    const listed = [
      { user_id: 5, access_level: "maintainer" },
      { user_id: 7, access_level: "maintainer" },
    ];
    const before = { ...ruleChange(["update"]).before, allowed_to_push: listed };
    const after = { allowed_to_push: [{ user_id: 8 }, { group_id: 3 }, { deploy_key_id: 4 }, { user_id: 9 }] };
    const changes = [ruleChange(["update"], after, { before }), tokenChange(["no-op"])];
    const existing = await read(
      {
        "/projects/xlink%2Fgitops/protected_branches": [
          { ...rule(), push_access_levels: [{ user_id: 7, access_level: 40, access_level_description: "Dana" }] },
        ],
        "/users/8": { id: 8, username: "ben", name: "Ben" },
        "/groups/3": { id: 3, full_path: "xlink/release" },
        "/projects/xlink%2Fgitops/deploy_keys": [
          { id: 4, title: "mirror", can_push: true, created_at: "2030-01-01T00:00:00Z" },
        ],
      },
      ...changes,
    );
    const [effect] = effectsOf(plan(...changes), { existing, inventory: () => [] });
    expect(effect?.what).toBe(
      "rule `main` of `xlink/gitops`: allowed_to_push the bot of `gitops` (slot 1) and user Dana (7) → user Ben (8) and group `xlink/release` (3) and deploy key mirror (4) and user 9 (name not seen)",
    );
    expect(gitlab.calls.filter((call) => /users/.test(call)).sort()).toEqual(["GET /users/8", "GET /users/9"]);
  });

  test("GIVEN a refusal, or a GitLab that is away THEN that is told and nothing is guessed", async () => {
    const found = await read({ "/projects/xlink%2Fshop/variables": new FakeStatus(403) }, NEW_VARIABLE);
    expect(found.notSeen).toMatchObject([{ what: "variables of xlink/shop", status: 403 }]);
    const away = await readExisting([plan(NEW_VARIABLE)], { GITLAB_BASE_URL: "http://127.0.0.1:9", GITLAB_TOKEN: "x" });
    expect(away.silent).toBeDefined();
    expect((await readExisting([plan(NEW_VARIABLE)], {})).silent).toBe("there is no GITLAB_TOKEN");
  }, 30_000);

  test("GIVEN nothing to make THEN nothing is asked", async () => {
    await read({}, variableChange(["update"]), tokenChange(["update"]), ruleChange(["no-op"]));
    expect(gitlab.calls).toEqual([]);
  });

  test("GIVEN a variable that another address of the plan takes away THEN it is not in the way", async () => {
    const leaving = { ...variableChange(["delete"]), address: "gitlab_project_variable.old_Variable_00000000" };
    const existing = await read({ "/projects/xlink%2Fshop/variables": [LISTED] }, leaving, NEW_VARIABLE);
    const kinds = effectsOf(plan(leaving, NEW_VARIABLE), { existing, inventory: () => [] }).map(({ kind }) => kind);
    expect(kinds.sort()).toEqual(["created", "destroyed"]);
  });
});
