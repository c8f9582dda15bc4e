import { GitLabApiError, isNotFound, messageOf } from "../gitlab-api-error";
import { type GitLabClient, segment } from "../gitlab-client";
import { type Diagnostic, DiagnosticError, errorDiagnostic } from "../protocol/diagnostic";
import { requiresReplace, requiresReplaceIfConfigured, useStateForUnknown } from "../protocol/plan-modifier";
import type { ResourcePlan } from "../protocol/resource-plan";
import type { Schema } from "../protocol/schema";
import { alsoRequires, lengthBetween, matches, oneOf } from "../protocol/validator";
import { isKnown, isUnknown, type ObjectValue, type Value } from "../protocol/value";
import type { Resource } from "../resource";
import { parseTwoPartId } from "../resource-id";

/** The place where a variable lives, and how the two resource types differ. */
export interface VariableOwner {
  readonly kind: "project" | "group";
  readonly schemaVersion: number;
  /** Destroying a variable that is gone already is fine for a project, an error for a group. */
  readonly toleratesMissingOnDelete: boolean;
}

/** GitLab's answer; `value` is null for a hidden variable. */
interface Variable {
  readonly key: string;
  readonly value: string | null;
  readonly variable_type: string;
  readonly protected: boolean;
  readonly masked: boolean;
  readonly hidden: boolean;
  readonly raw: boolean;
  readonly environment_scope: string;
  readonly description: string | null;
}

const VARIABLE_TYPES = ["env_var", "file"];
const INVALID_MASKED_VALUE =
  "Invalid value for a masked variable. Check the masked variable requirements: " +
  "https://docs.gitlab.com/ci/variables/#mask-a-cicd-variable";
const API_ERROR = "GitLab API error occurred";

/**
 * `gitlab_project_variable` and `gitlab_group_variable`.
 *
 * What is not configured becomes unknown on any change and is then sent as false or empty: `masked`, `raw` and `description`
 * always, `protected` and `variable_type` only when configured.
 */
export function variableResource(owner: VariableOwner): Resource {
  const { kind } = owner;
  return {
    typeName: `gitlab_${kind}_variable`,
    schema: variableSchema(owner),
    validate: refuseHiddenWithoutMasked,

    modifyPlan(plan, { state, config }, { quirks }) {
      if (quirks === "18.6" && state !== null) replaceUnsetHidden(plan, config);
    },

    async read({ client }, state) {
      const { ownerId, key, scope } = addressOf(kind, state);
      try {
        const variable = await client.get<Variable>(variablePath(kind, ownerId, key), { query: scopeFilter(scope) });
        return stateOf(kind, state, ownerId, variable);
      } catch (error) {
        if (isNotFound(error)) return null;
        throw apiError(`Unable to read ${kind} variable`, error);
      }
    },

    async create({ client }, plan) {
      const ownerId = String(plan[kind]);
      const body = { key: plan.key, ...writtenFields(plan), ...hiddenFields(plan) };
      const variable = await reporting(`Unable to create ${kind} variable`, () =>
        client.post<Variable>(`${kind}s/${segment(ownerId)}/variables`, body),
      );
      return stateOf(kind, plan, ownerId, variable);
    },

    async update({ client }, plan) {
      const ownerId = String(plan[kind]);
      const variable = await reporting(`Unable to update ${kind} variable`, () =>
        client.put<Variable>(variablePath(kind, ownerId, String(plan.key)), {
          query: scopeFilter(String(plan.environment_scope)),
          body: writtenFields(plan),
        }),
      );
      return stateOf(kind, plan, ownerId, variable);
    },

    async delete({ client }, state) {
      await reporting(`Unable to delete ${kind} variable`, () => deleteVariable(client, owner, state));
    },

    upgrade: (state, version) => (version < owner.schemaVersion ? upgradeId(kind, state) : state),
  };
}

function variableSchema({ kind, schemaVersion }: VariableOwner): Schema {
  return {
    version: schemaVersion,
    attributes: {
      id: { type: "string", computed: true, modifiers: [useStateForUnknown] },
      [kind]: { type: "string", required: true, modifiers: [requiresReplace] },
      key: {
        type: "string",
        required: true,
        modifiers: [requiresReplace],
        validators: [
          lengthBetween(1, 255),
          matches(/^[a-zA-Z0-9_]+$/, "is an invalid, only A-Z, a-z, 0-9, and _ are allowed"),
        ],
      },
      value: { type: "string", required: true },
      variable_type: { type: "string", optional: true, computed: true, validators: [oneOf(VARIABLE_TYPES)] },
      protected: { type: "bool", optional: true, computed: true },
      masked: { type: "bool", optional: true, computed: true },
      hidden: {
        type: "bool",
        optional: true,
        computed: true,
        modifiers: [requiresReplaceIfConfigured],
        validators: [alsoRequires("masked")],
      },
      environment_scope: {
        type: "string",
        optional: true,
        computed: true,
        default: "*",
        modifiers: [requiresReplace],
      },
      raw: { type: "bool", optional: true, computed: true },
      description: { type: "string", optional: true, computed: true },
    },
  };
}

/** 18.6 asked for a replace whenever `hidden` became unknown, which it does on any change when unset (TP#6685). */
function replaceUnsetHidden({ plan, requiresReplace: replaced }: ResourcePlan, config: ObjectValue): void {
  if (config.hidden === null && isUnknown(plan.hidden)) replaced.push(["hidden"]);
}

function refuseHiddenWithoutMasked(config: ObjectValue): Diagnostic[] {
  if (config.hidden !== true || config.masked === true) return [];
  const detail = "A variable cannot be hidden without being masked. Please set the masked attribute to true";
  return [errorDiagnostic("Invalid value for a masked variable", detail, ["hidden"])];
}

function writtenFields(plan: ObjectValue): object {
  return {
    value: plan.value,
    masked: plan.masked === true,
    raw: plan.raw === true,
    description: isKnown(plan.description) ? plan.description : "",
    environment_scope: plan.environment_scope,
    ...(isKnown(plan.protected) ? { protected: plan.protected } : {}),
    ...(isKnown(plan.variable_type) ? { variable_type: plan.variable_type } : {}),
  };
}

/** Hiding is one parameter at creation, in place of `masked`. */
function hiddenFields(plan: ObjectValue): object {
  return plan.hidden === true ? { masked: false, masked_and_hidden: true } : {};
}

async function deleteVariable(client: GitLabClient, owner: VariableOwner, state: ObjectValue): Promise<void> {
  const path = variablePath(owner.kind, String(state[owner.kind]), String(state.key));
  try {
    await client.delete(path, { query: scopeFilter(String(state.environment_scope)) });
  } catch (error) {
    if (!owner.toleratesMissingOnDelete || !isNotFound(error)) throw error;
  }
}

function stateOf(kind: string, known: ObjectValue, ownerId: string, variable: Variable): ObjectValue {
  return {
    id: `${ownerId}:${variable.key}:${variable.environment_scope}`,
    [kind]: ownerId,
    key: variable.key,
    // A hidden value is never given back: the state's is kept, so a drift of it cannot be seen.
    value: variable.hidden ? (known.value as Value) : variable.value,
    variable_type: variable.variable_type,
    protected: variable.protected,
    masked: variable.masked,
    hidden: variable.hidden,
    environment_scope: variable.environment_scope,
    raw: variable.raw,
    description: variable.description ?? "",
  };
}

function addressOf(kind: string, state: ObjectValue): { ownerId: string; key: string; scope: string } {
  const id = String(state.id);
  const parts = parseTwoPartId(id);
  if (parts === null) {
    const form = `It should be '<${kind}>:<key>:<environment_scope>'.`;
    const detail = `The resource ID '${id}' has an invalid format in Read. ${form}`;
    throw new DiagnosticError("Invalid resource ID format", detail);
  }
  const [ownerId, keyAndScope] = parts;
  const [key, scope] = parseTwoPartId(keyAndScope) ?? [keyAndScope, "*"];
  return { ownerId, key, scope };
}

/** Two-part ids of schema 0 get the scope as Go prints a framework string, in quotes: it is then not found (TP#6918). */
function upgradeId(kind: string, state: ObjectValue): ObjectValue {
  const parts = String(state.id).split(":");
  if (parts.length !== 2) return state;
  return { ...state, id: `${state[kind] ?? parts[0]}:${parts[1]}:${JSON.stringify(state.environment_scope)}` };
}

function variablePath(kind: string, ownerId: string, key: string): string {
  return `${kind}s/${segment(ownerId)}/variables/${segment(key)}`;
}

function scopeFilter(scope: string): Record<string, string> {
  return { "filter[environment_scope]": scope };
}

async function reporting<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw apiError(what, error);
  }
}

function apiError(what: string, error: unknown): DiagnosticError {
  const message = messageOf(error);
  const isMasking =
    error instanceof GitLabApiError && error.status === 400 && /value/.test(message) && /invalid/.test(message);
  if (isMasking) return new DiagnosticError(INVALID_MASKED_VALUE, message);
  return new DiagnosticError(API_ERROR, `${what}: ${message}`);
}
