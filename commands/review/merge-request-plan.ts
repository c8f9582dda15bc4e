import { setTimeout as sleep } from "node:timers/promises";
import { formOf, listOf, text } from "../../gitlab/answer-form";
import type { ApiClient } from "../../gitlab/api-client";
import { ApiError } from "../../gitlab/api-error";
import type { CommandContext } from "../context";
import { CommandError } from "../exit-code";
import { type AskingJob, askingJob, clientOf } from "./asking-job";
import { digestIn } from "./digest-file";
import type { Reviewed, ReviewedSource } from "./reviewed";
import { jobless, lost, unasked, unplanned, unreadable, unseen } from "./unreviewed";
import {
  isFor,
  isOfMerged,
  isPlanning,
  isReadable,
  isShowing,
  JOB,
  type Job,
  MERGE_REQUEST,
  type MergeRequest,
  PIPELINE,
  type Pipeline,
  preference,
} from "./what-counts";

/**
 * The plan that the merge request showed last which brought the pipeline's commit. Reads as `GITLAB_TOKEN`, for which the scope `read_api`
 * suffices. What counts as reviewed:
 *
 * | of                       | counts                                                               | never                                                 | if several                                       |
 * | ------------------------ | -------------------------------------------------------------------- | ----------------------------------------------------- | ------------------------------------------------ |
 * | the commit's requests    | merged, into the branch of this pipeline                             | open or closed ones; waited for if GitLab lags        | the one that ended in this commit, then the first |
 * | its pipelines            | `merge_request_event`, of this project, begun before the merge       | those of a fork, or started when nobody looks any more | the newest that has the job                      |
 * | their commit             | the head that was merged, GitLab's own merge of it, this very commit | one taken back, or from before the last push          | each                                             |
 * | the jobs of the pipeline | with the name of this job, retried ones too, begun before the merge  | one of another name                                   | the newest                                       |
 * | that job                 | succeeded, and ended before the merge                                | one that failed or runs; no older one takes its place | -                                                |
 * | its artifact             | `review/<CI_NODE_INDEX>/digest`                                      | one that is lost or has expired                       | -                                                |
 *
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

interface Commit {
  readonly parent_ids: readonly string[];
}

const COMMIT = formOf<Commit>({ parent_ids: listOf(text) });

/** The patience with GitLab, which may run the pipeline of a merge before it calls the merge request merged: tries, and the milliseconds between them. */
const ASKED_TIMES = 5;
const ASKED_EVERY = 2_000;

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
    if (!isReadable(job, merged)) throw new CommandError(unseen(merged, job));
    const digest = await this.artifact(job, "digest");
    if (digest === undefined) throw new CommandError(lost(iid, job, this.file("digest"), this.now()));
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
      const found = merged.sort(preference(this.asking.commit))[0];
      if (found) return found;
      // None at all is not yet an answer: GitLab notes the commit of a merge after the branch has it.
      const isHopeless = related.length > 0 && related.every(({ state }) => state === "closed");
      if (isHopeless || asked === ASKED_TIMES) throw new CommandError(unasked(this.asking));
      await this.wait(ASKED_EVERY);
    }
  }

  /** GitLab's list also holds those the commit is a part of. */
  private async related(): Promise<MergeRequest[]> {
    const { project, commit, branch } = this.asking;
    const path = ["projects", project, "repository", "commits", commit, "merge_requests"];
    const all = await this.client.list<MergeRequest>(path, {}, MERGE_REQUEST);
    return all.filter((each) => isFor(each, branch));
  }

  private async planningJob(merged: MergeRequest): Promise<Job> {
    const own = await this.pipelines(merged);
    let count = 0;
    for (const each of own) {
      if (!(await isOfMerged(each, merged, this.asking.commit, (sha) => this.parents(sha)))) continue;
      count += 1;
      const newest = await this.newestJob(each, merged);
      if (newest) return newest;
    }
    const [other] = own;
    throw new CommandError(other && count === 0 ? unplanned(merged, other) : jobless(this.asking, merged, count));
  }

  /** Those that count, the newest first. */
  private async pipelines(merged: MergeRequest): Promise<Pipeline[]> {
    const { project } = this.asking;
    const path = ["projects", project, "merge_requests", merged.iid, "pipelines"];
    const all = await this.client.list<Pipeline>(path, {}, PIPELINE);
    return all.filter((each) => isShowing(each, project, merged)).sort((a, b) => b.id - a.id);
  }

  /** The parents of a commit; none of one that is gone. */
  private async parents(sha: string): Promise<readonly string[]> {
    try {
      const path = ["projects", this.asking.project, "repository", "commits", sha];
      return (await this.client.get<Commit>(path, {}, COMMIT)).parent_ids;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return [];
      throw error;
    }
  }

  private async newestJob({ id }: Pipeline, merged: MergeRequest): Promise<Job | undefined> {
    const { project, name } = this.asking;
    const path = ["projects", project, "pipelines", id, "jobs"];
    const jobs = await this.client.list<Job>(path, { include_retried: true }, JOB);
    const known = jobs.filter((job) => isPlanning(job, name, merged));
    return known.sort((a, b) => b.id - a.id)[0];
  }

  /** The text of a file that the job kept; undefined when it is not there. */
  private async artifact(job: Job, name: string): Promise<string | undefined> {
    const { project } = this.asking;
    try {
      return await this.client.text(["projects", project, "jobs", job.id, "artifacts", ...this.file(name).split("/")]);
    } catch (error) {
      if (!(error instanceof ApiError) || (error.status !== 404 && error.status !== 403)) throw error;
      if (error.status === 404) return undefined;
      throw new CommandError(unreadable(job, error.reason));
    }
  }

  private file(name: string): string {
    return `review/${this.asking.node}/${name}`;
  }
}
