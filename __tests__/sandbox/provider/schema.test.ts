import { readFileSync } from "node:fs";
import path from "node:path";
import { DATA_SOURCE_TYPES } from "../../../sandbox/provider/data-source-types";
import type { Attribute, Attributes, Schema } from "../../../sandbox/provider/protocol/schema";
import { providerSchema } from "../../../sandbox/provider/provider-configuration";
import type { Resource } from "../../../sandbox/provider/resource";
import { RESOURCE_TYPES } from "../../../sandbox/provider/resource-types";
import { type BoundAttribute, boundTypes, jsiiProperties } from "../../support/provider-bindings";
import { refusedTypeTable } from "../../support/refused-type-table";

/** Terraform's own arguments, which the bindings' config interfaces inherit or add. */
const META_ARGUMENTS = ["alias"];

const RESOURCES = [
  { typeName: "gitlab_project_access_token", config: "projectAccessToken.ProjectAccessToken" },
  { typeName: "gitlab_project_variable", config: "projectVariable.ProjectVariable" },
  { typeName: "gitlab_group_variable", config: "groupVariable.GroupVariable" },
  { typeName: "gitlab_branch_protection", config: "branchProtection.BranchProtection" },
  { typeName: "gitlab_tag_protection", config: "tagProtection.TagProtection" },
];

const NESTED = [
  {
    typeName: "gitlab_project_access_token",
    name: "rotation_configuration",
    bound: "ProjectAccessTokenRotationConfigurationOutputReference",
  },
  {
    typeName: "gitlab_branch_protection",
    name: "allowed_to_push",
    bound: "BranchProtectionAllowedToPushOutputReference",
  },
  {
    typeName: "gitlab_branch_protection",
    name: "allowed_to_merge",
    bound: "BranchProtectionAllowedToMergeOutputReference",
  },
  {
    typeName: "gitlab_branch_protection",
    name: "allowed_to_unprotect",
    bound: "BranchProtectionAllowedToUnprotectOutputReference",
  },
  {
    typeName: "gitlab_tag_protection",
    name: "allowed_to_create",
    bound: "TagProtectionAllowedToCreateOutputReference",
  },
];

const bound = boundTypes();
const boundOf = (typeName: string, kind = "resource") =>
  bound.find((type) => type.typeName === typeName && type.kind === kind)!;

describe("the stand-in's schema against @cdktf/provider-gitlab", () => {
  it("has exactly the resource types the table below covers", () => {
    expect([...RESOURCE_TYPES[18].keys()].sort()).toEqual(RESOURCES.map(({ typeName }) => typeName).sort());
  });

  it.each(RESOURCES)(
    "$typeName: every attribute and block is computed, optional or required as bound",
    ({ typeName }) => {
      // GIVEN the schema of a resource, blocks shown as the bindings show them
      const { schema } = RESOURCE_TYPES[18].get(typeName)!;
      // THEN its modes are the bindings'
      expect(modesOf(schema)).toEqual(boundOf(typeName).attributes);
    },
  );

  it.each([...DATA_SOURCE_TYPES])(
    "%s: every attribute is computed, optional or required as bound",
    (name, { schema }) => {
      expect(attributeModes(schema.attributes)).toEqual(boundOf(name, "data source").attributes);
    },
  );

  it.each(NESTED)("$typeName: $name holds what the bindings have", ({ typeName, name, bound: className }) => {
    const { schema } = RESOURCE_TYPES[18].get(typeName)!;
    const nested = schema.blocks?.[name] ?? schema.attributes[name]?.attributes;
    expect(attributeModes(nested!)).toEqual(boundOf(typeName).nested[className]);
  });

  it.each(RESOURCES)(
    "$typeName: the .jsii config interface has the same arguments, as optional",
    ({ typeName, config }) => {
      // GIVEN what can be configured
      const { schema } = RESOURCE_TYPES[18].get(typeName)!;
      const configurable = Object.entries(modesOf(schema)).filter(([, mode]) => mode.optional || mode.required);
      // THEN the config interface has the same properties
      expect(Object.fromEntries(configurable.map(([name, mode]) => [camelCase(name), mode.optional]))).toEqual(
        Object.fromEntries(jsiiProperties(`${config}Config`).map(({ name, optional }) => [name, optional ?? false])),
      );
    },
  );

  it("the provider block has the .jsii's settings, all optional", () => {
    const properties = jsiiProperties("provider.GitlabProviderConfig").filter(
      ({ name }) => !META_ARGUMENTS.includes(name),
    );
    expect(Object.keys(providerSchema.attributes).map(camelCase).sort()).toEqual(
      properties.map(({ name }) => name).sort(),
    );
    expect(attributeModes(providerSchema.attributes)).toEqual(
      omit(boundOf("gitlab", "provider").attributes, META_ARGUMENTS),
    );
  });

  it("keeps secrets from being printed, and leaves variable values to what they derive from", () => {
    expect(sensitiveAttributes()).toEqual(["gitlab.token", "gitlab_project_access_token.token"]);
  });

  it("refuses by name every other type of the bindings, with all of its arguments", () => {
    const file = path.join(__dirname, "../../../sandbox/provider/refused-type-arguments.json");
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(refusedTypeTable());
  });
});

/** The schema of `gitlab_branch_protection` as the provider's own documentation of 19 has it. */
const DOCUMENTED_19 = {
  required: ["branch", "project"],
  optional: [
    "allow_force_push",
    "allowed_to_merge",
    "allowed_to_push",
    "allowed_to_unprotect",
    "code_owner_approval_required",
    "merge_access_level",
    "push_access_level",
  ],
  readOnly: ["branch_protection_id", "id"],
  listed: {
    allowed_to_push: { optional: ["access_level", "deploy_key_id", "group_id", "user_id"] },
    allowed_to_merge: { optional: ["access_level", "group_id", "user_id"] },
    allowed_to_unprotect: { optional: ["access_level", "group_id", "user_id"] },
  },
};

const RULE = "gitlab_branch_protection";

describe("the stand-in's schema of provider 19", () => {
  const [old, { schema }] = [RESOURCE_TYPES[18], RESOURCE_TYPES[19]].map((types) => types.get(RULE)!) as [
    Resource,
    Resource,
  ];
  const named = (attributes: Attributes, is: (mode: BoundAttribute) => boolean) =>
    Object.entries(attributeModes(attributes))
      .flatMap(([name, mode]) => (is(mode) ? [name] : []))
      .sort();
  const isReadOnly = ({ optional, required }: BoundAttribute) => !optional && !required;

  it("has the documented arguments, lists as attributes", () => {
    expect({
      required: named(schema.attributes, ({ required }) => required),
      optional: named(schema.attributes, ({ optional }) => optional),
      readOnly: named(schema.attributes, isReadOnly),
      listed: Object.fromEntries(
        Object.entries(schema.attributes).flatMap(([name, { attributes }]) =>
          attributes ? [[name, { optional: named(attributes, ({ optional }) => optional) }]] : [],
        ),
      ),
    }).toEqual(DOCUMENTED_19);
    expect(schema.blocks).toBeUndefined();
  });

  it("is newer than that of 18, and the other types are the same", () => {
    expect([old.schema.version, schema.version]).toEqual([1, 2]);
    const others = (version: 18 | 19) => [...RESOURCE_TYPES[version]].filter(([name]) => name !== RULE);
    expect(others(19)).toEqual(others(18));
  });
});

function modesOf(schema: Schema): Record<string, BoundAttribute> {
  const blocks = Object.keys(schema.blocks ?? {}).map((name) => [
    name,
    { computed: false, optional: true, required: false },
  ]);
  return { ...attributeModes(schema.attributes), ...Object.fromEntries(blocks) };
}

function attributeModes(attributes: Attributes): Record<string, BoundAttribute> {
  return Object.fromEntries(Object.entries(attributes).map(([name, attribute]) => [name, modeOf(attribute)]));
}

function modeOf(attribute: Attribute): BoundAttribute {
  return {
    computed: attribute.computed ?? false,
    optional: attribute.optional ?? false,
    required: attribute.required ?? false,
  };
}

function sensitiveAttributes(): string[] {
  const schemas: [string, Schema][] = [["gitlab", providerSchema]];
  for (const [name, { schema }] of RESOURCE_TYPES[18]) schemas.push([name, schema]);
  return schemas
    .flatMap(([type, { attributes }]) =>
      Object.entries(attributes)
        .filter(([, attribute]) => attribute.sensitive)
        .map(([name]) => `${type}.${name}`),
    )
    .sort();
}

function omit<T>(object: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
