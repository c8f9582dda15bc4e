import { GitLabError } from "../gitlab-error";
import type { Project } from "../projects/project";
import { isProtectedRef } from "../protected-refs/protected-refs";
import { refMatches } from "../protected-refs/ref-pattern";
import type { Store } from "../store";
import type { Variable, VariableSource } from "./variable";

export interface VariableFields {
  readonly key: string;
  readonly value: string;
  readonly description?: string | null;
  readonly environmentScope?: string;
  readonly masked?: boolean;
  /** Only at creation. */
  readonly hidden?: boolean;
  readonly protected?: boolean;
  readonly raw?: boolean;
  readonly variableType?: "env_var" | "file";
}

const LIMITS: Record<VariableSource, { count: number; text: string }> = {
  project: { count: 8000, text: "Maximum number of project ci variables (8000) exceeded" },
  group: { count: 30000, text: "Maximum number of group ci variables (30000) exceeded" },
  instance: { count: 25, text: "Maximum number of ci instance level variables (25) exceeded" },
};

/** Stores a new variable. Errors: 400 with texts by field. */
export function createVariable(
  store: Store,
  source: VariableSource,
  sourceId: number,
  fields: VariableFields,
): Variable {
  const variable: Variable = {
    id: store.variables.nextId(),
    source,
    sourceId,
    key: fields.key,
    value: fields.value,
    description: fields.description ?? null,
    environmentScope: fields.environmentScope ?? "*",
    masked: (fields.masked ?? false) || (fields.hidden ?? false),
    hidden: fields.hidden ?? false,
    protected: fields.protected ?? false,
    raw: fields.raw ?? false,
    variableType: fields.variableType ?? "env_var",
  };
  const { count, text } = LIMITS[source];
  if (store.variablesOf(`${source}:${sourceId}`).length >= count) throw GitLabError.invalid("base", text);
  requireValid(store, variable);
  return store.variables.insert(variable);
}

/** Changes a variable; nothing is changed when the answer is an error. */
export function updateVariable(store: Store, variable: Variable, changes: Partial<VariableFields>): Variable {
  if (variable.hidden && changes.masked !== undefined && changes.masked !== variable.masked) {
    throw GitLabError.invalid("base", "The visibility setting cannot be changed for masked and hidden variables.");
  }
  if (!variable.hidden && changes.hidden) {
    throw GitLabError.invalid("base", "Only new variables can be set as masked and hidden.");
  }
  const { hidden: _, ...settable } = changes;
  const wanted = Object.fromEntries(Object.entries(settable).filter(([, value]) => value !== undefined));
  const changed = { ...variable, ...wanted } as Variable;
  requireValid(store, changed);
  return store.variables.update(variable, (row) => Object.assign(row, wanted));
}

/** The facts that decide which variables a job sees. */
export interface JobContext {
  readonly ref: string;
  readonly tag: boolean;
  readonly environment: string | null;
  /** Tells whether it gets protected variables. @default whether its ref is protected */
  readonly exposeProtected?: boolean;
}

/** The variables a job of a project sees: one a key, by GitLab's precedence (project, nearest group, upper groups, instance). */
export function variablesForJob(store: Store, project: Project, job: JobContext): Variable[] {
  const exposeProtected = job.exposeProtected ?? isProtectedRef(store, project, job.ref, job.tag);
  const groups = store.groupAndAncestors(project.namespaceId).map((group) => `group:${group.id}`);
  const seen = new Map<string, Variable>();
  for (const source of ["instance:0", ...groups.reverse(), `project:${project.id}`]) {
    const usable = store
      .variablesOf(source)
      .filter((variable) => exposeProtected || !variable.protected)
      .filter((variable) => scopeMatches(variable.environmentScope, job.environment))
      .sort((a, b) => scopeWeight(a.environmentScope) - scopeWeight(b.environmentScope));
    for (const variable of usable) seen.set(variable.key, variable);
  }
  return [...seen.values()];
}

const REFERENCE = /\$\$|\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/g;

/** Replaces `$KEY` and `${KEY}` as a runner does; `$$` is a plain `$`, and unknown keys are empty. */
export function expandReferences(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(REFERENCE, (match, bare?: string, braced?: string) =>
    match === "$$" ? "$" : (values[bare ?? braced ?? ""] ?? ""),
  );
}

/** `*` covers jobs without an environment too; any other scope needs a job whose environment it matches. */
function scopeMatches(scope: string, environment: string | null): boolean {
  return scope === "*" || (environment !== null && refMatches(scope, environment));
}

// The more literal a scope, the stronger: GitLab orders by exactness, then by length.
function scopeWeight(scope: string): number {
  if (scope === "*") return 0;
  return scope.includes("*") ? scope.length : 1_000_000;
}

function requireValid(store: Store, variable: Variable): void {
  const problems: Record<string, string[]> = {};
  const add = (field: string, text: string): void => {
    problems[field] = [...(problems[field] ?? []), text];
  };
  if (variable.key === "") add("key", "can't be blank");
  if (variable.key.length > 255) add("key", "is too long (maximum is 255 characters)");
  if (!/^[a-zA-Z0-9_]*$/.test(variable.key)) add("key", "can contain only letters, digits and '_'.");
  if ((variable.description ?? "").length > 255) add("description", "is too long (maximum is 255 characters)");
  if (!/^[a-zA-Z0-9_\\/${}.* -]+$/.test(variable.environmentScope)) {
    add("environment_scope", "can contain only letters, digits, '-', '_', '/', '$', '{', '}', '.', '*' and spaces");
  }
  if (variable.environmentScope.length > 255) add("environment_scope", "is too long (maximum is 255 characters)");
  if (variable.source === "instance" && variable.value.length > 10_000) {
    add("value", "The value of the provided variable exceeds the 10000 character limit");
  }
  if (isTaken(store, variable)) add("key", `(${variable.key}) has already been taken`);
  if (variable.masked && !isMaskable(variable)) add("value", "is invalid");
  if (Object.keys(problems).length > 0) throw GitLabError.message(400, problems);
}

function isTaken(store: Store, variable: Variable): boolean {
  return store
    .variablesByKey(`${variable.source}:${variable.sourceId}:${variable.key}`)
    .some((other) => other.id !== variable.id && other.environmentScope === variable.environmentScope);
}

function isMaskable({ value, raw }: Variable): boolean {
  return raw ? /^\S{8,}$/.test(value) : /^[a-zA-Z0-9_+=/@:.~-]{8,}$/.test(value);
}
