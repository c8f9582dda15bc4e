import { adoptLeftovers, CiPusher, type CiPusherBranch, type CiPusherVariable } from "../../constructs";
import { config, stateOf, stateWith, testStack } from "../support/synth";

type Found = Readonly<Record<string, unknown>>;

const level = (access_level: number) => [{ access_level }];
const rule = (push: number, more: Found = {}): Found => ({
  push_access_levels: level(push),
  merge_access_levels: level(push === 0 ? 0 : 40),
  allow_force_push: false,
  ...more,
});
const DESCRIPTION = "gitlab-ci-pusher ops/gitops: pushes to xlink/gitops. Changes by hand are undone.";
const variable = (description = DESCRIPTION): Found => ({ description, environment_scope: "*" });

const RULE = "gitlab_branch_protection.gitops_Rulerelease_90836DC0";
const GUARD = "gitlab_branch_protection.gitops_Rulerelease_Guard_21050DC8";
const RULE_PATH = "projects/xlink/gitops/protected_branches/release/*";
const GUARD_PATH = `${RULE_PATH}*`;
const VARIABLE_PATH = "projects/xlink/shop/variables/GITLAB_PUSHER_TOKEN?*";

interface Setup {
  /** Addresses the state knows; undefined when no deploy was ever begun. */
  readonly known?: readonly string[];
  /** What GitLab has, by path. */
  readonly found?: Readonly<Record<string, Found>>;
  readonly branch?: Partial<CiPusherBranch>;
  readonly variable?: Partial<CiPusherVariable>;
}

/** What the next deploy imports, and what GitLab was asked for. */
async function adopted({
  known,
  found = {},
  branch,
  variable: more,
}: Setup): Promise<{ ids: string[]; asked: string[] }> {
  const resources = known?.map((address) => {
    const [type, name] = address.split(".");
    return { mode: "managed", type, name, instances: [{ attributes: {} }] };
  });
  const state = resources ? stateWith(resources) : stateOf(undefined);
  const stack = testStack({ state, edition: branch?.push === "bot" ? "premium" : "free" });
  new CiPusher(stack, "gitops", {
    target: "xlink/gitops",
    token: { expires: "2030-12-01" },
    variable: { in: [{ project: "xlink/shop" }], ...more },
    branches: { "release/*": { push: "developer", ...branch } },
  });
  const asked: string[] = [];
  await adoptLeftovers(stack, () => ({
    get: async <T>(segments: readonly (string | number)[], query: Record<string, unknown> = {}) => {
      asked.push([segments.join("/"), ...Object.values(query)].join("?"));
      const answer = found[asked.at(-1)!];
      if (!answer) throw new Error("404");
      return answer as T;
    },
  }));
  const imports = (config(stack).import ?? []) as { id: string }[];
  const warnings = stack.node.metadata.filter(({ data }) => /as after a deploy that broke off/.test(String(data)));
  expect(warnings).toHaveLength(imports.length > 0 ? 1 : 0);
  return { ids: imports.map(({ id }) => id).sort(), asked: asked.sort() };
}

describe("after a deploy that broke off, what it left in GitLab is adopted", () => {
  const all = { [GUARD_PATH]: rule(0), [RULE_PATH]: rule(30), [VARIABLE_PATH]: variable() };

  test.each<[string, Setup, string[]]>([
    ["a guard", { known: [], found: { [GUARD_PATH]: rule(0) } }, ["xlink/gitops:release/**"]],
    ["a variable", { known: [], found: { [VARIABLE_PATH]: variable() } }, ["xlink/shop:GITLAB_PUSHER_TOKEN:*"]],
    ["a rule whose guard stands", { known: [GUARD], found: { [RULE_PATH]: rule(30) } }, ["xlink/gitops:release/*"]],
    [
      "a rule beside its guard: the guard first (trap 1)",
      { known: [], found: all },
      ["xlink/gitops:release/**", "xlink/shop:GITLAB_PUSHER_TOKEN:*"],
    ],
    [
      "a rule without a guard",
      { known: [], found: { [RULE_PATH]: rule(30) }, branch: { guard: false } },
      ["xlink/gitops:release/*"],
    ],
    [
      "a rule for bots, whatever bots it lists",
      {
        known: [GUARD],
        found: {
          [RULE_PATH]: rule(0, {
            push_access_levels: [...level(0), { access_level: 40, user_id: 7 }],
            merge_access_levels: level(40),
          }),
        },
        branch: { push: "bot" },
      },
      ["xlink/gitops:release/*"],
    ],
    [
      "what is adopted on purpose, once",
      { known: [GUARD], found: all, branch: { adopt: true } },
      ["xlink/gitops:release/*", "xlink/shop:GITLAB_PUSHER_TOKEN:*"],
    ],
  ])("%s", async (_, setup, ids) => {
    expect((await adopted(setup)).ids).toEqual(ids);
  });

  test.each<[string, Setup]>([
    ["a rule that lets others push", { known: [GUARD], found: { [RULE_PATH]: rule(40) } }],
    [
      "a rule that lets others merge",
      { known: [GUARD], found: { [RULE_PATH]: rule(30, { merge_access_levels: level(30) }) } },
    ],
    ["a rule that allows force push", { known: [GUARD], found: { [RULE_PATH]: rule(30, { allow_force_push: true }) } }],
    ["a guard that somebody opened", { known: [], found: { [GUARD_PATH]: rule(40) } }],
    ["a variable somebody else made", { known: [], found: { [VARIABLE_PATH]: variable("pasted long ago") } }],
    [
      "another stack's variable",
      { known: [], found: { [VARIABLE_PATH]: variable(DESCRIPTION.replace("ops", "other")) } },
    ],
    [
      "another environment's variable",
      { known: [], found: { [VARIABLE_PATH]: { ...variable(), environment_scope: "production" } } },
    ],
    ["what GitLab does not tell", { known: [] }],
  ])("but not %s", async (_, setup) => {
    expect((await adopted(setup)).ids).toEqual([]);
  });

  test.each<[string, Setup, string[]]>([
    ["nothing before the first deploy", { found: all }, []],
    [
      "nothing when the state knows all",
      { known: [GUARD, RULE, "gitlab_project_variable.gitops_Variablexlinkshop_6582527D"] },
      [],
    ],
    ["only for what the state lacks", { known: [GUARD, RULE] }, [VARIABLE_PATH]],
    [
      "for a group's variable at the group",
      { known: [GUARD, RULE], variable: { in: [{ group: "xlink" }] } },
      ["groups/xlink/variables/GITLAB_PUSHER_TOKEN?*"],
    ],
  ])("GitLab is asked %s", async (_, setup, paths) => {
    expect((await adopted(setup)).asked).toEqual(paths);
  });
});

test("a resource that was just being made when Terraform was killed is none the state knows", async () => {
  const resources = [{ mode: "managed", type: GUARD.split(".")[0], name: GUARD.split(".")[1], instances: [] }];
  expect(testStack({ state: stateWith(resources) }).deployed.addresses).toEqual(new Set());
});
