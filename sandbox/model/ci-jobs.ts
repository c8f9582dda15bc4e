import { randomBytes } from "node:crypto";
import type { Job, Pipeline } from "./ci-job";
import type { Project } from "./project";
import type { Store } from "./store";
import { digestOf } from "./token-value";
import type { User } from "./user";

export interface NewPipeline {
  readonly ref: string;
  readonly tag?: boolean;
  readonly sha: string;
  readonly source: Pipeline["source"];
  /** @default "running" */
  readonly status?: Pipeline["status"];
}

export function createPipeline(store: Store, project: Project, user: User, options: NewPipeline): Pipeline {
  const now = store.clock.timestamp();
  return store.pipelines.insert({
    id: store.pipelines.nextId(),
    iid: store.pipelinesOf(project.id).length + 1,
    projectId: project.id,
    userId: user.id,
    ref: options.ref,
    tag: options.tag ?? false,
    sha: options.sha,
    source: options.source,
    status: options.status ?? "running",
    createdAt: now,
    updatedAt: now,
  });
}

export interface NewJob {
  /** @default "build" */
  readonly name?: string;
  /** @default "test" */
  readonly stage?: string;
  readonly environment?: string | null;
}

/** Starts a job of a pipeline; the second part of the answer is its CI_JOB_TOKEN, which works until the job ends. */
export function startJob(store: Store, pipeline: Pipeline, options: NewJob = {}): { job: Job; token: string } {
  const token = `glcbt-${randomBytes(1).toString("hex")}_${randomBytes(15).toString("base64url")}`;
  const job = store.jobs.insert({
    id: store.jobs.nextId(),
    projectId: pipeline.projectId,
    pipelineId: pipeline.id,
    userId: pipeline.userId,
    name: options.name ?? "build",
    stage: options.stage ?? "test",
    ref: pipeline.ref,
    tag: pipeline.tag,
    environment: options.environment ?? null,
    tokenDigest: digestOf(token),
    status: "running",
    createdAt: store.clock.timestamp(),
    finishedAt: null,
    trace: "",
  });
  return { job, token };
}

/** Ends a job; its CI_JOB_TOKEN is dead from then on. */
export function finishJob(store: Store, job: Job, status: "success" | "failed" | "canceled" = "success"): void {
  job.status = status;
  job.finishedAt = store.clock.timestamp();
  const pipeline = store.pipelines.get(job.pipelineId);
  if (!pipeline) return;
  pipeline.status = status;
  pipeline.updatedAt = job.finishedAt;
}
