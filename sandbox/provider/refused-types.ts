import { DATA_SOURCE_TYPES } from "./data-source-types";
import { type Diagnostic, errorDiagnostic } from "./protocol/diagnostic";
import type { Attribute, Schema } from "./protocol/schema";
import refused from "./refused-type-arguments.json";
import { RESOURCE_TYPES } from "./resource-types";

/**
 * The real provider's other types, declared so that they can be refused by name: Terraform itself would only say that the
 * provider does not support them. `refused-type-arguments.json` lists their arguments (18.6 bindings, held against them by a test);
 * each is declared as optional and of any type, as nothing is ever made of the values.
 */
export const REFUSED_RESOURCES: ReadonlyMap<string, Schema> = schemasOf(refused.resources);
export const REFUSED_DATA_SOURCES: ReadonlyMap<string, Schema> = schemasOf(refused.dataSources);

/** A text with what was asked, what there is, and the way out. */
export function refusalOf(kind: "resource" | "data source", typeName: string): Diagnostic {
  const [resources, dataSources] = [RESOURCE_TYPES[18], DATA_SOURCE_TYPES].map((types) => [...types.keys()].join(", "));
  const detail =
    `The sandbox's provider stand-in has no ${kind} "${typeName}". It has the resources ${resources} and the data sources ${dataSources}. ` +
    "Start the sandbox with `--provider registry` to use the real gitlabhq/gitlab provider against it.";
  return errorDiagnostic(`Unsupported ${kind}: ${typeName}`, detail);
}

function schemasOf(types: Readonly<Record<string, string>>): ReadonlyMap<string, Schema> {
  return new Map(Object.entries(types).map(([name, attributes]) => [name, anySchema(attributes.split(" "))]));
}

function anySchema(names: readonly string[]): Schema {
  const any: Attribute = { type: "dynamic", optional: true, computed: true };
  return { version: 0, attributes: Object.fromEntries(names.map((name) => [name, any])) };
}
