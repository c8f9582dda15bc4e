import { canReadProject, projectLevel } from "../model/access";
import { AccessLevel } from "../model/access-level";
import { canMergeToBranch, canPushToBranch } from "../model/branch-protection";
import { GitLabError } from "../model/gitlab-error";
import type { MergeRequest } from "../model/merge-request";
import { isDraftTitle, openMergeRequest } from "../model/merge-requests";
import type { Project } from "../model/project";
import { repositoryOf } from "../model/projects";
import type { Store } from "../model/store";
import { codeProject } from "./branches";
import type { Call } from "./call";
import { presentCommit, presentDiff, signatureOf } from "./commit-view";
import { commaTexts, filledText, flag, integer, integers, oneOf, required, text } from "./parameters";
import { del, get, post, put } from "./route";
import { presentUserId } from "./users";

async function present(store: Store, mergeRequest: MergeRequest): Promise<Record<string, unknown>> {
  const project = store.projects.get(mergeRequest.projectId)!;
  const path = store.projectFullPath(project);
  const assignees = mergeRequest.assigneeIds.map((id) => presentUserId(store, id));
  const open = mergeRequest.state === "opened";
  const sha = await repositoryOf(store, project).resolve(`refs/heads/${mergeRequest.sourceBranch}`);
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
    detailed_merge_status: detailedStatus(mergeRequest),
    sha: sha ?? null,
    merge_commit_sha: mergeRequest.mergeCommitSha,
    squash_commit_sha: null,
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

function detailedStatus({ state, draft }: MergeRequest): string {
  if (state !== "opened") return "not_open";
  return draft ? "draft_status" : "mergeable";
}

/** Errors: 404. */
export function findMergeRequest(call: Call): MergeRequest {
  const project = call.project();
  const iid = call.id("iid");
  const found = call.store.mergeRequestsOf(project.id).find((mergeRequest) => mergeRequest.iid === iid);
  if (!found) throw GitLabError.notFound();
  return found;
}

function list(candidates: (call: Call) => MergeRequest[]): (call: Call) => Promise<unknown> {
  return (call) => {
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
    const found = candidates(call)
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
    .filter(({ projectId }) => canReadProject(store, currentUser, store.projects.get(projectId)!));
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
  return present(store, mergeRequest);
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

function update(call: Call): Promise<unknown> {
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
  applyState(call, mergeRequest, input.state_event);
  mergeRequest.updatedAt = store.clock.timestamp();
  return present(store, mergeRequest);
}

function applyState(call: Call, mergeRequest: MergeRequest, event: "close" | "reopen" | undefined): void {
  if (event === "close" && mergeRequest.state === "opened") {
    mergeRequest.state = "closed";
    mergeRequest.closedAt = call.store.clock.timestamp();
  } else if (event === "reopen" && mergeRequest.state === "closed") {
    mergeRequest.state = "opened";
    mergeRequest.closedAt = null;
  }
}

/** Merges. Errors: 401 when the target's rules do not let the caller, 405 when not open, 422 on conflicts. */
async function merge(call: Call): Promise<unknown> {
  const { store, user } = call;
  const mergeRequest = findMergeRequest(call);
  const project = store.projects.get(mergeRequest.projectId)!;
  const input = call.read({ merge_commit_message: text(), should_remove_source_branch: flag(), sha: text() });
  const { sourceBranch, targetBranch } = mergeRequest;
  const may =
    canMergeToBranch(store, user, project, targetBranch) || canPushToBranch(store, user, project, targetBranch);
  if (!may) throw GitLabError.unauthorized();
  if (mergeRequest.state !== "opened" || mergeRequest.draft) {
    throw GitLabError.message(405, "405 Method Not Allowed");
  }
  const repository = repositoryOf(store, project);
  const source = await repository.resolve(`refs/heads/${sourceBranch}`);
  const target = await repository.resolve(`refs/heads/${targetBranch}`);
  if (!source || !target) throw GitLabError.message(422, "Branch cannot be merged");
  if (input.sha !== undefined && input.sha !== source) {
    throw GitLabError.message(409, `SHA does not match HEAD of source branch: ${source}`);
  }
  const fullPath = store.projectFullPath(project);
  const message =
    input.merge_commit_message ??
    `Merge branch '${sourceBranch}' into '${targetBranch}'\n\n${mergeRequest.title}\n\nSee merge request ${fullPath}!${mergeRequest.iid}`;
  const merged = await repository.merge(target, source, message, signatureOf(store, user));
  if (!merged) throw GitLabError.message(422, "Branch cannot be merged");
  await repository.setRef(`refs/heads/${targetBranch}`, merged);
  if (input.should_remove_source_branch ?? mergeRequest.removeSourceBranch) {
    await repository.deleteRef(`refs/heads/${sourceBranch}`);
  }
  const now = store.clock.timestamp();
  Object.assign(mergeRequest, {
    state: "merged",
    mergeCommitSha: merged,
    mergedById: user.id,
    mergedAt: now,
    updatedAt: now,
  });
  return present(store, mergeRequest);
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

/** Base and head of what the merge request would bring in. */
async function range(call: Call): Promise<{ project: Project; base: string; head: string }> {
  const mergeRequest = findMergeRequest(call);
  const project = codeProject(call);
  const repository = repositoryOf(call.store, project);
  const head = await repository.resolve(`refs/heads/${mergeRequest.sourceBranch}`);
  const target = await repository.resolve(`refs/heads/${mergeRequest.targetBranch}`);
  if (!head || !target) throw GitLabError.notFound();
  return { project, base: (await repository.mergeBase(target, head)) ?? target, head };
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
    list((call) => call.store.mergeRequestsOf(call.project().id)),
    READ,
  ),
  post(BASE, create),
  get(`${BASE}/:iid`, (call) => present(call.store, findMergeRequest(call)), READ),
  put(`${BASE}/:iid`, update),
  del(`${BASE}/:iid`, remove),
  put(`${BASE}/:iid/merge`, merge),
  get(`${BASE}/:iid/changes`, changes, READ),
  get(`${BASE}/:iid/diffs`, diffs, READ),
  get(`${BASE}/:iid/commits`, commits, READ),
];
