import { GitLabError } from "../../model/gitlab-error";
import { canReadMergeRequests, canReadPipelines, projectLevel } from "../../model/members/access";
import { AccessLevel } from "../../model/members/access-level";
import type { MergeRequest } from "../../model/merge-requests/merge-request";
import {
  commitIdsOf,
  headOf,
  isDraftTitle,
  openMergeRequest,
  rangeOf,
  settle,
} from "../../model/merge-requests/merge-requests";
import { headPipeline, pipelinesOfMergeRequest } from "../../model/merge-requests/pipelines";
import type { Project } from "../../model/projects/project";
import { repositoryOf } from "../../model/projects/projects";
import type { Store } from "../../model/store";
import type { Call } from "../call";
import { presentPipeline, presentPipelineDetail } from "../ci/pipelines";
import { commaTexts, filledText, flag, integer, integers, oneOf, required, text } from "../parameters";
import { codeProject } from "../repository/branches";
import { presentCommit, presentDiff } from "../repository/commit-view";
import { del, get, post, put } from "../route";
import { presentUserId } from "../users/users";

async function present(store: Store, mergeRequest: MergeRequest): Promise<Record<string, unknown>> {
  const project = store.projects.get(mergeRequest.projectId)!;
  const path = store.projectFullPath(project);
  const assignees = mergeRequest.assigneeIds.map((id) => presentUserId(store, id));
  const open = mergeRequest.state === "opened";
  return {
    id: mergeRequest.id,
    iid: mergeRequest.iid,
    project_id: mergeRequest.projectId,
    title: mergeRequest.title,
    description: mergeRequest.description,
    state: mergeRequest.state,
    created_at: mergeRequest.createdAt,
    updated_at: mergeRequest.updatedAt,
    merged_by: presentUserId(store, mergeRequest.mergedById),
    merge_user: presentUserId(store, mergeRequest.mergedById),
    merged_at: mergeRequest.mergedAt,
    closed_by: null,
    closed_at: mergeRequest.closedAt,
    target_branch: mergeRequest.targetBranch,
    source_branch: mergeRequest.sourceBranch,
    user_notes_count: store.notesOf(mergeRequest.id).length,
    upvotes: 0,
    downvotes: 0,
    author: presentUserId(store, mergeRequest.authorId),
    assignees,
    assignee: assignees[0] ?? null,
    reviewers: mergeRequest.reviewerIds.map((id) => presentUserId(store, id)),
    source_project_id: mergeRequest.projectId,
    target_project_id: mergeRequest.projectId,
    labels: mergeRequest.labels,
    draft: mergeRequest.draft,
    work_in_progress: mergeRequest.draft,
    milestone: null,
    merge_when_pipeline_succeeds: false,
    merge_status: open ? "can_be_merged" : "unchecked",
    detailed_merge_status: await detailedStatus(store, mergeRequest),
    sha: (await headOf(store, mergeRequest)) ?? null,
    merge_commit_sha: mergeRequest.mergeCommitSha,
    squash_commit_sha: mergeRequest.squashCommitSha,
    should_remove_source_branch: null,
    force_remove_source_branch: mergeRequest.removeSourceBranch,
    reference: `!${mergeRequest.iid}`,
    references: {
      short: `!${mergeRequest.iid}`,
      relative: `!${mergeRequest.iid}`,
      full: `${path}!${mergeRequest.iid}`,
    },
    web_url: `${store.url}/${path}/-/merge_requests/${mergeRequest.iid}`,
    squash: mergeRequest.squash,
    squash_on_merge: mergeRequest.squash,
    has_conflicts: false,
    blocking_discussions_resolved: true,
  };
}

/** A single merge request, with what lists leave out. */
export async function presentMergeRequest(call: Call, mergeRequest: MergeRequest): Promise<Record<string, unknown>> {
  const { store, currentUser } = call;
  const range = await rangeOf(store, mergeRequest);
  const project = store.projects.get(mergeRequest.projectId)!;
  const pipeline = canReadPipelines(store, currentUser, project) ? await headPipeline(store, mergeRequest) : undefined;
  return {
    ...(await present(store, mergeRequest)),
    merge_error: null,
    pipeline: pipeline ? presentPipeline(store, pipeline) : null,
    head_pipeline: pipeline ? presentPipelineDetail(store, pipeline) : null,
    diff_refs: range ? { base_sha: range.base, head_sha: range.head, start_sha: range.base } : null,
  };
}

async function detailedStatus(store: Store, mergeRequest: MergeRequest): Promise<string> {
  if (mergeRequest.state !== "opened") return "not_open";
  if (mergeRequest.draft) return "draft_status";
  return (await needsRebase(store, mergeRequest)) ? "need_rebase" : "mergeable";
}

/** Tells whether the project merges without gaps in history only, and the source branch lacks commits of the target. */
export async function needsRebase(store: Store, mergeRequest: MergeRequest): Promise<boolean> {
  const project = store.projects.get(mergeRequest.projectId)!;
  if ((project.attributes.merge_method ?? "merge") === "merge") return false;
  const head = await headOf(store, mergeRequest);
  return (
    head !== undefined &&
    !(await repositoryOf(store, project).isAncestor(`refs/heads/${mergeRequest.targetBranch}`, head))
  );
}

/** The project, if the caller may see its merge requests. Errors: 403. */
function mergeRequestProject(call: Call): Project {
  const project = call.project();
  if (!canReadMergeRequests(call.store, call.currentUser, project)) throw GitLabError.forbidden();
  return project;
}

/** Errors: 403, 404. */
export function findMergeRequest(call: Call): MergeRequest {
  const project = mergeRequestProject(call);
  const iid = call.id("iid");
  const found = call.store.mergeRequestsOf(project.id).find((mergeRequest) => mergeRequest.iid === iid);
  if (!found) throw GitLabError.recordNotFound();
  return found;
}

function list(candidates: (call: Call) => MergeRequest[] | Promise<MergeRequest[]>): (call: Call) => Promise<unknown> {
  return async (call) => {
    const query = call.read({
      state: oneOf(["opened", "closed", "merged", "locked", "all"]),
      source_branch: text(),
      target_branch: text(),
      search: text(),
      author_id: integer(),
      author_username: text(),
      labels: commaTexts(),
      iids: integers(),
      sort: oneOf(["asc", "desc"]),
    });
    const author = query.author_username && call.store.userByUsername(query.author_username.toLowerCase());
    const found = (await candidates(call))
      .filter(({ state }) => query.state === undefined || query.state === "all" || state === query.state)
      .filter(({ sourceBranch }) => query.source_branch === undefined || sourceBranch === query.source_branch)
      .filter(({ targetBranch }) => query.target_branch === undefined || targetBranch === query.target_branch)
      .filter(({ title, description }) => !query.search || `${title} ${description ?? ""}`.includes(query.search))
      .filter(({ authorId }) => query.author_id === undefined || authorId === query.author_id)
      .filter(({ authorId }) => query.author_username === undefined || (author ? authorId === author.id : false))
      .filter(({ labels }) => (query.labels ?? []).every((label) => labels.includes(label)))
      .filter(({ iid }) => query.iids === undefined || query.iids.includes(iid));
    if (query.sort !== "asc") found.reverse();
    return Promise.all(call.page(found, (mergeRequest) => present(call.store, mergeRequest)));
  };
}

function visible(call: Call): MergeRequest[] {
  const { store, currentUser } = call;
  return store.mergeRequests
    .all()
    .filter(({ projectId }) => canReadMergeRequests(store, currentUser, store.projects.get(projectId)!));
}

const EDITABLE = {
  title: text(),
  description: text(),
  target_branch: text(),
  labels: commaTexts(),
  assignee_id: integer(),
  assignee_ids: integers(),
  reviewer_ids: integers(),
  remove_source_branch: flag(),
  squash: flag(),
};

async function create(call: Call): Promise<unknown> {
  const { store, user } = call;
  const project = codeProject(call);
  if (projectLevel(store, user, project) < AccessLevel.Developer) throw GitLabError.forbidden();
  const input = call.read({
    ...EDITABLE,
    title: required(filledText()),
    source_branch: required(filledText()),
    target_branch: required(filledText()),
  });
  await requireCreatable(store, project, input.source_branch, input.target_branch);
  const mergeRequest = openMergeRequest(store, project, user, {
    title: input.title,
    description: input.description,
    sourceBranch: input.source_branch,
    targetBranch: input.target_branch,
    labels: input.labels,
    assigneeIds: input.assignee_ids ?? (input.assignee_id ? [input.assignee_id] : []),
    reviewerIds: input.reviewer_ids,
    squash: input.squash,
    removeSourceBranch: input.remove_source_branch,
  });
  return presentMergeRequest(call, mergeRequest);
}

async function requireCreatable(store: Store, project: Project, source: string, target: string): Promise<void> {
  if (source === target) {
    throw GitLabError.message(422, ["You can't use same project/branch for source and target"]);
  }
  const repository = repositoryOf(store, project);
  if (!(await repository.branch(source))) throw GitLabError.message(422, [`Source branch "${source}" does not exist`]);
  if (!(await repository.branch(target))) throw GitLabError.message(422, [`Target branch "${target}" does not exist`]);
  const twin = store
    .mergeRequestsOf(project.id)
    .find((other) => other.state === "opened" && other.sourceBranch === source && other.targetBranch === target);
  if (twin) {
    throw GitLabError.message(409, [`Another open merge request already exists for this source branch: !${twin.iid}`]);
  }
}

async function update(call: Call): Promise<unknown> {
  const { store, user } = call;
  const mergeRequest = findMergeRequest(call);
  const level = projectLevel(store, user, store.projects.get(mergeRequest.projectId)!);
  if (mergeRequest.authorId !== user.id && level < AccessLevel.Developer) throw GitLabError.forbidden();
  const input = call.read({
    ...EDITABLE,
    state_event: oneOf(["close", "reopen"]),
    add_labels: commaTexts(),
    remove_labels: commaTexts(),
  });
  mergeRequest.title = input.title ?? mergeRequest.title;
  mergeRequest.draft = isDraftTitle(mergeRequest.title);
  mergeRequest.description = input.description ?? mergeRequest.description;
  mergeRequest.targetBranch = input.target_branch ?? mergeRequest.targetBranch;
  const labels = [...(input.labels ?? mergeRequest.labels), ...(input.add_labels ?? [])];
  mergeRequest.labels = [...new Set(labels)].filter((label) => !input.remove_labels?.includes(label));
  mergeRequest.assigneeIds =
    input.assignee_ids ?? (input.assignee_id === undefined ? mergeRequest.assigneeIds : [input.assignee_id]);
  mergeRequest.reviewerIds = input.reviewer_ids ?? mergeRequest.reviewerIds;
  mergeRequest.squash = input.squash ?? mergeRequest.squash;
  mergeRequest.removeSourceBranch = input.remove_source_branch ?? mergeRequest.removeSourceBranch;
  await applyState(call, mergeRequest, input.state_event);
  mergeRequest.updatedAt = store.clock.timestamp();
  return presentMergeRequest(call, mergeRequest);
}

async function applyState(
  call: Call,
  mergeRequest: MergeRequest,
  event: "close" | "reopen" | undefined,
): Promise<void> {
  if (event === "close" && mergeRequest.state === "opened") {
    const range = await rangeOf(call.store, mergeRequest);
    if (range) await settle(call.store, mergeRequest, range);
    mergeRequest.state = "closed";
    mergeRequest.closedAt = call.store.clock.timestamp();
  } else if (event === "reopen" && mergeRequest.state === "closed") {
    mergeRequest.state = "opened";
    mergeRequest.closedAt = null;
    mergeRequest.settledRange = null;
  }
}

function remove(call: Call): undefined {
  const { store, user } = call;
  const mergeRequest = findMergeRequest(call);
  const level = projectLevel(store, user, store.projects.get(mergeRequest.projectId)!);
  if (level < AccessLevel.Owner) throw GitLabError.forbidden();
  for (const note of store.notesOf(mergeRequest.id)) store.notes.delete(note);
  store.mergeRequests.delete(mergeRequest);
  return undefined;
}

/** Base and head of what the merge request brings in. */
async function range(call: Call): Promise<{ project: Project; base: string; head: string }> {
  const mergeRequest = findMergeRequest(call);
  const project = codeProject(call);
  const found = await rangeOf(call.store, mergeRequest);
  if (!found) throw GitLabError.notFound();
  return { project, ...found };
}

/** Merge requests that brought a commit, or would: it is one of their commits, or what merging them made. */
async function listOfCommit(call: Call): Promise<MergeRequest[]> {
  const { store } = call;
  const project = codeProject(call);
  mergeRequestProject(call);
  const sha = await repositoryOf(store, project).resolve(call.path("sha"));
  if (!sha) throw GitLabError.notFound("Commit");
  const brought: MergeRequest[] = [];
  for (const mergeRequest of store.mergeRequestsOf(project.id)) {
    const { mergeCommitSha, squashCommitSha, mergedCommitSha } = mergeRequest;
    const made = [mergeCommitSha, squashCommitSha, mergedCommitSha].includes(sha);
    if (made || (await commitIdsOf(store, mergeRequest)).includes(sha)) brought.push(mergeRequest);
  }
  return brought;
}

/** None for those who may not see pipelines. */
async function pipelines(call: Call): Promise<unknown> {
  const { store } = call;
  const mergeRequest = findMergeRequest(call);
  const allowed = canReadPipelines(store, call.currentUser, call.project());
  const found = allowed ? await pipelinesOfMergeRequest(store, mergeRequest) : [];
  return call.page(found, (pipeline) => presentPipeline(store, pipeline));
}

async function changes(call: Call): Promise<unknown> {
  const { project, base, head } = await range(call);
  const diffs = (await repositoryOf(call.store, project).diff(base, head)).map(presentDiff);
  const shown = await present(call.store, findMergeRequest(call));
  return { ...shown, changes: diffs, overflow: false };
}

async function diffs(call: Call): Promise<unknown> {
  const { project, base, head } = await range(call);
  return call.page(await repositoryOf(call.store, project).diff(base, head), presentDiff);
}

async function commits(call: Call): Promise<unknown> {
  const { project, base, head } = await range(call);
  const found = await repositoryOf(call.store, project).log(`${base}..${head}`);
  return call.page(found, (commit) => presentCommit(call.store, project, commit));
}

const BASE = "/projects/:id/merge_requests";
const READ = { anonymous: true };

export const mergeRequestRoutes = [
  get("/merge_requests", list(visible)),
  get(
    BASE,
    list((call) => call.store.mergeRequestsOf(mergeRequestProject(call).id)),
    READ,
  ),
  post(BASE, create),
  get(`${BASE}/:iid`, (call) => presentMergeRequest(call, findMergeRequest(call)), READ),
  put(`${BASE}/:iid`, update),
  del(`${BASE}/:iid`, remove),
  get(`${BASE}/:iid/changes`, changes, READ),
  get(`${BASE}/:iid/diffs`, diffs, READ),
  get(`${BASE}/:iid/commits`, commits, READ),
  get(`${BASE}/:iid/pipelines`, pipelines, READ),
  get("/projects/:id/repository/commits/:sha/merge_requests", list(listOfCommit), READ),
];
