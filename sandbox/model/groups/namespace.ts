import type { DefaultBranchProtection, Visibility } from "../instance/settings";

/** The part that a group writes into the rules of its projects' default branches. */
export interface BranchProtection {
  /** The number of GitLab's `default_branch_protection`, which stood for it before there was a set of rules. */
  readonly level: number;
  readonly defaults: DefaultBranchProtection;
}

/** A group or subgroup. */
export interface Group {
  readonly kind: "group";
  readonly id: number;
  parentId: number | null;
  name: string;
  path: string;
  description: string;
  visibility: Visibility;
  readonly createdAt: string;
  /** The rules of its projects' new default branches; undefined: the instance's. */
  branchProtection?: BranchProtection;
  /** Everything else clients may set and read back, by API name. */
  attributes: Record<string, unknown>;
}

/** The personal namespace of a user. */
export interface UserNamespace {
  readonly kind: "user";
  readonly id: number;
  readonly userId: number;
  name: string;
  path: string;
}

export type Namespace = Group | UserNamespace;
