/** One entry of a plan, as `terraform show -json` prints it, with secrets where real ones are. */
export interface ChangeParts {
  readonly address: string;
  readonly actions: readonly string[];
  readonly before?: object | null;
  readonly after?: object | null;
  readonly unknown?: object;
  readonly sensitive?: object;
  readonly replaced?: readonly string[];
  readonly importing?: string;
  readonly deposed?: string;
  readonly moved?: string;
}

export interface PlanParts {
  readonly changes?: readonly ChangeParts[];
  /** `configuration.root_module.resources`. */
  readonly resources?: readonly object[];
  /** `configuration.root_module.module_calls`. */
  readonly modules?: object;
  readonly providers?: object;
  readonly outputs?: object;
  readonly timestamp?: string;
}

/** What `terraform show -json` prints of a plan. */
export function planJson(parts: PlanParts): string {
  const { changes = [], resources = [], modules = {}, providers = {}, outputs = {}, timestamp } = parts;
  return JSON.stringify({
    format_version: "1.2",
    terraform_version: "1.13.0",
    timestamp: timestamp ?? "2030-01-10T12:00:00Z",
    resource_changes: changes.map((each) => {
      const [, type, name] = /(?:^|\.)(\w+)\.([\w-]+)(?:\[.*)?$/.exec(each.address)!;
      return {
        address: each.address,
        type,
        name,
        deposed: each.deposed,
        previous_address: each.moved,
        change: {
          actions: each.actions,
          before: each.before ?? null,
          after: each.after ?? null,
          after_unknown: each.unknown ?? {},
          before_sensitive: each.sensitive ?? {},
          after_sensitive: each.sensitive ?? {},
          replace_paths: each.replaced?.map((name) => [name]),
          importing: each.importing === undefined ? undefined : { id: each.importing },
        },
      };
    }),
    output_changes: outputs,
    configuration: { provider_config: providers, root_module: { resources, module_calls: modules } },
  });
}

export const SECRET = "glpat-secretsecretsecret1";

const TOKEN = {
  project: "xlink/gitops",
  name: "CI",
  description: "gitlab-ci-pusher ops/gitops/Token",
  access_level: "developer",
  expires_at: "2030-06-01",
  id: "xlink/gitops:7",
  user_id: 5,
  created_at: "2030-01-01 00:00:00 +0000 UTC",
  active: true,
  revoked: false,
  token: SECRET,
};

/** A change of the first slot's token. */
export const tokenChange = (
  actions: readonly string[],
  change: object = {},
  own: Partial<ChangeParts> = {},
): ChangeParts => ({
  address: "gitlab_project_access_token.gitops_Token_2F333BE2",
  actions,
  before: actions.join() === "create" ? null : TOKEN,
  after: actions.join() === "delete" ? null : { ...TOKEN, ...change },
  sensitive: { token: true },
  ...own,
});

/** A change of the variable. */
export const variableChange = (
  actions: readonly string[],
  change: object = {},
  own: Partial<ChangeParts> = {},
): ChangeParts => {
  const before = {
    project: "xlink/shop",
    key: "KEY",
    description: "gitlab-ci-pusher ops/gitops: pushes",
    environment_scope: "*",
    protected: true,
    masked: true,
    value: SECRET,
  };
  return {
    address: "gitlab_project_variable.gitops_Variablexlinkshop_6582527D",
    actions,
    before: actions.join() === "create" ? null : before,
    after: actions.join() === "delete" ? null : { ...before, ...change },
    ...own,
  };
};

/** Says that the variable takes its value from a slot. */
export const carries = (slot: 1 | 2) => ({
  address: "gitlab_project_variable.gitops_Variablexlinkshop_6582527D",
  expressions: {
    value: { references: [`gitlab_project_access_token.gitops_Token${slot === 2 ? "B" : ""}_2F333BE2.token`] },
  },
});

/** A change of the rule of `main`. */
export const ruleChange = (
  actions: readonly string[],
  change: object = {},
  own: Partial<ChangeParts> = {},
): ChangeParts => {
  const before = {
    project: "xlink/gitops",
    branch: "main",
    push_access_level: "maintainer",
    merge_access_level: "maintainer",
    allow_force_push: false,
    allowed_to_push: [] as object[],
    branch_protection_id: 6,
  };
  return {
    address: "gitlab_branch_protection.gitops_Rulemain_B9FA3726",
    actions,
    before: actions.join() === "create" ? null : before,
    after: ["delete", "forget"].includes(actions.join()) ? null : { ...before, ...change },
    ...own,
  };
};

/** A change of the rule of the tags `v*`. */
export const tagRuleChange = (
  actions: readonly string[],
  change: object = {},
  own: Partial<ChangeParts> = {},
): ChangeParts => {
  const before = { project: "xlink/gitops", tag: "v*", create_access_level: "maintainer", allowed_to_create: [] };
  return {
    address: "gitlab_tag_protection.gitops_Tagv_0543E489",
    actions,
    before: actions.join() === "create" ? null : before,
    after: ["delete", "forget"].includes(actions.join()) ? null : { ...before, ...change },
    ...own,
  };
};

/** Its guard. */
export const tagGuardChange = (actions: readonly string[]): ChangeParts => ({
  ...tagRuleChange(actions),
  address: "gitlab_tag_protection.gitops_Tagv_Guard_F653A3CB",
  before: actions.join() === "create" ? null : TAG_GUARD,
  after: ["delete", "forget"].includes(actions.join()) ? null : TAG_GUARD,
});

const TAG_GUARD = { project: "xlink/gitops", tag: "v**", create_access_level: "no one", allowed_to_create: [] };

/** The guard of that rule. */
export const guardChange = (actions: readonly string[], change: object = {}): ChangeParts => {
  const before = {
    project: "xlink/gitops",
    branch: "mai*n",
    push_access_level: "no one",
    merge_access_level: "no one",
    allow_force_push: false,
  };
  return {
    address: "gitlab_branch_protection.gitops_Rulemain_Guard_8DF62AC9",
    actions,
    before: actions.join() === "create" ? null : before,
    after: actions.join() === "delete" ? null : { ...before, ...change },
  };
};
