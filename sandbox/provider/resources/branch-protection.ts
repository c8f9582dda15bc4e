import type { GitLabClient } from "../gitlab-client";
import { DiagnosticError } from "../protocol/diagnostic";
import { requiresReplace, useStateForUnknown } from "../protocol/plan-modifier";
import { type Attribute, objectOf, type Schema } from "../protocol/schema";
import { lengthAtLeast, oneOf } from "../protocol/validator";
import type { ObjectValue } from "../protocol/value";
import type { Resource } from "../resource";
import { levelName, levelOf } from "./access-level";
import { deleteRule, isEnterprise, makeRoom, readRule, ruleId, rulePath, rulesPath } from "./branch-rule-calls";
import {
  ACTIONS,
  type AllowedParameters,
  allowedElements,
  allowedParameters,
  entryAttributes,
  type ProtectedBranch,
  validateEntries,
} from "./protected-branch-entries";
import { reporting } from "./reporting";

const LEVELS = ["no one", "developer", "maintainer", "admin"];
const UNPROTECT_LEVELS = LEVELS.slice(1);

const schema: Schema = {
  version: 1,
  attributes: {
    id: { type: "string", computed: true, modifiers: [useStateForUnknown] },
    branch_protection_id: { type: "number", computed: true, modifiers: [requiresReplace, useStateForUnknown] },
    project: { type: "string", required: true, modifiers: [requiresReplace], validators: [lengthAtLeast(1)] },
    branch: { type: "string", required: true, modifiers: [requiresReplace], validators: [lengthAtLeast(1)] },
    push_access_level: levelAttribute(LEVELS),
    merge_access_level: levelAttribute(LEVELS),
    unprotect_access_level: levelAttribute(UNPROTECT_LEVELS),
    allow_force_push: { type: "bool", optional: true, computed: true, default: false },
    code_owner_approval_required: { type: "bool", optional: true, computed: true, default: false },
  },
  blocks: {
    allowed_to_push: entryAttributes("allowed_to_push"),
    allowed_to_merge: entryAttributes("allowed_to_merge"),
    allowed_to_unprotect: entryAttributes("allowed_to_unprotect"),
  },
};

/**
 * `gitlab_branch_protection` of provider 18: levels replace the rule, everything else is patched.
 *
 * Creating a rule that exists is an error, except for the default branch: there the rule is deleted and made again, and
 * the licence check and the POST come after the DELETE.
 */
export const branchProtection: Resource = {
  typeName: "gitlab_branch_protection",
  schema,
  validate: validateEntries,

  async read({ client }, state) {
    const [project, branch] = ruleId(state);
    const rule = await readRule(client, project, branch);
    return rule === null ? null : stateOf(state, project, rule);
  },

  async create({ client }, plan) {
    const [project, branch] = [String(plan.project), String(plan.branch)];
    await makeRoom(client, project, branch);
    const allowed = allowedParameters(plan, null);
    await refuseWithoutEnterprise(client, plan, allowed);
    const rule = await reporting("Unable to protect repository branch", () =>
      client.post<ProtectedBranch>(rulesPath(project), {
        name: branch,
        push_access_level: levelOf(String(plan.push_access_level)),
        merge_access_level: levelOf(String(plan.merge_access_level)),
        unprotect_access_level: levelOf(String(plan.unprotect_access_level)),
        allow_force_push: plan.allow_force_push,
        code_owner_approval_required: plan.code_owner_approval_required,
        ...allowed,
      }),
    );
    return stateOf(plan, project, rule);
  },

  async update({ client }, plan) {
    const [project, branch] = [String(plan.project), String(plan.branch)];
    const current = await readRule(client, project, branch);
    if (current === null) return null;
    const allowed = allowedParameters(plan, current);
    await refuseWithoutEnterprise(client, plan, allowed);
    const rule = await reporting("Unable to update protected repository branch", () =>
      client.patch<ProtectedBranch>(rulePath(project, branch), {
        name: branch,
        allow_force_push: plan.allow_force_push,
        code_owner_approval_required: plan.code_owner_approval_required,
        ...allowed,
      }),
    );
    return stateOf(plan, project, rule);
  },

  delete: ({ client }, state) => deleteRule(client, state),

  /** Schema 0 had no id, and no deploy keys. */
  upgrade(state, version) {
    return version === 0 ? objectOf(schema, { ...state, id: `${state.project}:${state.branch}` }) : state;
  },
};

function levelAttribute(allowed: readonly string[]): Attribute {
  return {
    type: "string",
    optional: true,
    computed: true,
    default: "maintainer",
    modifiers: [requiresReplace],
    validators: [oneOf(allowed)],
  };
}

async function refuseWithoutEnterprise(
  client: GitLabClient,
  plan: ObjectValue,
  allowed: AllowedParameters,
): Promise<void> {
  if (await isEnterprise(client)) return;
  const used = ACTIONS.map(({ block }) => block as string).filter((block) => allowed[block]!.length > 0);
  if (plan.code_owner_approval_required === true) used.push("code_owner_approval_required");
  if (used[0]) throw new DiagnosticError(`feature unavailable \`${used[0]}\``, "Enterprise license required");
}

function stateOf(known: ObjectValue, project: string, rule: ProtectedBranch): ObjectValue {
  const state = objectOf(schema, {
    ...known,
    id: `${project}:${rule.name}`,
    branch_protection_id: rule.id,
    project,
    branch: rule.name,
    allow_force_push: rule.allow_force_push ?? false,
    code_owner_approval_required: rule.code_owner_approval_required ?? false,
  });
  for (const action of ACTIONS) {
    // Without a role entry the state's level stays: null after an import, which then shows as a replace (TP#6705).
    const role = rule[action.list]?.find((entry) => !entry.user_id && !entry.group_id);
    if (role) state[action.level] = levelName(role.access_level);
    state[action.block] = allowedElements(action, rule);
  }
  return state;
}
