import type { Job, Pipeline } from "../model/ci/job";
import type { MergeRequest } from "../model/merge-requests/merge-request";
import { headRef, rangeOf } from "../model/merge-requests/merge-requests";
import type { Project } from "../model/projects/project";
import { repositoryOf } from "../model/projects/projects";
import { isProtectedBranch } from "../model/protected-refs/protected-refs";
import type { Store } from "../model/store";
import type { User } from "../model/users/user";

/** A job that has begun, and what it belongs to. */
export interface JobSetting {
  readonly project: Project;
  readonly user: User;
  readonly pipeline: Pipeline;
  readonly job: Job;
  readonly token: string;
  /** Of a merge request pipeline. */
  readonly mergeRequest: MergeRequest | undefined;
  /** Tells whether the pipeline gets protected variables. */
  readonly refProtected: boolean;
  readonly nodeIndex: number | undefined;
  readonly nodeTotal: number | undefined;
}

/** GitLab names no more open merge requests of a branch. */
const MOST_MERGE_REQUESTS = 4;

/** The variables that GitLab gives every job of that kind. */
export async function predefinedVariables(store: Store, setting: JobSetting): Promise<Record<string, string>> {
  return {
    ...ofServer(store),
    ...ofProject(store, setting),
    ...ofPipeline(store, setting),
    ...(await ofCommit(store, setting)),
    ...ofJob(store, setting),
    ...(setting.mergeRequest ? await ofMergeRequest(store, setting, setting.mergeRequest) : {}),
  };
}

function ofServer(store: Store): Record<string, string> {
  const url = new URL(store.url);
  return {
    CI: "true",
    GITLAB_CI: "true",
    CI_SERVER: "yes",
    CI_SERVER_URL: store.url,
    // Without the port, as in GitLab; CI_SERVER_FQDN has it.
    CI_SERVER_HOST: url.hostname,
    CI_SERVER_PORT: url.port,
    CI_SERVER_PROTOCOL: url.protocol.replace(":", ""),
    CI_SERVER_FQDN: url.host,
    CI_API_V4_URL: `${store.url}/api/v4`,
    CI_TEMPLATE_REGISTRY_HOST: "registry.gitlab.com",
  };
}

function ofProject(store: Store, { project, token }: JobSetting): Record<string, string> {
  const url = new URL(store.url);
  const path = store.projectFullPath(project);
  return {
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
  };
}

function ofPipeline(store: Store, { project, pipeline, mergeRequest }: JobSetting): Record<string, string> {
  const path = store.projectFullPath(project);
  const open = openMergeRequests(store, project, pipeline, mergeRequest);
  return {
    CI_PIPELINE_ID: String(pipeline.id),
    CI_PIPELINE_IID: String(pipeline.iid),
    CI_PIPELINE_SOURCE: pipeline.source,
    CI_PIPELINE_URL: `${store.url}/${path}/-/pipelines/${pipeline.id}`,
    CI_PIPELINE_CREATED_AT: pipeline.createdAt.replace(/\.\d+Z$/, "Z"),
    ...(pipeline.source === "schedule" ? { CI_PIPELINE_SCHEDULE_DESCRIPTION: "A schedule of the sandbox" } : {}),
    ...(open.length > 0 ? { CI_OPEN_MERGE_REQUESTS: open.map(({ iid }) => `${path}!${iid}`).join(",") } : {}),
  };
}

/** Those of the pipeline's branch, newest first. */
function openMergeRequests(
  store: Store,
  project: Project,
  pipeline: Pipeline,
  mergeRequest: MergeRequest | undefined,
): MergeRequest[] {
  const branch = mergeRequest?.sourceBranch ?? pipeline.ref;
  return store
    .mergeRequestsOf(project.id)
    .filter(({ state, sourceBranch }) => state === "opened" && sourceBranch === branch)
    .reverse()
    .slice(0, MOST_MERGE_REQUESTS);
}

async function ofCommit(store: Store, setting: JobSetting): Promise<Record<string, string>> {
  const { project, pipeline, mergeRequest, refProtected } = setting;
  // A merge request pipeline runs for a ref of its own, yet jobs are told the source branch.
  const ref = mergeRequest?.sourceBranch ?? pipeline.ref;
  const commit = await repositoryOf(store, project).commit(pipeline.sha);
  const message = commit?.message.trimEnd() ?? "";
  const [title = ""] = message.split("\n");
  return {
    CI_COMMIT_SHA: pipeline.sha,
    CI_COMMIT_SHORT_SHA: pipeline.sha.slice(0, 8),
    CI_COMMIT_BEFORE_SHA: pipeline.beforeSha,
    CI_COMMIT_REF_NAME: ref,
    CI_COMMIT_REF_SLUG: slug(ref),
    CI_COMMIT_REF_PROTECTED: String(refProtected),
    CI_COMMIT_MESSAGE: message,
    CI_COMMIT_TITLE: title,
    CI_COMMIT_DESCRIPTION: message.slice(title.length).trim(),
    ...(commit
      ? {
          CI_COMMIT_AUTHOR: `${commit.author.name} <${commit.author.email}>`,
          CI_COMMIT_TIMESTAMP: commit.committer.date.toISOString().replace(/\.\d+Z$/, "Z"),
        }
      : {}),
    ...(pipeline.tag ? { CI_COMMIT_TAG: ref } : mergeRequest ? {} : { CI_COMMIT_BRANCH: ref }),
  };
}

function ofJob(store: Store, { project, user, job, token, nodeIndex, nodeTotal }: JobSetting): Record<string, string> {
  return {
    CI_JOB_ID: String(job.id),
    CI_JOB_NAME: job.name,
    CI_JOB_NAME_SLUG: slug(job.name),
    CI_JOB_STAGE: job.stage,
    CI_JOB_TOKEN: token,
    CI_JOB_URL: `${store.url}/${store.projectFullPath(project)}/-/jobs/${job.id}`,
    CI_JOB_STARTED_AT: job.createdAt.replace(/\.\d+Z$/, "Z"),
    CI_NODE_TOTAL: String(nodeTotal ?? 1),
    ...(nodeIndex === undefined ? {} : { CI_NODE_INDEX: String(nodeIndex) }),
    GITLAB_USER_ID: String(user.id),
    GITLAB_USER_LOGIN: user.username,
    GITLAB_USER_NAME: user.name,
    GITLAB_USER_EMAIL: user.email,
    ...(job.environment === null
      ? {}
      : { CI_ENVIRONMENT_NAME: job.environment, CI_ENVIRONMENT_SLUG: slug(job.environment) }),
  };
}

async function ofMergeRequest(
  store: Store,
  { project }: JobSetting,
  mergeRequest: MergeRequest,
): Promise<Record<string, string>> {
  const path = store.projectFullPath(project);
  const url = `${store.url}/${path}`;
  const { sourceBranch, targetBranch } = mergeRequest;
  const range = await rangeOf(store, mergeRequest);
  return {
    // Pipelines of merged results, a Premium feature, would be merged_result and have the two commits.
    CI_MERGE_REQUEST_EVENT_TYPE: "detached",
    CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: "",
    CI_MERGE_REQUEST_TARGET_BRANCH_SHA: "",
    ...(range ? { CI_MERGE_REQUEST_DIFF_BASE_SHA: range.base } : {}),
    CI_MERGE_REQUEST_ID: String(mergeRequest.id),
    CI_MERGE_REQUEST_IID: String(mergeRequest.iid),
    CI_MERGE_REQUEST_REF_PATH: headRef(mergeRequest),
    CI_MERGE_REQUEST_PROJECT_ID: String(project.id),
    CI_MERGE_REQUEST_PROJECT_PATH: path,
    CI_MERGE_REQUEST_PROJECT_URL: url,
    CI_MERGE_REQUEST_SOURCE_PROJECT_ID: String(project.id),
    CI_MERGE_REQUEST_SOURCE_PROJECT_PATH: path,
    CI_MERGE_REQUEST_SOURCE_PROJECT_URL: url,
    CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: sourceBranch,
    CI_MERGE_REQUEST_SOURCE_BRANCH_PROTECTED: String(isProtectedBranch(store, project, sourceBranch)),
    CI_MERGE_REQUEST_TARGET_BRANCH_NAME: targetBranch,
    CI_MERGE_REQUEST_TARGET_BRANCH_PROTECTED: String(isProtectedBranch(store, project, targetBranch)),
    CI_MERGE_REQUEST_TITLE: mergeRequest.title,
    CI_MERGE_REQUEST_DRAFT: String(mergeRequest.draft),
    ...(mergeRequest.labels.length > 0 ? { CI_MERGE_REQUEST_LABELS: mergeRequest.labels.join(",") } : {}),
  };
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "-")
    .slice(0, 63)
    .replace(/^-+|-+$/g, "");
}
