import { digestOf } from "../../../commands/review/digest";
import { planOf } from "../../../commands/stacks/plan";
import {
  type ChangeParts,
  carries,
  guardChange,
  type PlanParts,
  planJson,
  ruleChange,
  tokenChange,
  variableChange,
} from "../../support/plan-json";

const digest = (parts: PlanParts, stack = "ops") => digestOf([planOf(stack, planJson(parts))]);

const BUMP = { expires_at: "2030-09-01" };
const WIDER = ruleChange(["delete", "create"], { push_access_level: "developer" });
const PEOPLE = ruleChange(["update"], { allowed_to_push: [{ user_id: 5 }, { user_id: 9 }] });
const SWITCHED = variableChange(["update"], {}, { unknown: { value: true } });
const CHANGES: ChangeParts[] = [tokenChange(["update"], BUMP), SWITCHED, WIDER];
const DIGEST = digest({ changes: CHANGES, resources: [carries(1)] });

test.each<[string, PlanParts]>([
  ["made at another time", { changes: CHANGES, timestamp: "2031-01-01T00:00:00Z" }],
  ["in another order", { changes: [...CHANGES].reverse() }],
  ["beside resources that stay", { changes: [...CHANGES, guardChange(["no-op"])] }],
  [
    "with other secrets, ids and instants",
    {
      changes: [
        tokenChange(["update"], BUMP, {
          before: {
            ...tokenChange(["update"]).before,
            token: "glpat-other",
            id: "xlink/gitops:8",
            created_at: "now",
            user_id: 6,
          },
        }),
        variableChange(["update"], { value: "glpat-other" }, { unknown: { value: true } }),
        WIDER,
      ],
    },
  ],
])("the digest is the same for a plan %s", (_, parts) => {
  expect(digest({ resources: [carries(1)], ...parts })).toBe(DIGEST);
});

test("the digest does not depend on the order of people in a rule", () => {
  const swapped = ruleChange(["update"], { allowed_to_push: [{ user_id: 9 }, { user_id: 5 }] });
  expect(digest({ changes: [PEOPLE] })).toBe(digest({ changes: [swapped] }));
});

test("each of these changes has a digest of its own", () => {
  const [bump, switched] = CHANGES as [ChangeParts, ChangeParts, ChangeParts];
  const resources = [carries(1)];
  const plans: PlanParts[] = [
    {},
    { changes: CHANGES, resources },
    { changes: CHANGES, resources: [carries(2)] },
    { changes: [bump, switched], resources },
    { changes: [tokenChange(["update"], { expires_at: "2030-09-02" }), switched, WIDER], resources },
    { changes: [tokenChange(["create", "delete"], BUMP), switched, WIDER], resources },
    { changes: [bump, switched, ruleChange(["delete", "create"], { push_access_level: "no one" })], resources },
    // The same result from another beginning, as after a change by hand.
    { changes: [bump, switched, { ...WIDER, before: { ...WIDER.before, push_access_level: "no one" } }], resources },
    { changes: [bump, switched, { ...WIDER, importing: "xlink/gitops:main" }], resources },
    { changes: [bump, switched, { ...WIDER, address: "gitlab_branch_protection.other" }], resources },
    { changes: [PEOPLE] },
    { changes: [ruleChange(["update"], { allowed_to_push: [{ user_id: 5 }, { user_id: 10 }] })] },
    { changes: [ruleChange(["forget"])] },
    { changes: [ruleChange(["delete"])] },
    { changes: [tokenChange(["delete"])] },
    { changes: [tokenChange(["delete"], {}, { deposed: "0a1b" })] },
    { changes: [tokenChange(["create"])] },
    {
      changes: [tokenChange(["create"])],
      resources: [{ address: tokenChange([]).address, provisioners: [{ type: "local-exec" }] }],
    },
    {
      changes: [tokenChange(["create"])],
      providers: { gitlab: { expressions: { base_url: { constant_value: "x" } } } },
    },
    { outputs: { url: { actions: ["create"] } } },
    ...[{ provider_config_key: "other" }, { depends_on: ["gitlab_branch_protection.guard"] }].map((declared) => ({
      changes: [tokenChange(["create"])],
      resources: [{ address: tokenChange([]).address, ...declared }],
    })),
    ...["", '["a.b[0]"]'].flatMap((key) =>
      [1, 2].map((slot) => ({
        changes: [{ ...SWITCHED, address: `${SWITCHED.address}[0]${key}` }],
        resources: [carries(slot as 1 | 2)],
      })),
    ),
    ...[1, 2].flatMap((slot) =>
      ["first", "second"].map((given) => ({
        changes: [{ ...SWITCHED, address: `module.outer["x"].module.inner.${SWITCHED.address}[0]` }],
        modules: {
          outer: {
            expressions: { token: { references: [`gitlab_project_access_token.${given}`] } },
            module: { module_calls: { inner: { module: { resources: [carries(slot as 1 | 2)] } } } },
          },
        },
      })),
    ),
  ];
  expect(new Set(plans.map((parts) => digest(parts))).size).toBe(plans.length);
});

test("the digest of a fleet is that of its changed stacks, in any order", () => {
  const [a, b, idle] = [
    planOf("a", planJson({ changes: CHANGES })),
    planOf("b", planJson({ changes: CHANGES })),
    planOf("c", planJson({ changes: [guardChange(["no-op"])] })),
  ];
  expect(digestOf([idle, a])).toBe(digestOf([a]));
  expect(digestOf([b, a])).toBe(digestOf([a, b]));
  expect(new Set([digestOf([a]), digestOf([b]), digestOf([a, b]), digestOf([])]).size).toBe(4);
});
