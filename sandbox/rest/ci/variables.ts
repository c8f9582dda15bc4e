import type { Variable } from "../../model/ci/variable";
import { createVariable, updateVariable } from "../../model/ci/variables";
import { GitLabError } from "../../model/gitlab-error";
import { AccessLevel } from "../../model/members/access-level";
import type { Source } from "../../model/members/member";
import type { Call } from "../call";
import { flag, isRecord, oneOf, required, text } from "../parameters";
import { del, get, post, put, type Route } from "../route";

function present(variable: Variable): Record<string, unknown> {
  return {
    variable_type: variable.variableType,
    key: variable.key,
    value: variable.hidden ? null : variable.value,
    hidden: variable.hidden,
    protected: variable.protected,
    masked: variable.masked,
    raw: variable.raw,
    environment_scope: variable.environmentScope,
    description: variable.description,
  };
}

/** Maintainer for a project's variables, Owner for a group's. */
function ownerId(call: Call, source: Source): number {
  return source === "project" ? call.project(AccessLevel.Maintainer).id : call.group(AccessLevel.Owner).id;
}

/** The one variable meant by `:key` and `filter[environment_scope]`. Errors: 404; 409 when several scopes match. */
function find(call: Call, source: Source): Variable {
  const sourceId = ownerId(call, source);
  const filter = isRecord(call.raw.filter) ? call.raw.filter.environment_scope : undefined;
  const candidates = call.store
    .variablesByKey(`${source}:${sourceId}:${call.path("key")}`)
    .filter((variable) => filter === undefined || variable.environmentScope === String(filter));
  if (candidates.length > 1) {
    throw GitLabError.conflict(
      "There are multiple variables with provided parameters. Please use 'filter[environment_scope]'",
    );
  }
  if (!candidates[0]) throw GitLabError.notFound(source === "project" ? "Variable" : "GroupVariable");
  return candidates[0];
}

const FIELDS = {
  value: text(),
  protected: flag(),
  masked: flag(),
  raw: flag(),
  variable_type: oneOf(["env_var", "file"]),
  environment_scope: text(),
  description: text(),
  masked_and_hidden: flag(),
};

/** The attributes of a variable as a call has them. */
const attributesOf = (call: Call, source: Source, input: ReturnType<typeof call.read<typeof FIELDS>>) => ({
  value: input.value,
  description: input.description,
  environmentScope: usableScope(call, source, input.environment_scope),
  masked: input.masked,
  hidden: input.masked_and_hidden,
  protected: input.protected,
  raw: input.raw,
  variableType: input.variable_type,
});

function list(source: Source): (call: Call) => unknown {
  return (call) => call.page(call.store.variablesOf(`${source}:${ownerId(call, source)}`), present);
}

function create(source: Source): (call: Call) => unknown {
  return (call) => {
    const sourceId = ownerId(call, source);
    const input = call.read({ ...FIELDS, key: required(text()), value: required(text()) });
    return present(
      createVariable(call.store, source, sourceId, {
        ...attributesOf(call, source, input),
        key: input.key,
        value: input.value,
      }),
    );
  };
}

function update(source: Source): (call: Call) => unknown {
  return (call) => {
    const variable = find(call, source);
    const input = call.read(FIELDS);
    return present(updateVariable(call.store, variable, attributesOf(call, source, input)));
  };
}

/** Group variables have scopes on Premium only; below, GitLab drops the parameter. */
function usableScope(call: Call, source: Source, scope: string | undefined): string | undefined {
  return source === "group" && !call.store.premium ? undefined : scope;
}

function remove(source: Source): (call: Call) => unknown {
  return (call) => call.store.variables.delete(find(call, source));
}

function routesOf(source: Source): Route[] {
  const base = `/${source}s/:id/variables`;
  return [
    get(base, list(source)),
    get(`${base}/:key`, (call) => present(find(call, source))),
    post(base, create(source)),
    put(`${base}/:key`, update(source)),
    del(`${base}/:key`, remove(source)),
  ];
}

export const variableRoutes = [...routesOf("project"), ...routesOf("group")];
