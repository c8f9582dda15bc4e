import { digestOf } from "../../../commands/review/digest";
import { type PlanSource, planOf, type SynthesizedConfiguration } from "../../../commands/stacks/plan";
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

test("the digest is that of earlier releases: a review may wait in a merge request while this package is upgraded", () => {
  const changes: ChangeParts[] = [
    ...CHANGES,
    { address: "terraform_data.deletion_protection", actions: ["create"], after: {}, unknown: { id: true } },
  ];
  const made = [
    { address: tokenChange([]).address, provider_config_key: "gitlab" },
    { ...carries(1), provider_config_key: "gitlab" },
    { address: WIDER.address, provider_config_key: "gitlab", depends_on: [tokenChange([]).address] },
    {
      address: "terraform_data.deletion_protection",
      provider_config_key: "terraform",
      provisioners: [{ type: "local-exec", expressions: { when: { constant_value: "destroy" } } }],
    },
  ];
  expect(digest({ changes, resources: made, providers: { gitlab: { name: "gitlab" } } })).toBe(
    "8d0495b0b404f0eaa1d7e9eac54f6b3beb22bc5fdb9b5a920a51252368f1d3cd",
  );
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
    { outputs: { url: { actions: ["delete"] } } },
    { outputs: { other: { actions: ["create"] } } },
    { changes: [bump, switched, { ...WIDER, moved: "gitlab_branch_protection.old" }], resources },
    {
      changes: [tokenChange(["create"])],
      resources: [{ address: tokenChange([]).address, depends_on: ["gitlab_branch_protection.guard"] }],
    },
  ];
  const digests = [...plans.map((parts) => digest(parts)), digest({ changes: CHANGES, resources }, "other")];
  expect(new Set(digests).size).toBe(digests.length);
});

describe("what Terraform's plan does not tell, or tells elsewhere", () => {
  const created = (type: string, after: object, unknown: object = {}): ChangeParts => ({
    address: `${type}.x`,
    actions: ["create"],
    after,
    unknown,
  });
  const of = (parts: PlanParts, source?: PlanSource, extra: object = {}) =>
    digestOf([planOf("ops", JSON.stringify({ ...JSON.parse(planJson(parts)), ...extra }), source)]);
  const people = created("gitlab_branch_protection", { branch: "main" }, { allowed_to_push: [{ user_id: true }] });
  const declaring = (configuration: SynthesizedConfiguration) => of({ changes: [people] }, { configuration });
  const letting = (users: string[]) =>
    declaring({
      resource: { gitlab_branch_protection: { x: { allowed_to_push: users.map((user_id) => ({ user_id })) } } },
    });

  test.each<[string, string, string]>([
    ["which references stand where", letting(["${t.a.id}", "${t.b.id}"]), letting(["${t.b.id}", "${t.a.id}"])],
    ["what is around a reference", letting(["${t.a.id}1"]), letting(["${t.a.id}2"])],
    ...["data", "locals", "module", "output", "provider"].map((part): [string, string, string] => [
      `${part} that it depends on`,
      declaring({ [part]: { x: { y: "${t.a.id}" } } }),
      declaring({ [part]: { x: { y: "${t.b.id}" } } }),
    ]),
    [
      "an identity that is imported",
      ...([1, 2].map((id) => {
        const json = JSON.parse(planJson({ changes: [{ ...people, importing: "x" }] }));
        json.resource_changes[0].change.importing = { identity: { id } };
        return digestOf([planOf("ops", JSON.stringify(json))]);
      }) as [string, string]),
    ],
    ["Terraform's actions", of({}), of({}, undefined, { action_invocations: [{ address: "action.x.y" }] })],
    [
      "another GitLab",
      of({ changes: [people] }, { gitlab: "https://staging.example.com" }),
      of({ changes: [people] }, { gitlab: "https://gitlab.example.com" }),
    ],
  ])("makes a difference: %s", (_, one, other) => {
    expect(one).not.toBe(other);
  });

  const variable = created("gitlab_project_variable", { key: "KEY" }, { value: true });
  const carrying = (value: string, more: object = {}) =>
    of(
      { changes: [variable] },
      { configuration: { resource: { gitlab_project_variable: { x: { value, ...more } } }, terraform: more } },
    );

  test.each<[string, string, string]>([
    ["values, but for their references", carrying("${t.a.token}secret"), carrying("${t.a.token}other")],
    ["texts in an expression", carrying('${join("", ["secret", t.a])}'), carrying('${join("", ["other", t.a])}')],
    ["cdktf's notes", carrying("${t.a.token}"), carrying("${t.a.token}", { "//": { path: "x" } })],
    [
      "how a resource is written that is known whole",
      of({ changes: [tokenChange(["update"], BUMP)] }),
      of(
        { changes: [tokenChange(["update"], BUMP)] },
        { configuration: { resource: { gitlab_project_access_token: { gitops_Token_2F333BE2: { name: "CI" } } } } },
      ),
    ],
  ])("makes none: %s", (_, one, other) => {
    expect(one).toBe(other);
  });

  test("references of a value count", () => {
    expect(carrying("${t.a.token}")).not.toBe(carrying("${t.b.token}"));
  });
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
