import type { AttributePath, Diagnostic } from "./diagnostic";
import type { AttributePlan } from "./plan-modifier";
import { type Attribute, type Attributes, blockElements, type Schema } from "./schema";
import { equalValues, isKnown, type ObjectValue, UNKNOWN, type Value } from "./value";

/** Everything that Terraform hands over to plan one resource. */
export interface PlanRequest {
  /** Null for a create. */
  readonly state: ObjectValue | null;
  readonly config: ObjectValue;
  /** The configuration merged over the state, computed attributes kept. */
  readonly proposed: ObjectValue;
}

export interface ResourcePlan {
  plan: ObjectValue;
  readonly requiresReplace: AttributePath[];
}

/**
 * Plans as the terraform-plugin-framework does, in its order: defaults; then, if anything differs from the state at all, every
 * computed attribute that is not configured becomes unknown; then each attribute's plan modifiers.
 *
 * That second step is where much of the provider's behaviour comes from: one changed date makes a token's `user_id` unknown.
 */
export function planResource(schema: Schema, { state, config, proposed }: PlanRequest): ResourcePlan {
  const plan = withDefaults(schema.attributes, config, proposed);
  if (state === null || !equalValues(plan, state)) markComputedUnknown(schema, config, plan);
  return { plan, requiresReplace: runModifiers(schema.attributes, { state, config, plan }) };
}

function withDefaults(attributes: Attributes, config: ObjectValue, proposed: ObjectValue): ObjectValue {
  const plan: ObjectValue = { ...proposed };
  for (const [name, attribute] of Object.entries(attributes)) {
    if (attribute.default !== undefined && (config[name] ?? null) === null) plan[name] = attribute.default;
  }
  return plan;
}

function markComputedUnknown(schema: Schema, config: ObjectValue, plan: ObjectValue): void {
  for (const [name, attribute] of Object.entries(schema.attributes)) {
    if (becomesUnknown(attribute, config[name])) plan[name] = UNKNOWN;
    else if (attribute.nesting === "set") markElements(attribute.attributes ?? {}, plan, name);
  }
  for (const [name, attributes] of Object.entries(schema.blocks ?? {})) {
    markElements(attributes, plan, name);
  }
}

function markElements(attributes: Attributes, plan: ObjectValue, name: string): void {
  if (!Array.isArray(plan[name])) return;
  plan[name] = blockElements(plan[name]).map((element) => unknownElement(attributes, element));
}

function becomesUnknown(attribute: Attribute, configured: Value | undefined): boolean {
  return attribute.computed === true && attribute.default === undefined && (configured ?? null) === null;
}

/**
 * An element of a set has no address but its value, so once its computed attributes are filled it is never found in the
 * configuration: they become unknown whatever they were.
 */
function unknownElement(attributes: Attributes, element: ObjectValue): ObjectValue {
  const marked: ObjectValue = { ...element };
  for (const [name, attribute] of Object.entries(attributes)) {
    if (attribute.computed && (!attribute.optional || (element[name] ?? null) === null)) marked[name] = UNKNOWN;
  }
  return marked;
}

function runModifiers(
  attributes: Attributes,
  { state, config, plan }: { state: ObjectValue | null; config: ObjectValue; plan: ObjectValue },
): AttributePath[] {
  const replaced: AttributePath[] = [];
  for (const [name, attribute] of Object.entries(attributes)) {
    if (!attribute.modifiers) continue;
    const attributePlan: AttributePlan = {
      config: config[name] ?? null,
      state: state?.[name] ?? null,
      plan: plan[name] ?? null,
      requiresReplace: false,
      inPlace: state !== null,
    };
    for (const modify of attribute.modifiers) modify(attributePlan);
    plan[name] = attributePlan.plan;
    if (attributePlan.requiresReplace) replaced.push([name]);
  }
  return replaced;
}

/** Runs the validators of every attribute, nested ones included. */
export function validateAttributes(schema: Schema, config: ObjectValue): Diagnostic[] {
  return validateObject(schema.attributes, config, config, []);
}

function validateObject(
  attributes: Attributes,
  object: ObjectValue,
  root: ObjectValue,
  parent: AttributePath,
): Diagnostic[] {
  return Object.entries(attributes).flatMap(([name, attribute]) => {
    const value = object[name] ?? null;
    const path = [...parent, name];
    const own = (attribute.validators ?? []).flatMap((validate) => validate(value, path, root));
    const { attributes: nested } = attribute;
    if (!nested || !isKnown(value)) return own;
    const objects = attribute.nesting === "set" ? blockElements(value) : [value as ObjectValue];
    return [...own, ...objects.flatMap((each) => validateObject(nested, each, root, path))];
  });
}
