import { z } from "zod";
import type { Pipeline } from "../model/ci/job";
import { createPipeline, NO_COMMIT, startJob } from "../model/ci/jobs";
import type { Variable } from "../model/ci/variable";
import { expandReferences, variablesForJob } from "../model/ci/variables";
import { GitLabError } from "../model/gitlab-error";
import type { MergeRequest } from "../model/merge-requests/merge-request";
import { headOf, headRef } from "../model/merge-requests/merge-requests";
import type { Project } from "../model/projects/project";
import { repositoryOf } from "../model/projects/projects";
import { isProtectedRef } from "../model/protected-refs/protected-refs";
import type { Store } from "../model/store";
import type { User } from "../model/users/user";
import { predefinedVariables } from "./predefined-variables";

/** The body that `POST /-/sandbox/jobs` takes. */
export const JOB_REQUEST = z
  .strictObject({
    /** Id or full path. */
    project: z.union([z.string(), z.int()]),
    /** Id of a pipeline that gets a further job. @default a new one, as the next five say */
    pipeline: z.int().optional(),
    /** A branch or tag; @default the default branch */
    ref: z.string().optional(),
    /** The source of the pipeline. @default "push" */
    source: z.enum(["push", "schedule", "web"]).optional(),
    /** Of a push: the branch's tip before it. @default what the repository knows, else 40 zeros */
    before_sha: z
      .string()
      .regex(/^[0-9a-f]{40}$/)
      .optional(),
    /** A merge request pipeline of that source branch. */
    merge_request: z.boolean().optional(),
    /** Id or username of who starts it; @default who started the pipeline, the project's creator for a new one */
    user: z.union([z.string(), z.int()]).optional(),
    environment: z.string().optional(),
    name: z.string().optional(),
    stage: z.string().optional(),
    /** The number of the job among the `node_total` of `parallel`, from 1. Its name then ends in ` 1/2`. */
    node_index: z.int().positive().optional(),
    node_total: z.int().positive().max(200).optional(),
    /** The job's `artifacts:access`. */
    artifacts_access: z.enum(["all", "developer", "maintainer", "none"]).optional(),
  })
  .refine(
    ({ pipeline, ref, source, before_sha, merge_request }) =>
      pipeline === undefined || [ref, source, before_sha, merge_request].every((one) => one === undefined),
    "a pipeline has its ref, source, before_sha and merge_request already: leave them out, or leave pipeline out",
  )
  .refine(
    ({ merge_request, source, before_sha }) => !merge_request || (source ?? before_sha) === undefined,
    "a merge request pipeline has the source merge_request_event and no before_sha: leave source and before_sha out",
  )
  .refine(
    ({ source, before_sha }) => before_sha === undefined || (source ?? "push") === "push",
    "only a push has a before_sha",
  )
  .refine(
    ({ node_index, node_total }) =>
      node_total === undefined ? node_index === undefined : node_index !== undefined && node_index <= node_total,
    "give node_index and node_total, both or none, and node_index from 1 to node_total",
  );

type JobRequest = z.infer<typeof JOB_REQUEST>;

/** The job as a runner gives it to a shell. */
export interface StartedJob {
  readonly id: number;
  readonly pipeline_id: number;
  /** CI_JOB_TOKEN. */
  readonly token: string;
  readonly variables: Record<string, string>;
  /** Variables of type `file`: their content, which a runner writes to a file and names in the variable. */
  readonly files: Record<string, string>;
}

/** Starts a job as a pipeline on that ref would. Errors: 404 for an unknown project, pipeline, ref, user or merge request. */
export async function startRequestedJob(store: Store, request: JobRequest): Promise<StartedJob> {
  const project = store.findProject(String(request.project));
  if (!project) throw GitLabError.notFound("Project");
  const pipeline =
    request.pipeline === undefined
      ? await newPipeline(store, project, request)
      : existingPipeline(store, project, request.pipeline);
  const user = findUser(store, request.user ?? pipeline.userId);
  const node = request.node_index === undefined ? "" : ` ${request.node_index}/${request.node_total}`;
  const { job, token } = startJob(store, pipeline, {
    name: `${request.name ?? "build"}${node}`,
    stage: request.stage,
    environment: request.environment,
    user,
    artifactsAccess: request.artifacts_access,
  });
  const mergeRequest = store.mergeRequests.get(pipeline.mergeRequestId ?? Number.NaN);
  const refProtected = mergeRequest
    ? exposesProtected(store, project, mergeRequest)
    : isProtectedRef(store, project, pipeline.ref, pipeline.tag);
  const predefined = await predefinedVariables(store, {
    project,
    user,
    pipeline,
    job,
    token,
    mergeRequest,
    refProtected,
    nodeIndex: request.node_index,
    nodeTotal: request.node_total,
  });
  const own = variablesForJob(store, project, { ...job, exposeProtected: refProtected });
  return { id: job.id, pipeline_id: pipeline.id, token, ...withOwnVariables(predefined, own) };
}

/** Variables that GitLab gives every job, under what project and groups add. */
function withOwnVariables(
  predefined: Readonly<Record<string, string>>,
  own: readonly Variable[],
): Pick<StartedJob, "variables" | "files"> {
  const known = { ...predefined, ...Object.fromEntries(own.map(({ key, value }) => [key, value])) };
  const variables: Record<string, string> = { ...predefined };
  const files: Record<string, string> = {};
  for (const { key, value, raw, variableType } of own) {
    const target = variableType === "file" ? files : variables;
    target[key] = raw ? value : expandReferences(value, known);
  }
  return { variables, files };
}

function existingPipeline(store: Store, project: Project, id: number): Pipeline {
  const pipeline = store.pipelines.get(id);
  if (pipeline?.projectId !== project.id) throw GitLabError.notFound("Pipeline");
  return pipeline;
}

async function newPipeline(store: Store, project: Project, request: JobRequest): Promise<Pipeline> {
  const user = findUser(store, request.user ?? project.creatorId);
  const ref = request.ref ?? project.defaultBranch ?? project.initialBranch;
  if (request.merge_request) return mergeRequestPipeline(store, project, user, ref);
  const repository = repositoryOf(store, project);
  const branch = await repository.resolve(`refs/heads/${ref}`);
  const sha = branch ?? (await repository.resolve(`refs/tags/${ref}`));
  if (!sha) throw GitLabError.notFound(`Ref ${ref}`);
  const { source = "push" } = request;
  const previous = source === "push" && branch ? await repository.previousTip(ref) : undefined;
  const beforeSha = request.before_sha ?? previous ?? NO_COMMIT;
  return createPipeline(store, project, user, { ref, tag: !branch, sha, source, beforeSha });
}

/** Of the source branch's newest commit, under the ref that GitLab keeps for the merge request. */
async function mergeRequestPipeline(store: Store, project: Project, user: User, source: string): Promise<Pipeline> {
  const mergeRequest = openMergeRequest(store, project, source);
  const sha = await headOf(store, mergeRequest);
  if (!sha) throw GitLabError.notFound(`Ref ${source}`);
  const ref = headRef(mergeRequest);
  await repositoryOf(store, project).setRef(ref, sha);
  const mergeRequestId = mergeRequest.id;
  return createPipeline(store, project, user, { ref, sha, source: "merge_request_event", mergeRequestId });
}

function findUser(store: Store, given: string | number): User {
  const user =
    typeof given === "number" || /^\d+$/.test(given)
      ? store.users.get(Number(given))
      : store.userByUsername(given.toLowerCase());
  if (!user) throw GitLabError.notFound("User");
  return user;
}

function openMergeRequest(store: Store, project: Project, source: string): MergeRequest {
  const found = store
    .mergeRequestsOf(project.id)
    .find(({ state, sourceBranch }) => state === "opened" && sourceBranch === source);
  if (!found) throw GitLabError.notFound(`Open merge request from ${source}`);
  return found;
}

/** Merge request pipelines get protected variables only where the project opted in and both branches are protected. */
function exposesProtected(store: Store, project: Project, { sourceBranch, targetBranch }: MergeRequest): boolean {
  return (
    project.protectMergeRequestPipelines &&
    isProtectedRef(store, project, sourceBranch, false) &&
    isProtectedRef(store, project, targetBranch, false)
  );
}
