import { formOf, maybe, text, whole } from "../../gitlab/answer-form";

/** Fields of GitLab's answers that tell whether something was reviewed. */
export interface MergeRequest {
  readonly iid: number;
  readonly state: string;
  readonly target_branch: string;
  readonly merged_at: string | null;
  /** The head of what was merged: later pushes to its branch do not change it. */
  readonly sha: string | null;
  readonly merge_commit_sha: string | null;
  readonly squash_commit_sha: string | null;
}

export const MERGE_REQUEST = formOf<MergeRequest>({
  iid: whole,
  state: text,
  target_branch: text,
  merged_at: maybe(text),
  sha: maybe(text),
  merge_commit_sha: maybe(text),
  squash_commit_sha: maybe(text),
});

export interface Pipeline {
  readonly id: number;
  readonly project_id: number;
  readonly source: string;
  /** Of a merged-results pipeline the merge that GitLab made to try it. */
  readonly sha: string;
  readonly ref: string;
  readonly created_at: string;
}

export const PIPELINE = formOf<Pipeline>({
  id: whole,
  project_id: whole,
  source: text,
  sha: text,
  ref: text,
  created_at: text,
});

export interface Job {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly web_url: string;
  readonly created_at: string;
  readonly finished_at: string | null;
  readonly artifacts_expire_at?: string | null;
}

export const JOB = formOf<Job>({
  id: whole,
  name: text,
  status: text,
  web_url: text,
  created_at: text,
  finished_at: maybe(text),
  artifacts_expire_at: maybe(text),
});

/** Tells whether a merge request is for a branch. @param branch undefined stands for any */
export const isFor = ({ target_branch: target }: MergeRequest, branch: string | undefined): boolean =>
  branch === undefined || target === branch;

/**
 * The order of merge requests that all claim a commit, as a sort takes it. The one that ended in this commit comes first; a commit that
 * GitLab rebased at the merge is named nowhere. Then the one merged first: GitLab marks others that have the same head merged, too, by the
 * same person, once that head is in the branch.
 */
export const preference =
  (commit: string) =>
  (a: MergeRequest, b: MergeRequest): number => {
    const ends = (each: MergeRequest): boolean =>
      [each.merge_commit_sha, each.squash_commit_sha, each.sha].includes(commit);
    return Number(ends(b)) - Number(ends(a)) || Number(isMarked(a)) - Number(isMarked(b)) || mergedAt(a) - mergedAt(b);
  };

/** Tells whether somebody else's merge brought its head: GitLab names that as the merge then, which is another commit otherwise. */
const isMarked = ({ merge_commit_sha: merge, sha }: MergeRequest): boolean => merge !== null && merge === sha;

const mergedAt = ({ merged_at: at }: MergeRequest): number => (at === null ? Number.MAX_SAFE_INTEGER : Date.parse(at));

/**
 * Tells whether a pipeline could show people what they merged: one of a fork holds what its author wants, and whoever may start a job may
 * start it again after the merge, when nobody looks any more.
 */
export const isShowing = (pipeline: Pipeline, project: string, merged: MergeRequest): boolean =>
  pipeline.source === "merge_request_event" &&
  String(pipeline.project_id) === project &&
  isBefore(pipeline.created_at, merged);

/**
 * Tells whether a pipeline is of what was merged, or of the deployed commit itself. A commit that was pushed and taken back, or one before the last push, is not what
 * people merged: its author alone decided what its job showed. Without a head nothing can be checked, so only the deployed commit counts then.
 * @param parents gets the parents of a commit
 */
export async function isOfMerged(
  { sha, ref }: Pipeline,
  { iid, sha: head }: MergeRequest,
  commit: string,
  parents: (sha: string) => Promise<readonly string[]>,
): Promise<boolean> {
  if (sha === head || sha === commit) return true;
  // Nobody but GitLab writes these two.
  const isResult = [`refs/merge-requests/${iid}/merge`, `refs/merge-requests/${iid}/train`].includes(ref);
  return isResult && head !== null && (await parents(sha)).includes(head);
}

/** Tells whether a job is the one that plans, known by its name, and was begun before the merge. */
export const isPlanning = ({ name, created_at: begun }: Job, wanted: string, merged: MergeRequest): boolean =>
  name === wanted && isBefore(begun, merged);

/** Tells whether people could read a job's plan before they merged it. */
export const isReadable = ({ status, finished_at: end }: Job, merged: MergeRequest): boolean =>
  status === "success" && isBefore(end, merged);

const isBefore = (instant: string | null, { merged_at: at }: MergeRequest): boolean =>
  at === null || (instant !== null && Date.parse(instant) <= Date.parse(at));
