import type { Source } from "../members/member";

/** One who may do one thing to a branch: a role, or (Premium) one user, group or deploy key. */
export interface AccessEntry {
  readonly id: number;
  accessLevel: number | null;
  userId: number | null;
  groupId: number | null;
  deployKeyId: number | null;
}

/** One rule, exact or wildcard, of a project or (Premium) of a top-level group. */
export interface ProtectedBranch {
  readonly id: number;
  readonly source: Source;
  readonly sourceId: number;
  /** As it was written: `main`, `release/*`. */
  readonly name: string;
  allowForcePush: boolean;
  codeOwnerApprovalRequired: boolean;
  push: AccessEntry[];
  merge: AccessEntry[];
  unprotect: AccessEntry[];
}

export interface ProtectedTag {
  readonly id: number;
  readonly projectId: number;
  readonly name: string;
  create: AccessEntry[];
}
