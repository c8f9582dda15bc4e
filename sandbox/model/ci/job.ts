/** GitLab's `artifacts:access`: everyone who may see the job, or members from that role up. */
export type ArtifactsAccess = "all" | "developer" | "maintainer" | "none";

/** A started CI job; its token works while it runs. */
export interface Job {
  readonly id: number;
  readonly projectId: number;
  readonly pipelineId: number;
  /** The user who started it: CI_JOB_TOKEN acts with this user's role. */
  readonly userId: number;
  readonly name: string;
  readonly stage: string;
  readonly ref: string;
  readonly tag: boolean;
  readonly environment: string | null;
  /** The job's `artifacts:access`: who may download what it uploads. */
  readonly artifactsAccess: ArtifactsAccess;
  /** SHA-256 of CI_JOB_TOKEN. */
  readonly tokenDigest: string;
  status: "running" | "success" | "failed" | "canceled" | "skipped";
  readonly createdAt: string;
  finishedAt: string | null;
  trace: string;
}

export interface Pipeline {
  readonly id: number;
  readonly iid: number;
  readonly projectId: number;
  readonly userId: number;
  /** A branch, a tag, or `refs/merge-requests/<iid>/head`. */
  readonly ref: string;
  readonly tag: boolean;
  readonly sha: string;
  /** The branch's tip before the push; 40 zeros for anything but a push to a branch that existed. */
  readonly beforeSha: string;
  /** The merge request a pipeline of the source `merge_request_event` is for. */
  readonly mergeRequestId: number | null;
  readonly source: "push" | "web" | "api" | "schedule" | "merge_request_event";
  status: "created" | "running" | "success" | "failed" | "canceled" | "skipped";
  readonly createdAt: string;
  updatedAt: string;
}
