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
  mergedById: number | null;
  mergedAt: string | null;
  closedAt: string | null;
  readonly createdAt: string;
  updatedAt: string;
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
