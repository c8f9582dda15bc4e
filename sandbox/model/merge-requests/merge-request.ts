export interface MergeRequest {
  readonly id: number;
  readonly iid: number;
  readonly projectId: number;
  readonly authorId: number;
  title: string;
  description: string | null;
  readonly sourceBranch: string;
  targetBranch: string;
  state: "opened" | "closed" | "merged";
  labels: string[];
  assigneeIds: number[];
  reviewerIds: number[];
  draft: boolean;
  squash: boolean;
  removeSourceBranch: boolean;
  mergeCommitSha: string | null;
  squashCommitSha: string | null;
  /** The commit that a fast-forward put on the target branch. */
  mergedCommitSha: string | null;
  /** The changes as they were when it was merged or closed; null while it is open: its branches tell. */
  settledRange: CommitRange | null;
  mergedById: number | null;
  mergedAt: string | null;
  closedAt: string | null;
  readonly createdAt: string;
  updatedAt: string;
}

/** The commits a merge request brings: those of `head` that `base`, where it left the target branch, lacks. */
export interface CommitRange {
  readonly base: string;
  readonly head: string;
}

/** A comment on a merge request. */
export interface Note {
  readonly id: number;
  readonly mergeRequestId: number;
  readonly authorId: number;
  body: string;
  readonly createdAt: string;
  updatedAt: string;
}
