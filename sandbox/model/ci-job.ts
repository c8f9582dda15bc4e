/** A started CI job; its token works while it runs. */
export interface Job {
  readonly id: number;
  readonly projectId: number;
  readonly pipelineId: number;
  /** Who started it: CI_JOB_TOKEN acts with this user's role. */
  readonly userId: number;
  readonly name: string;
  readonly stage: string;
  readonly ref: string;
  readonly tag: boolean;
  readonly environment: string | null;
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
  readonly ref: string;
  readonly tag: boolean;
  readonly sha: string;
  readonly source: "push" | "web" | "api" | "schedule" | "merge_request_event";
  status: "created" | "running" | "success" | "failed" | "canceled" | "skipped";
  readonly createdAt: string;
  updatedAt: string;
}
