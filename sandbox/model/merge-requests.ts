import type { MergeRequest } from "./merge-request";
import type { Project } from "./project";
import type { Store } from "./store";
import type { User } from "./user";

/** What a new merge request says; the rest is as GitLab leaves it. */
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

/** Whether a title makes its merge request a draft. */
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
    mergedById: null,
    mergedAt: null,
    closedAt: null,
    createdAt: now,
    updatedAt: now,
  });
}
