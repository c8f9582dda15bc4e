import { z } from "zod";
import { isProtectedRef } from "../model/branch-protection";
import type { Job, Pipeline } from "../model/ci-job";
import { createPipeline, startJob } from "../model/ci-jobs";
import { expandReferences, variablesForJob } from "../model/ci-variables";
import { GitLabError } from "../model/gitlab-error";
import type { MergeRequest } from "../model/merge-request";
import type { Project } from "../model/project";
import { repositoryOf } from "../model/projects";
import type { Store } from "../model/store";
import type { User } from "../model/user";

/** What `POST /-/sandbox/jobs` takes. */
export const JOB_REQUEST = z.strictObject({
  /** Id or full path. */
  project: z.union([z.string(), z.int()]),
  /** A branch or tag; @default the default branch */
  ref: z.string().optional(),
  /** Id or username of who starts it; @default the project's creator */
  user: z.union([z.string(), z.int()]).optional(),
  environment: z.string().optional(),
  /** A merge request pipeline of that source branch. */
  merge_request: z.boolean().default(false),
  name: z.string().optional(),
  stage: z.string().optional(),
});

/** What a runner gives a job's shell. */
export interface StartedJob {
  readonly id: number;
  readonly pipeline_id: number;
  /** CI_JOB_TOKEN. */
  readonly token: string;
  readonly variables: Record<string, string>;
  /** Variables of type `file`: their content, which a runner writes to a file and names in the variable. */
  readonly files: Record<string, string>;
}

/** Starts a job as a pipeline on that ref would. Errors: 404 for an unknown project, ref, user or merge request. */
export async function startRequestedJob(store: Store, request: z.infer<typeof JOB_REQUEST>): Promise<StartedJob> {
  const project = store.findProject(String(request.project));
  if (!project) throw GitLabError.notFound("Project");
  const user = findUser(store, request.user ?? project.creatorId);
  const ref = request.ref ?? project.defaultBranch ?? project.initialBranch;
  const repository = repositoryOf(store, project);
  const branch = await repository.resolve(`refs/heads/${ref}`);
  const sha = branch ?? (await repository.resolve(`refs/tags/${ref}`));
  if (!sha) throw GitLabError.notFound(`Ref ${ref}`);
  const mergeRequest = request.merge_request ? openMergeRequest(store, project, ref) : undefined;
  const source = mergeRequest ? "merge_request_event" : "push";
  const pipeline = createPipeline(store, project, user, { ref, tag: !branch, sha, source });
  const { job, token } = startJob(store, pipeline, request);
  const predefined = predefinedVariables(store, { project, user, pipeline, job, token, mergeRequest });
  const own = variablesForJob(store, project, {
    ...job,
    exposeProtected: mergeRequest && exposesProtected(store, project, mergeRequest),
  });
  const written = Object.fromEntries(own.map(({ key, value }) => [key, value]));
  const known = { ...predefined, ...written };
  const variables: Record<string, string> = { ...predefined };
  const files: Record<string, string> = {};
  for (const { key, value, raw, variableType } of own) {
    const target = variableType === "file" ? files : variables;
    target[key] = raw ? value : expandReferences(value, known);
  }
  return { id: job.id, pipeline_id: pipeline.id, token, variables, files };
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

interface Started {
  readonly project: Project;
  readonly user: User;
  readonly pipeline: Pipeline;
  readonly job: Job;
  readonly token: string;
  readonly mergeRequest?: MergeRequest;
}

function predefinedVariables(store: Store, started: Started): Record<string, string> {
  const { project, user, pipeline, job, token, mergeRequest } = started;
  const url = new URL(store.url);
  const path = store.projectFullPath(project);
  return {
    CI: "true",
    GITLAB_CI: "true",
    CI_JOB_ID: String(job.id),
    CI_JOB_NAME: job.name,
    CI_JOB_STAGE: job.stage,
    CI_JOB_TOKEN: token,
    CI_JOB_URL: `${store.url}/${path}/-/jobs/${job.id}`,
    CI_PIPELINE_ID: String(pipeline.id),
    CI_PIPELINE_IID: String(pipeline.iid),
    CI_PIPELINE_SOURCE: pipeline.source,
    CI_PIPELINE_URL: `${store.url}/${path}/-/pipelines/${pipeline.id}`,
    CI_PROJECT_ID: String(project.id),
    CI_PROJECT_NAME: project.path,
    CI_PROJECT_NAMESPACE: path.slice(0, path.lastIndexOf("/")),
    CI_PROJECT_PATH: path,
    CI_PROJECT_PATH_SLUG: slug(path),
    CI_PROJECT_ROOT_NAMESPACE: path.split("/")[0]!,
    CI_PROJECT_URL: `${store.url}/${path}`,
    CI_PROJECT_VISIBILITY: project.visibility,
    CI_DEFAULT_BRANCH: project.defaultBranch ?? project.initialBranch,
    CI_REPOSITORY_URL: `${url.protocol}//gitlab-ci-token:${token}@${url.host}/${path}.git`,
    CI_COMMIT_SHA: pipeline.sha,
    CI_COMMIT_SHORT_SHA: pipeline.sha.slice(0, 8),
    CI_COMMIT_REF_NAME: job.ref,
    CI_COMMIT_REF_SLUG: slug(job.ref),
    CI_COMMIT_REF_PROTECTED: String(isProtectedRef(store, project, job.ref, job.tag)),
    CI_SERVER: "yes",
    CI_SERVER_URL: store.url,
    // Without the port, as in GitLab; CI_SERVER_FQDN has it.
    CI_SERVER_HOST: url.hostname,
    CI_SERVER_PORT: url.port,
    CI_SERVER_PROTOCOL: url.protocol.replace(":", ""),
    CI_SERVER_FQDN: url.host,
    CI_API_V4_URL: `${store.url}/api/v4`,
    CI_TEMPLATE_REGISTRY_HOST: "registry.gitlab.com",
    GITLAB_USER_ID: String(user.id),
    GITLAB_USER_LOGIN: user.username,
    GITLAB_USER_NAME: user.name,
    GITLAB_USER_EMAIL: user.email,
    ...(job.tag ? { CI_COMMIT_TAG: job.ref } : mergeRequest ? {} : { CI_COMMIT_BRANCH: job.ref }),
    ...(job.environment === null
      ? {}
      : { CI_ENVIRONMENT_NAME: job.environment, CI_ENVIRONMENT_SLUG: slug(job.environment) }),
    ...(mergeRequest
      ? {
          CI_MERGE_REQUEST_ID: String(mergeRequest.id),
          CI_MERGE_REQUEST_IID: String(mergeRequest.iid),
          CI_MERGE_REQUEST_PROJECT_ID: String(project.id),
          CI_MERGE_REQUEST_PROJECT_PATH: path,
          CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: mergeRequest.sourceBranch,
          CI_MERGE_REQUEST_TARGET_BRANCH_NAME: mergeRequest.targetBranch,
          CI_MERGE_REQUEST_TITLE: mergeRequest.title,
        }
      : {}),
  };
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "-")
    .slice(0, 63)
    .replace(/^-+|-+$/g, "");
}
