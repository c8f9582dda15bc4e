import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const BINDINGS = path.dirname(require.resolve("@cdktf/provider-gitlab/package.json"));

/** What the bindings say of one argument or attribute. */
export interface BoundAttribute {
  readonly computed: boolean;
  readonly optional: boolean;
  readonly required: boolean;
}

/** A class of the bindings with its attributes, nested ones under the class that holds them. */
export interface BoundType {
  /** Terraform's name, e.g. `gitlab_project_variable`. */
  readonly typeName: string;
  readonly kind: "resource" | "data source" | "provider";
  readonly attributes: Readonly<Record<string, BoundAttribute>>;
  /** By the name of the nested class, e.g. `BranchProtectionAllowedToPushOutputReference`. */
  readonly nested: Readonly<Record<string, Readonly<Record<string, BoundAttribute>>>>;
}

const KINDS: Readonly<Record<string, BoundType["kind"]>> = {
  TerraformResource: "resource",
  TerraformDataSource: "data source",
  TerraformProvider: "provider",
};

/** Every resource, data source and the provider block of @cdktf/provider-gitlab, by Terraform's name and kind. */
export function boundTypes(): BoundType[] {
  const lib = path.join(BINDINGS, "lib");
  return readdirSync(lib, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => boundType(path.join(lib, entry.name, "index.js")));
}

/** The generated source, which the compiled file carries in its source map, states each attribute's mode in a comment. */
function boundType(compiled: string): BoundType {
  const map = /sourceMappingURL=data:application\/json;base64,(\S+)/.exec(readFileSync(compiled, "utf8"));
  if (!map) throw new Error(`${compiled} carries no source map: the bindings changed their shape`);
  const source = String(JSON.parse(Buffer.from(map[1]!, "base64").toString("utf8")).sourcesContent[0]);
  const classes = source.split(/^export class /m).slice(1);
  const main = classes.find((each) => KINDS[baseOf(each)])!;
  return {
    typeName: /tfResourceType = "(\w+)"/.exec(main)![1]!,
    kind: KINDS[baseOf(main)]!,
    attributes: attributesOf(main),
    nested: Object.fromEntries(
      classes.filter((each) => each !== main).map((each) => [nameOf(each), attributesOf(each)]),
    ),
  };
}

function nameOf(declaration: string): string {
  return /^(\w+)/.exec(declaration)![1]!;
}

function baseOf(declaration: string): string {
  return /^\w+ extends cdktf\.(\w+)/.exec(declaration)?.[1] ?? "";
}

function attributesOf(declaration: string): Record<string, BoundAttribute> {
  const modes = declaration.matchAll(/\/\/ (\w+) - computed: (\w+), optional: (\w+), required: (\w+)/g);
  return Object.fromEntries(
    [...modes].map(([, name, computed, optional, required]) => [
      name!,
      { computed: computed === "true", optional: optional === "true", required: required === "true" },
    ]),
  );
}

/** One property of a config interface in the bindings' `.jsii`. */
export interface JsiiProperty {
  readonly name: string;
  readonly optional?: boolean;
}

/** The properties of an interface or class, e.g. `projectVariable.ProjectVariableConfig`, own ones only. */
export function jsiiProperties(name: string): readonly JsiiProperty[] {
  jsiiTypes ??= JSON.parse(readFileSync(path.join(BINDINGS, ".jsii"), "utf8")).types as JsiiTypes;
  const type = jsiiTypes[`@cdktf/provider-gitlab.${name}`];
  if (!type) throw new Error(`no type ${name} in the bindings' .jsii`);
  return type.properties ?? [];
}

type JsiiTypes = Record<string, { properties?: JsiiProperty[] }>;
let jsiiTypes: JsiiTypes | undefined;
