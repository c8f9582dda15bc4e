import { effectsOf } from "../../../../commands/review/effects/effects-of";
import { failing } from "../../../../commands/review/failing";
import { asMarkdown, asText } from "../../../../commands/review/summary";
import { terraformReport } from "../../../../commands/review/terraform-report";
import { isEmpty, planOf } from "../../../../commands/stacks/plan";
import {
  type ChangeParts,
  carries,
  guardChange,
  type PlanParts,
  planJson,
  ruleChange,
  SECRET,
  tagGuardChange,
  tagRuleChange,
  tokenChange,
  variableChange,
} from "../../../support/plan-json";

const plan = (...changes: ChangeParts[]) => planOf("ops", planJson({ changes, resources: [carries(2)] }));
const SWITCHED = variableChange(["update"], {}, { unknown: { value: true } });
const WIDER = ruleChange(["delete", "create"], { push_access_level: "developer" }, { replaced: ["push_access_level"] });
const REPLACE = ["create", "delete"];
const PROTECTION: ChangeParts = { address: "terraform_data.deletion_protection", actions: ["delete"], before: {} };

describe("what a plan does, in our words", () => {
  const slot = "slot 1 `CI` of `xlink/gitops`";
  const variable = "variable `KEY` of `xlink/shop`";
  const rule = "rule `main` of `xlink/gitops`";
  const push = "push_access_level maintainer";
  const tags = "tag rule `v*` of `xlink/gitops`";
  const everyDeveloper =
    "every Developer may create such a tag on any commit, and its jobs see the protected variables";

  test.each<[string, ChangeParts[], [kind: string, what: string, danger?: string][]]>([
    ["a new token", [tokenChange(["create"])], [["created", `${slot}, role developer, until 2030-06-01`]]],
    [
      "a token whose name Terraform makes up when it deploys",
      [tokenChange(["create"], { name: undefined }, { unknown: { name: true } })],
      [
        [
          "created",
          slot
            .replace("CI", "something that is known after the deploy only")
            .concat(", role developer, until 2030-06-01"),
        ],
      ],
    ],
    [
      "a bumped date",
      [tokenChange(["update"], { expires_at: "2030-09-01" })],
      [["rotated", `${slot}: 2030-06-01 → 2030-09-01`]],
    ],
    [
      "a renamed token",
      [tokenChange(REPLACE, { name: "X" }, { replaced: ["name"] })],
      [
        [
          "replaced",
          slot.replace("CI", "X"),
          "token replaced instead of rotated (name CI → X): its bot is lost, a new one comes",
        ],
      ],
    ],
    [
      "a revoked token",
      [tokenChange(REPLACE)],
      [
        [
          "replaced",
          slot,
          "token replaced instead of rotated (it is gone or unusable in GitLab): its bot is lost, a new one comes",
        ],
      ],
    ],
    [
      "a token taken out",
      [tokenChange(["delete"])],
      [["destroyed", slot, "bot lost: what pushes with this token is refused from then on"]],
    ],
    ["a switch", [SWITCHED], [["switched", `${variable}, holds slot 2`]]],
    ["a value put right", [variableChange(["update"])], [["switched", `${variable}, holds slot 2`]]],
    ["a new variable", [variableChange(["create"])], [["created", `${variable}, holds slot 2`]]],
    [
      "an unprotected variable",
      [variableChange(["update"], { protected: false })],
      [["changed", `${variable}: protected true → false`, "variable no longer protected: more people can read it"]],
    ],
    [
      "a variable made again",
      [variableChange(["delete", "create"], { key: "K" }, { replaced: ["key"] })],
      [
        [
          "replaced",
          variable.replace("KEY", "K"),
          "variable replaced (key KEY → K): jobs that start meanwhile find none",
        ],
      ],
    ],
    ["a variable taken out", [variableChange(["delete"])], [["destroyed", variable]]],
    ["a new rule", [ruleChange(["create"])], [["opened", `${rule}: push maintainer, merge maintainer`]]],
    [
      "a new rule for nobody",
      [ruleChange(["create"], { push_access_level: "no one" })],
      [["closed", `${rule}: push no one, merge maintainer`]],
    ],
    [
      "a wider rule behind its guard",
      [WIDER, guardChange(["no-op"])],
      [["opened", `${rule}: ${push} → developer`, "branch opened wider (push)"]],
    ],
    [
      "a wider rule without a guard",
      [WIDER],
      [
        [
          "opened",
          `${rule}: ${push} → developer`,
          "branch opened wider (push); branch left open for a moment: the rule is replaced without a guard",
        ],
      ],
    ],
    [
      "a guard whose rule waits for the next deploy",
      [guardChange(["create"])],
      [
        [
          "closed",
          "guard `mai*n` of `xlink/gitops`, before `main`: that waits for the next deploy, and stays as it is until then",
        ],
      ],
    ],
    [
      "a guard of tags that comes to a rule",
      [tagRuleChange(["no-op"]), tagGuardChange(["create"])],
      [["closed", "tag guard `v**` of `xlink/gitops`"]],
    ],
    [
      "a narrower rule whose guard is new",
      [ruleChange(["delete", "create"], { push_access_level: "no one" }), guardChange(["create"])],
      [
        ["closed", `${rule}: ${push} → no one`, "branch left open for a moment: the rule is replaced without a guard"],
        ["created", "guard `mai*n` of `xlink/gitops`"],
      ],
    ],
    [
      "force push",
      [ruleChange(["update"], { allow_force_push: true }), guardChange(["no-op"])],
      [["opened", `${rule}: allow_force_push false → true`, "branch opened wider (force push)"]],
    ],
    [
      "one more person",
      [ruleChange(["update"], { allowed_to_push: [{ user_id: 9 }] }), guardChange(["no-op"])],
      [
        [
          "opened",
          `${rule}: allowed_to_push none → user 9 (name not seen)`,
          "branch opened wider (people who may push)",
        ],
      ],
    ],
    [
      "a rule taken out without protection",
      [ruleChange(["delete"]), guardChange(["delete"])],
      [
        ["destroyed", rule, "branch opened: without another rule every Developer may push, force-push and delete it"],
        ["destroyed", "guard `mai*n` of `xlink/gitops`"],
      ],
    ],
    [
      "a new rule with its guard",
      [ruleChange(["create"]), guardChange(["create"])],
      [["opened", `${rule}: push maintainer, merge maintainer`]],
    ],
    ["a rule that is forgotten", [ruleChange(["forget"])], [["forgotten", `${rule}: it stays in GitLab`]]],
    [
      "a rule that is adopted",
      [ruleChange(["no-op"], {}, { importing: "xlink/gitops:main" })],
      [["adopted", `${rule}, by \`xlink/gitops:main\``]],
    ],
    [
      "protection turned off",
      [PROTECTION],
      [
        [
          "destroyed",
          "deletion protection",
          "deletion protection turned off: taking a rule out, or a destroy, opens its branch",
        ],
      ],
    ],
    [
      "what a replacement left",
      [tokenChange(["delete"], {}, { deposed: "0a1b" })],
      [["destroyed", `what an earlier replacement left of ${slot}`]],
    ],
    [
      "a moved resource",
      [ruleChange(["no-op"], {}, { moved: "gitlab_branch_protection.old" })],
      [["changed", `${rule}: moved from \`gitlab_branch_protection.old\``]],
    ],
    [
      "a token that may more",
      [tokenChange(["create"], { scopes: ["write_repository", "api"] })],
      [["created", `${slot}, role developer, until 2030-06-01`, "token that may do more than push (api)"]],
    ],
    [
      "a token with another role",
      [tokenChange(["update"], { access_level: "maintainer" })],
      [["rotated", `${slot}, its date stays (access_level developer → maintainer)`]],
    ],
    [
      "a token that is forgotten",
      [tokenChange(["forget"])],
      [["forgotten", `${slot}: it stays in GitLab`, "it lives on, and nobody looks after it"]],
    ],
    [
      "a variable made again for more jobs and people",
      [
        variableChange(
          ["delete", "create"],
          { protected: false, environment_scope: "prod*" },
          { replaced: ["environment_scope"] },
        ),
      ],
      [
        [
          "replaced",
          `${variable} for \`prod*\`, protected true → false`,
          "variable replaced (environment_scope `*` → `prod*`): jobs that start meanwhile find none; variable no longer protected: more people can read it; variable for more environments (`*` → `prod*`)",
        ],
      ],
    ],
    [
      "a variable that is hidden no longer",
      [
        variableChange(
          ["update"],
          { hidden: false },
          { before: { project: "xlink/shop", key: "KEY", environment_scope: "*", hidden: true } },
        ),
      ],
      [
        [
          "changed",
          expect.stringContaining("hidden true → false") as unknown as string,
          "variable no longer hidden: more people can read it",
        ],
      ],
    ],
    [
      "a group's variable",
      [
        {
          address: "gitlab_group_variable.x",
          actions: ["delete"],
          before: { group: "xlink", key: "KEY", environment_scope: "*" },
        },
      ],
      [["destroyed", "variable `KEY` of group `xlink`"]],
    ],
    [
      "a new rule with force push, and people who may merge and unprotect",
      [
        ruleChange(["create"], {
          allow_force_push: true,
          unprotect_access_level: "developer",
          allowed_to_merge: [{ user_id: 1 }],
        }),
        guardChange(["create"]),
      ],
      [
        [
          "opened",
          `${rule}: push maintainer, merge maintainer and user 1 (name not seen), unprotect developer, force push`,
          "force pushes allowed: whoever may push can rewrite it; every Developer may take the rule away",
        ],
      ],
    ],
    [
      "a new rule that lets people and a deploy key in beside the bot",
      [
        ruleChange(["create"], {
          push_access_level: "no one",
          allowed_to_push: [{ user_id: null }, { user_id: 7 }, { group_id: 8 }, { deploy_key_id: 9 }],
        }),
        guardChange(["create"]),
      ],
      [
        [
          "opened",
          `${rule}: push no one and somebody who is known after the deploy only and user 7 (name not seen) and group 8 (name not seen) and deploy key 9 (name not seen), merge maintainer`,
          "deploy keys may push: whoever holds one, without a token",
        ],
      ],
    ],
    [
      "who may unprotect, where it was GitLab's default",
      [ruleChange(["update"], { unprotect_access_level: "developer" }), guardChange(["no-op"])],
      [["opened", `${rule}: unprotect_access_level none → developer`, "branch opened wider (unprotect)"]],
    ],
    [
      "new tags for every Developer, with their guard",
      [tagRuleChange(["create"], { create_access_level: "developer" }), tagGuardChange(["create"])],
      [["opened", `${tags}: create developer`, everyDeveloper]],
    ],
    [
      "tags closed to all",
      [tagRuleChange(REPLACE, { create_access_level: "no one" }), tagGuardChange(["no-op"])],
      [["closed", `${tags}: create_access_level maintainer → no one`]],
    ],
    [
      "tags opened to every Developer and one person, without a guard",
      [tagRuleChange(REPLACE, { create_access_level: "developer", allowed_to_create: [{ user_id: 9 }] })],
      [
        [
          "opened",
          `${tags}: create_access_level maintainer → developer, allowed_to_create none → user 9 (name not seen)`,
          `${everyDeveloper}; tags left open for a moment: the rule is replaced without a guard`,
        ],
      ],
    ],
    [
      "one more person who may create tags",
      [tagRuleChange(REPLACE, { allowed_to_create: [{ user_id: 9 }] }), tagGuardChange(["no-op"])],
      [["opened", `${tags}: allowed_to_create none → user 9 (name not seen)`, "tags opened wider"]],
    ],
    [
      "a tag rule taken out without protection",
      [tagRuleChange(["delete"]), tagGuardChange(["delete"])],
      [
        ["destroyed", tags, "tags opened: without another rule every Developer may create, move and delete them"],
        ["destroyed", "tag guard `v**` of `xlink/gitops`"],
      ],
    ],
    ["a tag rule that is forgotten", [tagRuleChange(["forget"])], [["forgotten", `${tags}: it stays in GitLab`]]],
    [
      "a token that is replaced, whose bot creates tags",
      [tokenChange(REPLACE), tagRuleChange(["no-op"], { allowed_to_create: [{ user_id: 5 }] })],
      [
        ["replaced", slot, expect.stringContaining("its bot is lost") as unknown as string],
        [
          "changed",
          `${tags}: lets in the bot of ${slot}, which is lost`,
          "the new bot may create such tags only after the next deploy: deploy twice",
        ],
      ],
    ],
    [
      "a rule that goes to another project",
      [ruleChange(["delete", "create"], { project: "xlink/other" }, { replaced: ["project"] }), guardChange(["no-op"])],
      [
        [
          "changed",
          "rule `main` of `xlink/other`: project `xlink/gitops` → `xlink/other`",
          "branch opened: without another rule every Developer may push, force-push and delete it: `main` of `xlink/gitops`",
        ],
        // Its guard belongs to another branch now.
      ],
    ],
    [
      "bots that come with this deploy in place of others",
      [
        ruleChange(
          ["update"],
          { allowed_to_push: [{ group_id: null }] },
          { before: { ...ruleChange(["update"]).before, allowed_to_push: [{ user_id: 5 }] } },
        ),
      ],
      [
        [
          "changed",
          expect.stringContaining(
            "allowed_to_push user 5 (name not seen) → somebody who is known after the deploy only",
          ) as unknown as string,
        ],
      ],
    ],
    [
      "force push, where a rule lists people, of whom only the deploy knows the rest",
      [
        ruleChange(
          ["update"],
          { allow_force_push: true, allowed_to_push: [{ user_id: 6 }, { user_id: 5 }] },
          {
            before: {
              ...ruleChange(["update"]).before,
              allowed_to_push: [
                { user_id: 5, access_level: "maintainer", access_level_description: "Ann" },
                { user_id: 6, access_level: "maintainer", access_level_description: "Ben" },
              ],
            },
          },
        ),
        guardChange(["no-op"]),
      ],
      [["opened", `${rule}: allow_force_push false → true`, "branch opened wider (force push)"]],
    ],
    [
      "a guard that is opened",
      [guardChange(["update"], { push_access_level: "developer", allow_force_push: true })],
      [
        [
          "opened",
          "rule `mai*n` of `xlink/gitops`: push_access_level no one → developer, allow_force_push false → true",
          expect.stringContaining("branch opened wider (push, force push)") as unknown as string,
        ],
      ],
    ],
    [
      "rules of branches that are called like guards",
      [
        ruleChange(["create"]),
        guardChange(["create"]),
        {
          address: "gitlab_branch_protection.gitops_Rulemain_Guard_B23FD73D",
          actions: ["create"],
          after: {
            project: "xlink/gitops",
            branch: "main_Guard",
            push_access_level: "developer",
            allow_force_push: true,
          },
        },
      ],
      [
        [
          "opened",
          "rule `main_Guard` of `xlink/gitops`: push developer, merge maintainer, force push",
          "force pushes allowed: whoever may push can rewrite it",
        ],
        ["opened", `${rule}: push maintainer, merge maintainer`],
      ],
    ],
    ["nothing", [tokenChange(["no-op"]), ruleChange(["no-op"])], []],
  ])("%s", (_, changes, expected) => {
    const found = effectsOf(plan(...changes));
    expect(found.map(({ kind, what, danger }) => [kind, what, ...(danger ? [danger] : [])])).toEqual(expected);
  });

  const token = tokenChange(["create"]);
  const withResource = (more: object): PlanParts => ({
    changes: [token],
    resources: [{ address: token.address, ...more }],
  });
  const label = (actions: string[]): PlanParts => ({
    changes: [{ address: "gitlab_project_label.Label", actions, before: {}, after: {} }],
  });

  test.each<[string, PlanParts, string, string]>([
    ["a resource of another kind", label(["create"]), "created", "a resource that .*: `gitlab_project_label.Label`"],
    ["one that goes", label(["delete"]), "destroyed", "a resource"],
    ["one that is replaced", label(["delete", "create"]), "replaced", "a resource"],
    ["data of somebody else's", { changes: [{ ...token, address: "terraform_data.x" }] }, "created", "a resource"],
    [
      "a protection of a module",
      { changes: [{ ...PROTECTION, address: `module.a.${PROTECTION.address}` }] },
      "destroyed",
      "a resource",
    ],
    ["an output", { outputs: { x: { actions: ["update"] } } }, "changed", "an output that .*: `x`"],
    [
      "a token of a module",
      { changes: [{ ...token, address: `module.a.${token.address}` }] },
      "created",
      "in a module",
    ],
    ["one of several", { changes: [{ ...token, address: `${token.address}[0]` }] }, "created", "of several instances"],
    ["a token with commands", withResource({ provisioners: [{ type: "local-exec" }] }), "created", "runs commands"],
    ["another provider", withResource({ provider_config_key: "gitlab.b" }), "created", "has a provider configuration"],
  ])("GIVEN %s in a plan THEN it is told as what it is, a danger, and refused", (_, parts, kind, what) => {
    const read = planOf("ops", planJson(parts));
    const told = { stack: "ops", pusher: null, kind, what: expect.stringMatching(what), fails: true };
    expect(effectsOf(read)).toEqual([{ ...told, danger: expect.stringContaining("npx cdktf deploy") }]);
    expect(isEmpty(read)).toBe(false);
    const { address } = read.foreign[0]!;
    expect(failing({ fails: [], foreign: [address] })).toMatchObject({ got: expect.stringContaining(address) });
  });

  test("GIVEN the same that stays as it is THEN it is no matter", () => {
    const read = planOf("ops", planJson({ ...label(["no-op"]), outputs: { x: { actions: ["no-op"] } } }));
    expect([effectsOf(read), isEmpty(read)]).toEqual([[], true]);
  });

  test.each([
    ["external", 1],
    ["gitlab_user", 0],
  ])("GIVEN a data source %s that is read at the deploy THEN %d things are not reviewed", (type, count) => {
    const plan = JSON.parse(planJson({ changes: [{ address: `${type}.x`, actions: ["read"] }] }));
    plan.resource_changes[0].mode = "data";
    expect(planOf("ops", JSON.stringify(plan))).toMatchObject({
      changes: [],
      foreign: Array(count).fill({ what: "data source" }),
    });
  });

  test("GIVEN a token and its variable and rule THEN all belong to one pusher", () => {
    const found = effectsOf(plan(tokenChange(["create"]), SWITCHED, WIDER));
    expect(new Set(found.map(({ stack, pusher }) => `${stack}/${pusher}`))).toEqual(new Set(["ops/gitops"]));
  });
});

describe("the summary", () => {
  const review = (...changes: ChangeParts[]) => {
    const plans = [plan(...changes)];
    return {
      effects: plans.flatMap((each) => effectsOf(each)),
      access: [],
      digest: "d".repeat(64),
      digests: {},
      undeclared: [],
      code: [],
      unchecked: [],
      notes: ["1 of 4 stacks differ."],
    };
  };

  test("names dangers first, and no secret", () => {
    const made = review(
      tokenChange(["update"], { expires_at: "2030-09-01", token: "glpat-anothersecret12345" }),
      SWITCHED,
      WIDER,
    );
    for (const text of [asMarkdown(made, {}), asText(made, {}, false)]) {
      expect(text.indexOf("opened wider")).toBeGreaterThan(-1);
      expect(text.indexOf("opened wider")).toBeLessThan(text.indexOf("rotated:"));
      expect(text).toContain("d".repeat(64));
      expect(text).not.toContain("glpat");
      expect(text).not.toContain("\x1b");
    }
  });

  test("says so when there is nothing to do", () => {
    expect(asMarkdown(review(), {})).toContain("Nothing would change.");
  });

  test("tells of code beside the inventory first, few files by name, also when nothing else changes", () => {
    const code = ["main.ts", "a`\n- @all", "c.ts", "d.ts", "e.ts", "f.ts", "g.ts"];
    const line =
      "code or pipeline changed, which may change what is deployed, or how: `main.ts`, `a' - @all`, `c.ts`, `d.ts`, `e.ts` and 2 more";
    expect(asText({ ...review(), code }, {}, false)).toMatch(`Nothing would change.\ndanger: ${line}\n`);
    expect(asMarkdown({ ...review(WIDER), code }, {})).toContain(`### Dangers (2)\n\n- ${line}\n- ops/`);
  });

  test("a name cannot break out of its code span", () => {
    const made = review(tokenChange(["create"], { name: "a`\n# @all" }));
    expect(asMarkdown(made, {})).toContain("`a' # @all`");
  });
});

describe("what is read of a plan", () => {
  test("GIVEN secrets by name, by mark and in nested places THEN none is left", () => {
    const leaky = { note: SECRET, deep: [{ token: SECRET, ok: 1 }], value: SECRET, open: 2 };
    const read = planOf(
      "ops",
      planJson({
        changes: [
          { address: "x.y", actions: ["update"], before: leaky, after: leaky, sensitive: { note: true } },
          { ...tokenChange(["update"]), before: leaky, after: leaky, sensitive: { note: true } },
        ],
        resources: [{ address: tokenChange([]).address, expressions: { value: { constant_value: SECRET } } }],
        providers: { gitlab: { expressions: { token: { constant_value: SECRET } } } },
        outputs: { leak: { actions: ["create"], after: SECRET } },
      }),
    );
    expect(JSON.stringify(read)).not.toContain(SECRET);
    expect(read.changes[0]!.after).toEqual({ deep: [{ ok: 1 }], open: 2 });
  });

  test.each(["", "{}", `{"token": "${SECRET}"`])(
    "GIVEN %j instead of a plan THEN it fails without showing it",
    (text) => {
      expect(() => planOf("ops", text)).toThrow(/^got no plan of ops from show -json; allowed: /);
      expect(() => planOf("ops", text)).not.toThrow(SECRET);
    },
  );
});

test("GitLab's report counts a replacement twice, as GitLab's own template does", () => {
  const plans = [plan(tokenChange(["create"]), SWITCHED, WIDER, ruleChange(["forget"])), plan(guardChange(["no-op"]))];
  expect(terraformReport(plans)).toEqual({ create: 2, update: 1, delete: 1 });
});

describe("what others wrote", () => {
  const told = (...changes: ChangeParts[]) => {
    const effects = effectsOf(plan(...changes));
    const review = { effects, access: [], undeclared: [], code: [], digest: "0".repeat(64), notes: [] };
    return { text: asText(review, {}, false), markdown: asMarkdown(review, {}) };
  };

  test("cannot move a terminal's cursor, or turn the direction of writing", () => {
    const name = "\u001b[1A\u001b[2K\u009b2J\u202eCI\r\nnothing";
    const { text, markdown } = told(tokenChange(["create"], { name }));
    for (const shown of [text, markdown]) {
      expect(shown).toContain("slot 1 `[1A[2K2JCI nothing` of");
      expect(shown.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  });

  test("is code in Markdown, not markup", () => {
    const { markdown } = told(
      variableChange(["update"], { environment_scope: "a", description: "x <!-- @all ![](http://x)" }),
      variableChange(
        ["delete"],
        {},
        {
          before: { project: "p", key: "K", description: "gitlab-ci-pusher ops/` <details>: x" },
        },
      ),
    );
    expect(markdown).toContain("→ `x <!-- @all ![](http://x)`");
    expect(markdown).not.toContain("<details>");
  });
});
