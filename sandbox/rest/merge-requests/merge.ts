import { startPushPipelines } from "../../git/push-pipelines";
import type { Repository } from "../../git/repository";
import { GitLabError } from "../../model/gitlab-error";
import type { MergeRequest } from "../../model/merge-requests/merge-request";
import { commitIdsOf, headOf, rangeOf, settle } from "../../model/merge-requests/merge-requests";
import type { Project } from "../../model/projects/project";
import { noteNewCommits, repositoryOf } from "../../model/projects/projects";
import { canMergeToBranch, canPushToBranch } from "../../model/protected-refs/protected-refs";
import type { Call } from "../call";
import { flag, text } from "../parameters";
import { signatureOf } from "../repository/commit-view";
import { put } from "../route";
import { findMergeRequest, needsRebase, presentMergeRequest } from "./merge-requests";

const INPUT = {
  merge_commit_message: text(),
  squash_commit_message: text(),
  should_remove_source_branch: flag(),
  squash: flag(),
  sha: text(),
};

interface Messages {
  readonly merge_commit_message?: string;
  readonly squash_commit_message?: string;
}

/** The commits that the target branch gets. */
interface Merged {
  readonly tip: string;
  readonly mergeCommitSha: string | null;
  readonly squashCommitSha: string | null;
  readonly mergedCommitSha: string | null;
}

/**
 * Merges by the project's method. Errors: 401 when the target's rules do not let the caller, 405 when it is not open, a
 * draft or to be rebased first, 409 when it has other commits than `sha`, 422 on conflicts.
 */
async function merge(call: Call): Promise<unknown> {
  const { store, user } = call;
  const mergeRequest = findMergeRequest(call);
  const project = store.projects.get(mergeRequest.projectId)!;
  const input = call.read(INPUT);
  await requireMergeable(call, project, mergeRequest, input.sha);
  mergeRequest.squash = input.squash || mergeRequest.squash;
  const repository = repositoryOf(store, project);
  const range = await rangeOf(store, mergeRequest);
  const target = await repository.resolve(`refs/heads/${mergeRequest.targetBranch}`);
  const merged =
    range &&
    target &&
    (await mergeCommits(call, { project, mergeRequest, repository, target, head: range.head, input }));
  if (!merged) throw GitLabError.message(422, "Branch cannot be merged");
  const { tip, ...commits } = merged;
  const now = store.clock.timestamp();
  await settle(store, mergeRequest, range);
  Object.assign(mergeRequest, { ...commits, state: "merged", mergedById: user.id, mergedAt: now, updatedAt: now });
  await repository.setRef(`refs/heads/${mergeRequest.targetBranch}`, tip);
  if (input.should_remove_source_branch ?? mergeRequest.removeSourceBranch) {
    await repository.deleteRef(`refs/heads/${mergeRequest.sourceBranch}`);
  }
  await noteMoved(call, project, { branch: mergeRequest.targetBranch, from: target, to: tip });
  return presentMergeRequest(call, mergeRequest);
}

/** A merge sets off what a push to the target branch would. */
async function noteMoved(
  { store, user }: Call,
  project: Project,
  { branch, from, to }: { branch: string; from: string; to: string },
): Promise<void> {
  await noteNewCommits(store, project, branch);
  const change = { ref: `refs/heads/${branch}`, oldSha: from, newSha: to };
  await startPushPipelines(store, user, project, { changes: [change], skip: false });
}

async function requireMergeable(
  { store, user }: Call,
  project: Project,
  mergeRequest: MergeRequest,
  expected: string | undefined,
): Promise<void> {
  const { targetBranch } = mergeRequest;
  const may =
    canMergeToBranch(store, user, project, targetBranch) || canPushToBranch(store, user, project, targetBranch);
  if (!may) throw GitLabError.unauthorized();
  const head = await headOf(store, mergeRequest);
  if (expected !== undefined && expected !== head) {
    throw GitLabError.message(409, `SHA does not match HEAD of source branch: ${head}`);
  }
  if (mergeRequest.state !== "opened" || mergeRequest.draft || (await needsRebase(store, mergeRequest))) {
    throw GitLabError.message(405, "405 Method Not Allowed");
  }
}

interface Merge {
  readonly project: Project;
  readonly mergeRequest: MergeRequest;
  readonly repository: Repository;
  readonly target: string;
  readonly head: string;
  readonly input: Messages;
}

/** undefined on conflicts. */
async function mergeCommits(call: Call, merge: Merge): Promise<Merged | undefined> {
  const { project, mergeRequest, repository, target, head, input } = merge;
  const author = signatureOf(call.store, call.user);
  const squashed = (await isSquashed(call, merge))
    ? await repository.squash(target, head, input.squash_commit_message ?? mergeRequest.title, author)
    : null;
  if (squashed === undefined) return undefined;
  const source = squashed ?? head;
  if (project.attributes.merge_method === "ff") {
    return { tip: source, mergeCommitSha: null, squashCommitSha: squashed, mergedCommitSha: source };
  }
  const message = input.merge_commit_message ?? mergeMessage(call, project, mergeRequest);
  const tip = await repository.merge(target, source, message, author);
  return tip === undefined ? undefined : { tip, mergeCommitSha: tip, squashCommitSha: squashed, mergedCommitSha: tip };
}

/** A single commit stays as it is unless it is to say something else. */
async function isSquashed({ store }: Call, { project, mergeRequest, input }: Merge): Promise<boolean> {
  const option = project.attributes.squash_option;
  if (option === "never" || (option !== "always" && !mergeRequest.squash)) return false;
  return input.squash_commit_message !== undefined || (await commitIdsOf(store, mergeRequest)).length > 1;
}

function mergeMessage(
  { store }: Call,
  project: Project,
  { sourceBranch, targetBranch, title, iid }: MergeRequest,
): string {
  const reference = `${store.projectFullPath(project)}!${iid}`;
  return `Merge branch '${sourceBranch}' into '${targetBranch}'\n\n${title}\n\nSee merge request ${reference}`;
}

export const mergeRoutes = [put("/projects/:id/merge_requests/:iid/merge", merge)];
