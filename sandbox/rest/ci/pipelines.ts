import type { Job, Pipeline } from "../../model/ci/job";
import { ARTIFACT_FORMATS } from "../../model/ci/job-artifact";
import { archiveOf, artifactsOf, isExpired } from "../../model/ci/job-artifacts";
import { createPipeline, deletePipeline, finishJob, latestJobs } from "../../model/ci/jobs";
import { GitLabError } from "../../model/gitlab-error";
import { canReadJobs, canReadPipelines } from "../../model/members/access";
import { AccessLevel } from "../../model/members/access-level";
import type { Project } from "../../model/projects/project";
import { repositoryOf } from "../../model/projects/projects";
import { canMergeToBranch, canPushToBranch, isProtectedRef } from "../../model/protected-refs/protected-refs";
import type { Store } from "../../model/store";
import type { Call } from "../call";
import { flag, oneOf, required, text, texts } from "../parameters";
import { del, get, post, RawAnswer } from "../route";
import { presentUserId } from "../users/users";

const STATUSES = ["created", "running", "success", "failed", "canceled", "skipped"] as const;

export function presentPipeline(store: Store, pipeline: Pipeline): Record<string, unknown> {
  const path = store.projectFullPath(store.projects.get(pipeline.projectId)!);
  return {
    id: pipeline.id,
    iid: pipeline.iid,
    project_id: pipeline.projectId,
    sha: pipeline.sha,
    ref: pipeline.ref,
    status: pipeline.status,
    source: pipeline.source,
    created_at: pipeline.createdAt,
    updated_at: pipeline.updatedAt,
    web_url: `${store.url}/${path}/-/pipelines/${pipeline.id}`,
    name: null,
  };
}

export function presentPipelineDetail(store: Store, pipeline: Pipeline): Record<string, unknown> {
  return {
    ...presentPipeline(store, pipeline),
    before_sha: pipeline.beforeSha,
    tag: pipeline.tag,
    yaml_errors: null,
    user: presentUserId(store, pipeline.userId),
    started_at: pipeline.createdAt,
    finished_at: ["success", "failed", "canceled"].includes(pipeline.status) ? pipeline.updatedAt : null,
    committed_at: null,
    duration: null,
    queued_duration: null,
    coverage: null,
  };
}

export function presentJob(store: Store, job: Job): Record<string, unknown> {
  const path = store.projectFullPath(store.projects.get(job.projectId)!);
  const pipeline = store.pipelines.get(job.pipelineId);
  const archive = archiveOf(store, job);
  return {
    id: job.id,
    status: job.status,
    stage: job.stage,
    name: job.name,
    ref: job.ref,
    tag: job.tag,
    coverage: null,
    allow_failure: false,
    created_at: job.createdAt,
    started_at: job.createdAt,
    finished_at: job.finishedAt,
    erased_at: null,
    duration: null,
    queued_duration: 0,
    user: presentUserId(store, job.userId),
    pipeline: pipeline ? presentPipeline(store, pipeline) : null,
    web_url: `${store.url}/${path}/-/jobs/${job.id}`,
    project: { ci_job_token_scope_enabled: false },
    ...(archive && !isExpired(store, archive)
      ? { artifacts_file: { filename: archive.filename, size: archive.body.length } }
      : {}),
    artifacts: artifactsOf(store, job).map(({ type, filename, body }) => ({
      file_type: type,
      size: body.length,
      filename,
      file_format: ARTIFACT_FORMATS[type],
    })),
    artifacts_expire_at: store.artifactsOf(job.id).at(-1)?.expireAt ?? null,
    runner: null,
    tag_list: [],
  };
}

/** The project, if the caller may see its pipelines. Errors: 403. */
function pipelineProject(call: Call): Project {
  const project = call.project();
  if (!canReadPipelines(call.store, call.currentUser, project)) throw GitLabError.forbidden();
  return project;
}

/** The project, if the caller may see its jobs. Errors: 403. */
export function jobProject(call: Call): Project {
  const project = call.project();
  if (!canReadJobs(call.store, call.currentUser, project)) throw GitLabError.forbidden();
  return project;
}

function list(call: Call): unknown {
  const { store } = call;
  const project = pipelineProject(call);
  const query = call.read({
    ref: text(),
    sha: text(),
    status: oneOf(STATUSES),
    source: text(),
    sort: oneOf(["asc", "desc"]),
  });
  const found = store
    .pipelinesOf(project.id)
    .filter(({ ref }) => query.ref === undefined || ref === query.ref)
    .filter(({ sha }) => query.sha === undefined || sha === query.sha)
    .filter(({ source }) => query.source === undefined || source === query.source)
    .filter(({ status }) => query.status === undefined || status === query.status);
  if (query.sort !== "asc") found.reverse();
  return call.page(found, (pipeline) => presentPipeline(store, pipeline));
}

function find(call: Call): Pipeline {
  const project = pipelineProject(call);
  const pipeline = call.store.pipelines.get(call.id("pipeline_id"));
  if (pipeline?.projectId !== project.id) throw GitLabError.recordNotFound();
  return pipeline;
}

async function create(call: Call): Promise<unknown> {
  const { store, user } = call;
  const project = call.project(AccessLevel.Developer);
  const { ref } = call.read({ ref: required(text()) });
  const repository = repositoryOf(store, project);
  const branch = await repository.resolve(`refs/heads/${ref}`);
  const sha = branch ?? (await repository.resolve(`refs/tags/${ref}`));
  if (!sha) throw GitLabError.invalid("base", "Reference not found");
  if (!(await repository.file(sha, ".gitlab-ci.yml"))) throw GitLabError.invalid("base", "Missing CI config file");
  const guarded = isProtectedRef(store, project, ref, !branch);
  if (guarded && !canPushToBranch(store, user, project, ref) && !canMergeToBranch(store, user, project, ref)) {
    throw GitLabError.invalid(
      "base",
      `You do not have sufficient permission to run a pipeline on '${ref}'. Please select a different branch or contact your administrator for assistance.`,
    );
  }
  const pipeline = createPipeline(store, project, user, { ref, tag: !branch, sha, source: "api", status: "created" });
  return presentPipelineDetail(store, pipeline);
}

function remove(call: Call): undefined {
  call.project(AccessLevel.Owner);
  deletePipeline(call.store, find(call));
  return undefined;
}

function listJobs(select: (call: Call) => Job[]): (call: Call) => unknown {
  return (call) => {
    const { scope } = call.read({ scope: texts([...STATUSES, "pending", "manual"]) });
    const jobs = select(call).filter(({ status }) => scope === undefined || scope.includes(status));
    return call.page(jobs.reverse(), (job) => presentJob(call.store, job));
  };
}

function jobsOfPipeline(call: Call): Job[] {
  const { include_retried } = call.read({ include_retried: flag() });
  jobProject(call);
  const jobs = call.store.jobsOfPipeline(find(call).id);
  return include_retried ? jobs : latestJobs(jobs);
}

/** The job of `:job_id`. Errors: 403, 404. */
export function findJob(call: Call): Job {
  const project = jobProject(call);
  const job = call.store.jobs.get(call.id("job_id"));
  if (job?.projectId !== project.id) throw GitLabError.recordNotFound();
  return job;
}

function cancel(call: Call): unknown {
  call.project(AccessLevel.Developer);
  const job = findJob(call);
  if (job.status === "running") finishJob(call.store, job, "canceled");
  return presentJob(call.store, job);
}

/** The job a CI_JOB_TOKEN belongs to. */
function ownJob(call: Call): unknown {
  const credential = call.identity?.credential;
  if (credential?.kind !== "job") throw GitLabError.unauthorized();
  return presentJob(call.store, credential.job);
}

const PIPELINES = "/projects/:id/pipelines";
const JOBS = "/projects/:id/jobs";
const READ = { anonymous: true };

export const pipelineRoutes = [
  get("/job", ownJob, { jobToken: true }),
  get(PIPELINES, list, READ),
  post("/projects/:id/pipeline", create),
  get(`${PIPELINES}/:pipeline_id`, (call) => presentPipelineDetail(call.store, find(call)), READ),
  del(`${PIPELINES}/:pipeline_id`, remove),
  get(`${PIPELINES}/:pipeline_id/jobs`, listJobs(jobsOfPipeline), READ),
  get(
    JOBS,
    listJobs((call) => call.store.jobsOf(jobProject(call).id)),
    READ,
  ),
  get(`${JOBS}/:job_id`, (call) => presentJob(call.store, findJob(call)), READ),
  get(`${JOBS}/:job_id/trace`, (call) => new RawAnswer(findJob(call).trace, "text/plain"), READ),
  post(`${JOBS}/:job_id/cancel`, cancel),
];
