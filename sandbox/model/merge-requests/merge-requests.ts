import type { Project } from "../projects/project";
import { repositoryOf } from "../projects/projects";
import type { Store } from "../store";
import type { User } from "../users/user";
import type { CommitRange, MergeRequest } from "./merge-request";

/** The fields of a new merge request; the rest is as GitLab leaves it. */
export interface MergeRequestDraft {
  readonly title: string;
  readonly sourceBranch: string;
  readonly targetBranch: string;
  readonly description?: string | null;
  readonly labels?: readonly string[];
  readonly assigneeIds?: readonly number[];
  readonly reviewerIds?: readonly number[];
  readonly squash?: boolean;
  readonly removeSourceBranch?: boolean;
}

/** Tells whether a title makes its merge request a draft. */
export const isDraftTitle = (title: string): boolean => /^\s*(draft:|\[draft\]|\(draft\))/i.test(title);

/** Opens a merge request under the project's next number. */
export function openMergeRequest(store: Store, project: Project, author: User, draft: MergeRequestDraft): MergeRequest {
  const now = store.clock.timestamp();
  const numbers = store.mergeRequestsOf(project.id).map(({ iid }) => iid);
  return store.mergeRequests.insert({
    id: store.mergeRequests.nextId(),
    iid: Math.max(0, ...numbers) + 1,
    projectId: project.id,
    authorId: author.id,
    title: draft.title,
    description: draft.description ?? null,
    sourceBranch: draft.sourceBranch,
    targetBranch: draft.targetBranch,
    state: "opened",
    labels: [...(draft.labels ?? [])],
    assigneeIds: [...(draft.assigneeIds ?? [])],
    reviewerIds: [...(draft.reviewerIds ?? [])],
    draft: isDraftTitle(draft.title),
    squash: draft.squash ?? false,
    removeSourceBranch: draft.removeSourceBranch ?? false,
    mergeCommitSha: null,
    squashCommitSha: null,
    mergedCommitSha: null,
    settledRange: null,
    mergedById: null,
    mergedAt: null,
    closedAt: null,
    createdAt: now,
    updatedAt: now,
  });
}

/** The ref under which GitLab keeps a merge request's head, and which its pipelines run for. */
export const headRef = ({ iid }: MergeRequest): string => `refs/merge-requests/${iid}/head`;

/** The newest commit of the source branch, or the one that was merged; undefined when an open one lost its branch. */
export async function headOf(store: Store, mergeRequest: MergeRequest): Promise<string | undefined> {
  if (mergeRequest.settledRange) return mergeRequest.settledRange.head;
  const project = store.projects.get(mergeRequest.projectId)!;
  return repositoryOf(store, project).resolve(`refs/heads/${mergeRequest.sourceBranch}`);
}

/** undefined when an open one lost a branch. */
export async function rangeOf(store: Store, mergeRequest: MergeRequest): Promise<CommitRange | undefined> {
  if (mergeRequest.settledRange) return mergeRequest.settledRange;
  const repository = repositoryOf(store, store.projects.get(mergeRequest.projectId)!);
  const head = await headOf(store, mergeRequest);
  const target = await repository.resolve(`refs/heads/${mergeRequest.targetBranch}`);
  return head && target ? { base: (await repository.mergeBase(target, head)) ?? target, head } : undefined;
}

/** Ids of the commits it brings, newest first. */
export async function commitIdsOf(store: Store, mergeRequest: MergeRequest): Promise<string[]> {
  const range = await rangeOf(store, mergeRequest);
  const repository = repositoryOf(store, store.projects.get(mergeRequest.projectId)!);
  return range ? repository.commitIds(`${range.base}..${range.head}`) : [];
}

/** Keeps the commits as they are, whatever becomes of the branches. */
export async function settle(store: Store, mergeRequest: MergeRequest, range: CommitRange): Promise<void> {
  await repositoryOf(store, store.projects.get(mergeRequest.projectId)!).setRef(headRef(mergeRequest), range.head);
  mergeRequest.settledRange = range;
}
