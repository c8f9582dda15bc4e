import type { Visibility } from "../instance/settings";
import type { BranchProtection } from "./branch-protection";

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
