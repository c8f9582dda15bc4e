import type { PlanModifier } from "./plan-modifier";
import type { Validator } from "./validator";
import type { ObjectValue } from "./value";

/** A type in Terraform's JSON notation. */
export type AttributeType = "string" | "number" | "bool" | "dynamic" | readonly ["set" | "list" | "map", AttributeType];

export interface Attribute {
  /** Exactly one of `type` and `attributes` (nested objects) is given. */
  readonly type?: AttributeType;
  readonly attributes?: Attributes;
  /** The number of nested objects. @default "single" */
  readonly nesting?: "single" | "set";
  readonly required?: true;
  readonly optional?: true;
  readonly computed?: true;
  readonly sensitive?: true;
  /** Planned whenever the configuration is null, so an attribute taken out of the configuration goes back to it. */
  readonly default?: string | boolean;
  readonly validators?: readonly Validator[];
  /** Run in this order, as the order is visible: a replace can be asked for before the state's value is put back. */
  readonly modifiers?: readonly PlanModifier[];
}

export type Attributes = Readonly<Record<string, Attribute>>;

/** The attributes and blocks that a resource, or the provider's own configuration, may hold. */
export interface Schema {
  readonly version: number;
  readonly attributes: Attributes;
  /** Repeatable blocks; all that this provider has nest as sets. */
  readonly blocks?: Readonly<Record<string, Attributes>>;
}

/** `tfplugin6.Schema`. */
export function schemaMessage(schema: Schema): object {
  const blockTypes = Object.entries(schema.blocks ?? {}).map(([name, attributes]) => ({
    type_name: name,
    block: { attributes: attributeMessages(attributes) },
    nesting: NESTED_BLOCK_SET,
  }));
  return {
    version: schema.version,
    block: { version: schema.version, attributes: attributeMessages(schema.attributes), block_types: blockTypes },
  };
}

const NESTED_BLOCK_SET = 3;
const NESTED_OBJECT = { single: 1, set: 3 };

function attributeMessages(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([name, attribute]) => ({
    name,
    required: attribute.required ?? false,
    optional: attribute.optional ?? false,
    computed: attribute.computed ?? false,
    sensitive: attribute.sensitive ?? false,
    ...(attribute.attributes
      ? {
          nested_type: {
            attributes: attributeMessages(attribute.attributes),
            nesting: NESTED_OBJECT[attribute.nesting ?? "single"],
          },
        }
      : { type: Buffer.from(JSON.stringify(attribute.type)) }),
  }));
}

/** A value of the schema with nothing in it but what is given: Terraform wants every attribute to be there. */
export function objectOf(schema: Schema, known: ObjectValue = {}): ObjectValue {
  const value: ObjectValue = {};
  for (const name of Object.keys(schema.attributes)) value[name] = known[name] ?? null;
  for (const [name, attributes] of Object.entries(schema.blocks ?? {})) {
    value[name] = blockElements(known[name]).map((element) => elementOf(attributes, element));
  }
  return value;
}

function elementOf(attributes: Attributes, element: ObjectValue): ObjectValue {
  return Object.fromEntries(Object.keys(attributes).map((name) => [name, element[name] ?? null]));
}

/** The elements of a repeatable block: none while the whole block is still unknown, or was never set. */
export function blockElements(value: ObjectValue[string] | undefined): ObjectValue[] {
  return Array.isArray(value) ? (value as ObjectValue[]) : [];
}
