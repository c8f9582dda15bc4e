import { randomBytes } from "node:crypto";
import type { Project } from "../projects/project";
import type { Store } from "../store";
import { digestOf } from "../tokens/value";
import type { User } from "../users/user";
import type { ArtifactsAccess, Job, Pipeline } from "./job";
import { deleteArtifactsOf } from "./job-artifacts";

/** The SHA that GitLab writes where there is no commit. */
export const NO_COMMIT = "0".repeat(40);

export interface NewPipeline {
  readonly ref: string;
  readonly tag?: boolean;
  readonly sha: string;
  /** @default 40 zeros */
  readonly beforeSha?: string;
  /** Of a pipeline with the source `merge_request_event`. */
  readonly mergeRequestId?: number;
  readonly source: Pipeline["source"];
  /** @default "running" */
  readonly status?: Pipeline["status"];
}

export function createPipeline(store: Store, project: Project, user: User, options: NewPipeline): Pipeline {
  const now = store.clock.timestamp();
  return store.pipelines.insert({
    id: store.pipelines.nextId(),
    iid: Math.max(0, ...store.pipelinesOf(project.id).map(({ iid }) => iid)) + 1,
    projectId: project.id,
    userId: user.id,
    ref: options.ref,
    tag: options.tag ?? false,
    sha: options.sha,
    beforeSha: options.beforeSha ?? NO_COMMIT,
    mergeRequestId: options.mergeRequestId ?? null,
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
  /** The user who starts it, as with a manual job. @default who started the pipeline */
  readonly user?: User;
  /** @default "all" */
  readonly artifactsAccess?: ArtifactsAccess;
}

/** Starts a job of a pipeline; the second part of the answer is its CI_JOB_TOKEN, which works until the job ends. */
export function startJob(store: Store, pipeline: Pipeline, options: NewJob = {}): { job: Job; token: string } {
  const token = `glcbt-${randomBytes(1).toString("hex")}_${randomBytes(15).toString("base64url")}`;
  const job = store.jobs.insert({
    id: store.jobs.nextId(),
    projectId: pipeline.projectId,
    pipelineId: pipeline.id,
    userId: options.user?.id ?? pipeline.userId,
    name: options.name ?? "build",
    stage: options.stage ?? "test",
    ref: pipeline.ref,
    tag: pipeline.tag,
    environment: options.environment ?? null,
    artifactsAccess: options.artifactsAccess ?? "all",
    tokenDigest: digestOf(token),
    status: "running",
    createdAt: store.clock.timestamp(),
    finishedAt: null,
    trace: "",
  });
  followJobs(store, pipeline);
  return { job, token };
}

/** Ends a job; its CI_JOB_TOKEN is dead from then on. */
export function finishJob(store: Store, job: Job, status: "success" | "failed" | "canceled" = "success"): void {
  job.status = status;
  job.finishedAt = store.clock.timestamp();
  const pipeline = store.pipelines.get(job.pipelineId);
  if (pipeline) followJobs(store, pipeline);
}

/** Of jobs of one name the last one counts: the others were retried. */
export function latestJobs(jobs: readonly Job[]): Job[] {
  return [...new Map(jobs.map((job) => [job.name, job])).values()];
}

export function deletePipeline(store: Store, pipeline: Pipeline): void {
  for (const job of store.jobsOfPipeline(pipeline.id)) deleteJob(store, job);
  store.pipelines.delete(pipeline);
}

export function deleteJob(store: Store, job: Job): void {
  deleteArtifactsOf(store, job);
  store.jobs.delete(job);
}

/** A pipeline runs while one of its jobs does, and succeeds only when all of them did. */
function followJobs(store: Store, pipeline: Pipeline): void {
  const statuses = latestJobs(store.jobsOfPipeline(pipeline.id)).map(({ status }) => status);
  pipeline.status = (["running", "failed", "canceled"] as const).find((one) => statuses.includes(one)) ?? "success";
  pipeline.updatedAt = store.clock.timestamp();
}
