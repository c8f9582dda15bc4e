import type { Variable } from "../../model/ci/variable";
import { createVariable, updateVariable } from "../../model/ci/variables";
import { GitLabError } from "../../model/gitlab-error";
import type { Call } from "../call";
import { flag, oneOf, required, text } from "../parameters";
import { del, get, post, put } from "../route";

/** They have neither environments, nor can they be hidden. */
function present(variable: Variable): Record<string, unknown> {
  return {
    variable_type: variable.variableType,
    key: variable.key,
    value: variable.value,
    protected: variable.protected,
    masked: variable.masked,
    raw: variable.raw,
    description: variable.description,
  };
}

const FIELDS = {
  value: text(),
  protected: flag(),
  masked: flag(),
  raw: flag(),
  variable_type: oneOf(["env_var", "file"]),
  description: text(),
};

function list(call: Call): unknown {
  call.requireAdmin();
  return call.page(call.store.variablesOf("instance:0"), present);
}

function find(call: Call): Variable {
  call.requireAdmin();
  const [variable] = call.store.variablesByKey(`instance:0:${call.path("key")}`);
  if (!variable) throw GitLabError.notFound("InstanceVariable");
  return variable;
}

function create(call: Call): unknown {
  call.requireAdmin();
  const { variable_type: variableType, ...fields } = call.read({
    ...FIELDS,
    key: required(text()),
    value: required(text()),
  });
  return present(createVariable(call.store, "instance", 0, { ...fields, variableType }));
}

function update(call: Call): unknown {
  const variable = find(call);
  const { variable_type: variableType, ...fields } = call.read(FIELDS);
  return present(updateVariable(call.store, variable, { ...fields, variableType }));
}

const BASE = "/admin/ci/variables";

export const instanceVariableRoutes = [
  get(BASE, list),
  post(BASE, create),
  get(`${BASE}/:key`, (call) => present(find(call))),
  put(`${BASE}/:key`, update),
  del(`${BASE}/:key`, (call) => call.store.variables.delete(find(call))),
];
