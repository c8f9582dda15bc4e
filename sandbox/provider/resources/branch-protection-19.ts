import { DiagnosticError } from "../protocol/diagnostic";
import { requiresReplace, requiresReplaceIfConfigured, useStateForUnknown } from "../protocol/plan-modifier";
import { type Attribute, blockElements, objectOf, type Schema } from "../protocol/schema";
import { lengthAtLeast, oneOf } from "../protocol/validator";
import { isKnown, type ObjectValue } from "../protocol/value";
import type { Resource } from "../resource";
import { levelName, levelOf } from "./access-level";
import { branchProtection } from "./branch-protection";
import { deleteRule, isEnterprise, makeRoom, readRule, ruleId, rulePath, rulesPath } from "./branch-rule-calls";
import {
  ACTIONS,
  type AccessLevelEntry,
  type Action,
  ENTITIES,
  elementAttributes,
  isSameEntity,
  type ProtectedBranch,
  validateElements,
} from "./protected-branch-entries";
import { reporting } from "./reporting";

const LEVELS = ["no one", "developer", "maintainer", "admin"];

const level: Attribute = {
  type: "string",
  optional: true,
  computed: true,
  modifiers: [requiresReplaceIfConfigured],
  validators: [oneOf(LEVELS)],
};

const list = ({ block }: Action): Attribute => ({
  attributes: elementAttributes(block, oneOf(block === "allowed_to_unprotect" ? LEVELS.slice(1) : LEVELS)),
  nesting: "set",
  optional: true,
  computed: true,
  modifiers: [useStateForUnknown],
});

const schema: Schema = {
  version: 2,
  attributes: {
    id: { type: "string", computed: true, modifiers: [useStateForUnknown] },
    branch_protection_id: { type: "number", computed: true, modifiers: [requiresReplace, useStateForUnknown] },
    project: { type: "string", required: true, modifiers: [requiresReplace], validators: [lengthAtLeast(1)] },
    branch: { type: "string", required: true, modifiers: [requiresReplace], validators: [lengthAtLeast(1)] },
    push_access_level: level,
    merge_access_level: level,
    allow_force_push: { type: "bool", optional: true, computed: true, default: false },
    code_owner_approval_required: { type: "bool", optional: true, computed: true, default: false },
    ...Object.fromEntries(ACTIONS.map((action) => [action.block, list(action)])),
  },
};

/**
 * `gitlab_branch_protection` of provider 19: levels on Community Edition alone, where they replace the rule; on Enterprise Edition lists alone,
 * with levels in them, all of it patched. Its states are not for 18.
 *
 * The default branch's rule is taken over as in 18: deleted and made again.
 */
export const branchProtection19: Resource = {
  typeName: branchProtection.typeName,
  schema,
  validate: validateElements,

  async modifyPlan(_, { config }, { client }) {
    const refused = (await isEnterprise(client)) ? refusedByEnterprise(config) : refusedByCommunity(config);
    if (refused) throw new DiagnosticError(...refused);
  },

  async read({ client }, state) {
    const [project, branch] = ruleId(state);
    const rule = await readRule(client, project, branch);
    return rule === null ? null : stateOf(state, project, rule, await isEnterprise(client));
  },

  async create({ client }, plan) {
    const [project, branch] = [String(plan.project), String(plan.branch)];
    const enterprise = await isEnterprise(client);
    await makeRoom(client, project, branch);
    const common = { name: branch, allow_force_push: plan.allow_force_push };
    const options = enterprise ? { ...common, ...enterpriseOptions(plan, null) } : { ...common, ...levelsIn(plan) };
    const rule = await reporting("Unable to protect repository branch", () =>
      client.post<ProtectedBranch>(rulesPath(project), options),
    );
    return stateOf(plan, project, rule, enterprise);
  },

  async update({ client }, plan) {
    const [project, branch] = [String(plan.project), String(plan.branch)];
    const enterprise = await isEnterprise(client);
    const current = await readRule(client, project, branch);
    if (current === null) return null;
    const common = { name: branch, allow_force_push: plan.allow_force_push };
    const options = enterprise ? { ...common, ...enterpriseOptions(plan, current) } : common;
    const rule = await reporting("Unable to update protected repository branch", () =>
      client.patch<ProtectedBranch>(rulePath(project, branch), options),
    );
    return stateOf(plan, project, rule, enterprise);
  },

  delete: ({ client }, state) => deleteRule(client, state),

  /** Schemas 0 and 1 had blocks, which are the same in a state; 0 had no id. What may unprotect is not taken over. */
  upgrade: (state, version) =>
    version < 2 ? objectOf(schema, { ...state, id: `${state.project}:${state.branch}` }) : state,
};

type Refusal = readonly [summary: string, detail: string];

function refusedByCommunity(config: ObjectValue): Refusal | undefined {
  const lists = ACTIONS.map(({ block }) => block as string).filter((block) => isKnown(config[block]));
  const used = [...lists, ...(config.code_owner_approval_required === true ? ["code_owner_approval_required"] : [])];
  return used[0] === undefined ? undefined : [`feature unavailable \`${used[0]}\``, "Enterprise license required"];
}

function refusedByEnterprise(config: ObjectValue): Refusal | undefined {
  const used = ["push", "merge"].find((right) => isKnown(config[`${right}_access_level`]));
  return used === undefined
    ? undefined
    : [`feature unavailable \`${used}_access_level\``, `Use \`allowed_to_${used}\` instead`];
}

const levelsIn = (plan: ObjectValue): object =>
  Object.fromEntries(
    ["push_access_level", "merge_access_level"].flatMap((name) =>
      isKnown(plan[name]) ? [[name, levelOf(String(plan[name]))]] : [],
    ),
  );

const enterpriseOptions = (plan: ObjectValue, current: ProtectedBranch | null): object => ({
  ...Object.fromEntries(
    ACTIONS.map((action) => [
      action.block,
      changesOf(action, blockElements(plan[action.block]), current?.[action.list] ?? []),
    ]),
  ),
  code_owner_approval_required: plan.code_owner_approval_required,
});

/** Entries to add, and those of the present rule that are no longer wanted, marked `_destroy`. */
function changesOf(action: Action, wanted: readonly ObjectValue[], present: readonly AccessLevelEntry[]): object[] {
  const added = wanted.filter((element) => !present.some((entry) => isTakenFor(action, entry, element)));
  const dropped = present.filter((entry) => !wanted.some((element) => isMeant(action, entry, element)));
  return [...added.map((element) => optionsOf(action, element)), ...dropped.map(({ id }) => ({ id, _destroy: true }))];
}

/** Tells whether the provider takes an element for present: a level also by somebody's entry, in which GitLab tells a level too. */
const isTakenFor = (action: Action, entry: AccessLevelEntry, element: ObjectValue): boolean =>
  element.access_level === levelName(entry.access_level) || isSameEntity(action, entry, element);

/** Tells whether an element keeps an entry from being dropped. */
const isMeant = ({ block }: Action, entry: AccessLevelEntry, element: ObjectValue): boolean =>
  ENTITIES[block].every((name) => (isKnown(element[name]) ? element[name] : 0) === (entry[name] || 0)) &&
  (!isKnown(element.access_level) || element.access_level === levelName(entry.access_level));

function optionsOf({ block }: Action, element: ObjectValue): object {
  const { access_level: role } = element;
  return {
    ...(isKnown(role) ? { access_level: levelOf(String(role)) } : {}),
    ...Object.fromEntries(ENTITIES[block].flatMap((name) => (isKnown(element[name]) ? [[name, element[name]]] : []))),
  };
}

function stateOf(known: ObjectValue, project: string, rule: ProtectedBranch, enterprise: boolean): ObjectValue {
  const state = objectOf(schema, {
    ...known,
    id: `${project}:${rule.name}`,
    branch_protection_id: rule.id,
    project,
    branch: rule.name,
    allow_force_push: rule.allow_force_push ?? false,
    code_owner_approval_required: enterprise && (rule.code_owner_approval_required ?? false),
  });
  for (const { block, list: entries } of ACTIONS) {
    state[block] = enterprise ? (rule[entries] ?? []).map((entry) => elementOf(block, entry)) : null;
  }
  for (const right of ["push", "merge"] as const) {
    const role = rule[`${right}_access_levels`]?.find(
      (entry) => !entry.user_id && !entry.group_id && !entry.deploy_key_id,
    );
    if (enterprise) state[`${right}_access_level`] = null;
    else if (role) state[`${right}_access_level`] = levelName(role.access_level);
  }
  return state;
}

function elementOf(block: Action["block"], entry: AccessLevelEntry): ObjectValue {
  const entities = ENTITIES[block].map((name) => [name, entry[name] || null] as const);
  const isSomebody = entities.some(([, id]) => id !== null);
  return {
    access_level: isSomebody ? null : levelName(entry.access_level),
    access_level_description: entry.access_level_description,
    ...Object.fromEntries(entities),
  };
}
