import type { Problem } from "../../gitlab/problem";
import type { AskingJob } from "./asking-job";
import type { Job, MergeRequest, Pipeline } from "./what-counts";

const BY_HAND = "run a pipeline by hand, read its plan, and start its deploy job";

/** A commit that was pushed beside all merge requests. */
export const unasked = ({ commit, branch }: AskingJob): Problem => ({
  got: `the commit ${commit.slice(0, 12)}, which no merge request brought${branch === undefined ? "" : ` to ${branch}`}`,
  allowed: "a change that was reviewed in a merge request",
  fix: "open one for the next change; for this one run a pipeline by hand, read its plan, and start its deploy job",
});

/** Pipelines of a merge request in which nobody planned. @param count of its pipelines that were looked at */
export const jobless = ({ name }: AskingJob, { iid }: MergeRequest, count: number): Problem => ({
  got: `no job ${JSON.stringify(name)} in the ${count} merge request pipelines of !${iid} in this project`,
  allowed: "one that planned the change, with the name of this job",
  fix: `${BY_HAND}; let both pipelines have the same jobs, as many parallel ones too; start the pipeline of a fork's merge request in this project`,
});

/** Merged without a plan of its head: somebody pushed after the last pipeline. */
export const unplanned = ({ iid, sha: head }: MergeRequest, { sha }: Pipeline): Problem => ({
  got: `no pipeline of ${head?.slice(0, 12) ?? "a head that GitLab does not name"}, which !${iid} merged; the newest before the merge is of ${sha.slice(0, 12)}`,
  allowed: "a plan of what was merged, so that people could read it",
  fix: `${BY_HAND}; the next time push or rebase, so that a pipeline plans the head before the merge`,
});

/** A plan that failed, or that nobody could read before the merge. */
export const unseen = (
  { iid, merged_at: at }: MergeRequest,
  { status, finished_at: end, web_url: url }: Job,
): Problem => ({
  got:
    status === "success"
      ? `a job that ended at ${end}, after !${iid} was merged at ${at}: ${url}`
      : `a job that is ${status}, the last that planned !${iid}: ${url}`,
  allowed: "one that succeeded before the merge, so that people could read its plan",
  fix: BY_HAND,
});

/** An artifact that is gone, or was never there. @param file its path in the job */
export function lost(iid: number, { web_url: url, artifacts_expire_at: until }: Job, file: string, now: Date): Problem {
  const expired = until && Date.parse(until) <= now.getTime();
  return {
    got: expired ? `artifacts of !${iid} that expired at ${until}: ${url}` : `no artifact ${file} of !${iid} at ${url}`,
    allowed: `the file ${file} that \`npx gitlab-ci-pusher review --out\` wrote there`,
    fix: expired ? `${BY_HAND}; a longer artifacts:expire_in helps the next time` : BY_HAND,
  };
}

/** An artifact that the token's user may not read. */
export const unreadable = ({ web_url: url }: Job, reason: string): Problem => ({
  got: `${reason} for the artifacts of ${url}`,
  allowed: "GITLAB_TOKEN with scope read_api, of somebody who may read them: a Developer of this project",
  fix: "give the token's user that role, or widen artifacts:access of the job",
});
