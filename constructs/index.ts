export type { Named } from "../gitlab/named";
export type { ProviderMajor } from "../gitlab/provider-major";
export {
  type ByPattern,
  CiPusher,
  type CiPusherBranch,
  type CiPusherProps,
  type CiPusherTag,
  type CiPusherToken,
  type CiPusherVariable,
} from "./ci-pusher";
export { Expression } from "./expression";
export { adoptLeftovers } from "./leftovers";
export type { Listed } from "./listed";
export { findOwners } from "./ownership";
export { PushRule, type PushRuleProps } from "./push-rule";
export { PushToken, type PushTokenProps } from "./push-token";
export { PushVariable, type PushVariableProps } from "./push-variable";
export { PusherStack, type PusherStackProps } from "./pusher-stack";
export type { Edition, Package } from "./stack-checks";
export { TagRule, type TagRuleProps } from "./tag-rule";
export { ValidationError } from "./validation";
export type { VariableHome } from "./variable-home";
