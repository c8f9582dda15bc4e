import { equalValues, isUnknown, type Value } from "./value";

/** One attribute in a plan: what is configured, what is in the state, and what is planned so far. */
export interface AttributePlan {
  readonly config: Value;
  readonly state: Value;
  plan: Value;
  requiresReplace: boolean;
  /** No object before (create) or none after (destroy): nothing can be replaced. */
  readonly inPlace: boolean;
}

/** Named as the terraform-plugin-framework names them. */
export type PlanModifier = (attribute: AttributePlan) => void;

/** A computed value that the change does not touch is shown as it is, not as "known after apply". */
export const useStateForUnknown: PlanModifier = (attribute) => {
  if (attribute.state === null || !isUnknown(attribute.plan) || isUnknown(attribute.config)) return;
  attribute.plan = attribute.state;
};

/** A change of this attribute, or its becoming unknown, replaces the resource. */
export const requiresReplace: PlanModifier = (attribute) => {
  if (attribute.inPlace && !equalValues(attribute.plan, attribute.state)) attribute.requiresReplace = true;
};

/** As {@link requiresReplace}, but an attribute left out of the configuration never replaces. */
export const requiresReplaceIfConfigured: PlanModifier = (attribute) => {
  if (attribute.config !== null) requiresReplace(attribute);
};
