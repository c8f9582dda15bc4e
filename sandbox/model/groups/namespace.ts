import type { Visibility } from "../instance/settings";

/** A group or subgroup. */
export interface Group {
  readonly kind: "group";
  readonly id: number;
  readonly parentId: number | null;
  name: string;
  path: string;
  description: string;
  visibility: Visibility;
  readonly createdAt: string;
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
