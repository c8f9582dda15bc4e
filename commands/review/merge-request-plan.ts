import { setTimeout as sleep } from "node:timers/promises";
import { ApiClient } from "../../gitlab/api-client";
import { ApiError } from "../../gitlab/api-error";
import { plainBaseUrl, requireBaseUrl } from "../../gitlab/base-url";
import { describe, type Problem } from "../../gitlab/problem";
import type { CommandContext } from "../context";
import { CommandError } from "../exit-code";
import { isSet } from "../pipeline-variable";
import { digestIn } from "./digest-file";
import type { Reviewed, ReviewedSource } from "./reviewed";

type Environment = Readonly<Record<string, string | undefined>>;

/** The job that asks. */
interface AskingJob {
  /** `CI_PROJECT_ID`. */
  readonly project: string;
  /** `CI_COMMIT_SHA`. */
  readonly commit: string;
  /** `CI_COMMIT_BRANCH`. @default - any */
  readonly branch?: string;
  /** `CI_JOB_NAME`, the name of the job that planned, too: `plan 1/2`. */
  readonly name: string;
  /** `CI_NODE_INDEX`. @default "1", where the job is not one of several */
  readonly node: string;
}

/** Fields of GitLab's answers that are looked at. */
interface MergeRequest {
  readonly iid: number;
  readonly state: string;
  readonly target_branch: string;
  readonly merged_at: string | null;
  /** The head of what was merged: later pushes to its branch do not change it. */
  readonly sha: string | null;
  readonly merge_commit_sha: string | null;
  readonly squash_commit_sha: string | null;
}

interface Pipeline {
  readonly id: number;
  readonly project_id: number;
  readonly source: string;
  /** Of a merged-results pipeline the merge that GitLab made to try it. */
  readonly sha: string;
  readonly ref: string;
  readonly created_at: string;
}

interface Commit {
  readonly parent_ids: readonly string[];
}

interface Job {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly web_url: string;
  readonly created_at: string;
  readonly finished_at: string | null;
  readonly artifacts_expire_at?: string | null;
}

/** GitLab may run the pipeline of a merge before it calls the merge request merged: asked so often, so many milliseconds apart. */
const ASKED_TIMES = 5;
const ASKED_EVERY = 2_000;

/**
 * What the merge request that brought the pipeline's commit showed last: the artifact `review/<CI_NODE_INDEX>` of the job with this
 * job's name in the newest pipeline of what it merged that has one. Reads as `GITLAB_TOKEN`, for which the scope `read_api` suffices.
 * @param wait waits so many milliseconds; @default - the machine's clock
 * @throws CommandError at once when the environment is not that of a job with that token
 */
export function mergeRequestSource(
  { environment, now }: Pick<CommandContext, "environment" | "now">,
  wait: (milliseconds: number) => Promise<unknown> = sleep,
): ReviewedSource {
  const job = askingJob(environment);
  const client = clientOf(environment, wait);
  return () => new MergeRequestPlan(client, job, now, wait).shownLast();
}

function askingJob(environment: Environment): AskingJob {
  const needed = ["CI_API_V4_URL", "CI_PROJECT_ID", "CI_COMMIT_SHA", "CI_JOB_NAME"] as const;
  const missing = needed.filter((name) => !isSet(environment[name]));
  if (missing.length > 0) {
    refuse({
      got: `--reviewed merge-request without ${missing.join(", ")}`,
      allowed: "a job of a GitLab pipeline",
      fix: "elsewhere pass the digest, or the folder of `npx gitlab-ci-pusher review --out`",
    });
  }
  const { CI_PROJECT_ID, CI_COMMIT_SHA, CI_COMMIT_BRANCH, CI_JOB_NAME, CI_NODE_INDEX } = environment;
  return {
    project: CI_PROJECT_ID!,
    commit: CI_COMMIT_SHA!,
    branch: CI_COMMIT_BRANCH || undefined,
    name: CI_JOB_NAME!,
    node: CI_NODE_INDEX || "1",
  };
}

function clientOf(environment: Environment, wait: (milliseconds: number) => Promise<unknown>): ApiClient {
  const { CI_API_V4_URL, GITLAB_TOKEN: token } = environment;
  if (!isSet(token)) {
    refuse({
      got: "--reviewed merge-request without GITLAB_TOKEN",
      allowed: "a token with scope read_api of a Developer of this project",
      fix: "let the job's variable GITLAB_TOKEN hold one",
    });
  }
  const baseUrl = plainBaseUrl(CI_API_V4_URL!, "CI_API_V4_URL");
  const planned = requireBaseUrl(environment);
  // The token must not go to a GitLab it is not for.
  if (baseUrl !== planned) {
    refuse({
      got: `--reviewed merge-request in a pipeline of ${baseUrl}, with GITLAB_TOKEN for ${planned}`,
      allowed: "the same GitLab for both",
      fix: "pass the digest, or the folder of `npx gitlab-ci-pusher review --out`",
    });
  }
  return new ApiClient({ baseUrl, token, wait });
}

/** Looks for the plan that a merge request showed. */
class MergeRequestPlan {
  constructor(
    private readonly client: ApiClient,
    private readonly asking: AskingJob,
    private readonly now: () => Date,
    private readonly wait: (milliseconds: number) => Promise<unknown>,
  ) {}

  async shownLast(): Promise<Reviewed> {
    const merged = await this.mergeRequest();
    const { iid } = merged;
    const job = await this.planningJob(merged);
    if (job.status !== "success" || !isBefore(job.finished_at, merged)) refuse(unseen(merged, job));
    const digest = await this.artifact(job, "digest");
    if (digest === undefined) refuse(lost(iid, job, this.file("digest"), this.now()));
    const origin = `!${iid}, ${job.web_url}`;
    return {
      digest: digestIn(digest, `${this.file("digest")} of ${origin}`),
      summary: await this.artifact(job, "summary.md"),
      origin,
    };
  }

  /** The one that brought the commit; of several the one merged first. */
  private async mergeRequest(): Promise<MergeRequest> {
    for (let asked = 1; ; asked += 1) {
      const related = await this.related();
      const merged = related.filter(({ state }) => state === "merged");
      const found = merged.sort((a, b) => this.preference(a, b))[0];
      if (found) return found;
      // None at all is not yet an answer: GitLab notes the commit of a merge after the branch has it.
      const isHopeless = related.length > 0 && related.every(({ state }) => state === "closed");
      if (isHopeless || asked === ASKED_TIMES) refuse(this.unasked());
      await this.wait(ASKED_EVERY);
    }
  }

  /** GitLab's list also holds those the commit is a part of. */
  private async related(): Promise<MergeRequest[]> {
    const { project, commit, branch } = this.asking;
    const path = ["projects", project, "repository", "commits", commit, "merge_requests"];
    const all = await this.client.list<MergeRequest>(path);
    return all.filter(({ target_branch: target }) => branch === undefined || target === branch);
  }

  /**
   * What ended in this commit comes first; a commit that GitLab rebased at the merge is named nowhere. Then what was merged first: GitLab
   * marks others that have the same head merged, too, by the same person, once that head is in the branch.
   */
  private preference(a: MergeRequest, b: MergeRequest): number {
    const ends = (each: MergeRequest): boolean =>
      [each.merge_commit_sha, each.squash_commit_sha, each.sha].includes(this.asking.commit);
    return Number(ends(b)) - Number(ends(a)) || Number(isMarked(a)) - Number(isMarked(b)) || mergedAt(a) - mergedAt(b);
  }

  private unasked(): Problem {
    const { commit, branch } = this.asking;
    return {
      got: `the commit ${commit.slice(0, 12)}, which no merge request brought${branch === undefined ? "" : ` to ${branch}`}`,
      allowed: "a change that was reviewed in a merge request",
      fix: "open one for the next change; for this one run a pipeline by hand, read its plan, and start its deploy job",
    };
  }

  private async planningJob(merged: MergeRequest): Promise<Job> {
    const own = await this.pipelines(merged);
    let count = 0;
    for (const each of own) {
      if (!(await this.isOfMerged(each, merged))) continue;
      count += 1;
      const newest = await this.newestJob(each, merged);
      if (newest) return newest;
    }
    const [other] = own;
    return refuse(other && count === 0 ? unplanned(merged, other) : this.jobless(merged, count));
  }

  /**
   * The newest first. Only pipelines of this project: those of a fork hold what its author wants. And only what had begun before the
   * merge: whoever may start a job may start it again afterwards, when nobody looks any more.
   */
  private async pipelines(merged: MergeRequest): Promise<Pipeline[]> {
    const { project } = this.asking;
    const all = await this.client.list<Pipeline>(["projects", project, "merge_requests", merged.iid, "pipelines"]);
    return all
      .filter((each) => each.source === "merge_request_event" && String(each.project_id) === project)
      .filter((each) => isBefore(each.created_at, merged))
      .sort((a, b) => b.id - a.id);
  }

  /**
   * A commit that was pushed and taken back, or one before the last push, is not what people merged: its author alone decided what its
   * job showed. Without a head nothing can be checked, so only this very commit counts then.
   */
  private async isOfMerged({ sha, ref }: Pipeline, { iid, sha: head }: MergeRequest): Promise<boolean> {
    if (sha === head || sha === this.asking.commit) return true;
    // Nobody but GitLab writes these two.
    const isResult = [`refs/merge-requests/${iid}/merge`, `refs/merge-requests/${iid}/train`].includes(ref);
    return isResult && head !== null && (await this.parents(sha)).includes(head);
  }

  /** None of a commit that is gone. */
  private async parents(sha: string): Promise<readonly string[]> {
    try {
      const path = ["projects", this.asking.project, "repository", "commits", sha];
      return (await this.client.get<Commit>(path)).parent_ids;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return [];
      throw error;
    }
  }

  private async newestJob({ id }: Pipeline, merged: MergeRequest): Promise<Job | undefined> {
    const { project, name } = this.asking;
    const jobs = await this.client.list<Job>(["projects", project, "pipelines", id, "jobs"], { include_retried: true });
    const known = jobs.filter((job) => job.name === name && isBefore(job.created_at, merged));
    return known.sort((a, b) => b.id - a.id)[0];
  }

  private jobless({ iid }: MergeRequest, count: number): Problem {
    return {
      got: `no job ${JSON.stringify(this.asking.name)} in the ${count} merge request pipelines of !${iid} in this project`,
      allowed: "one that planned the change, with the name of this job",
      fix: `${BY_HAND}; let both pipelines have the same jobs, as many parallel ones too; start the pipeline of a fork's merge request in this project`,
    };
  }

  /** Undefined when it is not there. */
  private async artifact(job: Job, name: string): Promise<string | undefined> {
    const { project } = this.asking;
    try {
      return await this.client.text(["projects", project, "jobs", job.id, "artifacts", ...this.file(name).split("/")]);
    } catch (error) {
      if (!(error instanceof ApiError) || (error.status !== 404 && error.status !== 403)) throw error;
      if (error.status === 404) return undefined;
      return refuse({
        got: `${error.reason} for the artifacts of ${job.web_url}`,
        allowed: "GITLAB_TOKEN with scope read_api, of somebody who may read them: a Developer of this project",
        fix: "give the token's user that role, or widen artifacts:access of the job",
      });
    }
  }

  private file(name: string): string {
    return `review/${this.asking.node}/${name}`;
  }
}

const BY_HAND = "run a pipeline by hand, read its plan, and start its deploy job";

const mergedAt = ({ merged_at: at }: MergeRequest): number => (at === null ? Number.MAX_SAFE_INTEGER : Date.parse(at));

const isBefore = (instant: string | null, { merged_at: at }: MergeRequest): boolean =>
  at === null || (instant !== null && Date.parse(instant) <= Date.parse(at));

/** Where the merge made a commit it is another than the head: the head itself stands there when somebody else's merge brought it. */
const isMarked = ({ merge_commit_sha: merge, sha }: MergeRequest): boolean => merge !== null && merge === sha;

const unplanned = ({ iid, sha: head }: MergeRequest, { sha }: Pipeline): Problem => ({
  got: `no pipeline of ${head?.slice(0, 12) ?? "a head that GitLab does not name"}, which !${iid} merged; the newest before the merge is of ${sha.slice(0, 12)}`,
  allowed: "a plan of what was merged, so that people could read it",
  fix: `${BY_HAND}; the next time push or rebase, so that a pipeline plans the head before the merge`,
});

const unseen = ({ iid, merged_at: at }: MergeRequest, { status, finished_at: end, web_url: url }: Job): Problem => ({
  got:
    status === "success"
      ? `a job that ended at ${end}, after !${iid} was merged at ${at}: ${url}`
      : `a job that is ${status}, the last that planned !${iid}: ${url}`,
  allowed: "one that succeeded before the merge, so that people could read its plan",
  fix: BY_HAND,
});

function lost(iid: number, { web_url: url, artifacts_expire_at: until }: Job, file: string, now: Date): Problem {
  const expired = until && Date.parse(until) <= now.getTime();
  return {
    got: expired ? `artifacts of !${iid} that expired at ${until}: ${url}` : `no artifact ${file} of !${iid} at ${url}`,
    allowed: `the file ${file} that \`npx gitlab-ci-pusher review --out\` wrote there`,
    fix: expired ? `${BY_HAND}; a longer artifacts:expire_in helps the next time` : BY_HAND,
  };
}

function refuse(problem: Problem): never {
  throw new CommandError(describe(problem));
}
