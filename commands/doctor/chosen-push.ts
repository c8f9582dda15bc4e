import { isOtherHost, jobPushes } from "../../estate/jobs/job-pushes";
import type { PipelineJob } from "../../estate/jobs/pipeline";
import { mentions, type ScriptPush } from "../../estate/jobs/push-script";
import { wildcardCovers } from "../../gitlab/wildcard";
import { isSame } from "./walk";

/** A `git push` in a job, and how well it fits what is looked for. */
export interface JobPush {
  readonly job: PipelineJob;
  readonly push: ScriptPush;
  /** Tells whether it goes to the target: `unknown` where only the running job knows. */
  readonly toTarget: boolean | "unknown";
  readonly toBranch: boolean | "unknown";
  /** Tells whether its address is one of another host. */
  readonly toOtherHost: boolean;
  /** Tells whether the job's environment gets the variable of the pusher. */
  readonly inEnvironment: boolean | "unknown";
  /** Tells whether the job reads the pusher's variable, in whatever way. */
  readonly readsKey: boolean;
}

export interface Wanted {
  /** Full path of the project whose pipeline it is. */
  readonly source: string;
  readonly target: string;
  readonly branch: string;
  readonly key: string | undefined;
  /** Environment scope of the pusher's variable; `*` where nothing declares one. */
  readonly scope: string;
  /** Environment that was asked for; undefined = any. */
  readonly environment: string | undefined;
  /** Address of GitLab. */
  readonly baseUrl: string;
  /** Name of the job; undefined = any. */
  readonly job: string | undefined;
}

/** The pushes in the jobs of a pipeline, the one that fits best first. */
export function rankedPushes(jobs: readonly PipelineJob[], wanted: Wanted): JobPush[] {
  return jobs
    .filter(({ name }) => wanted.job === undefined || name === wanted.job)
    .flatMap((job) => pushesOf(job, wanted))
    .sort((a, b) => score(b, wanted) - score(a, wanted));
}

function pushesOf(job: PipelineJob, wanted: Wanted): JobPush[] {
  const { source, target, branch, key } = wanted;
  return jobPushes(job, source)
    .filter(({ tags }) => !tags)
    .map((push) => ({
      job,
      push,
      toOtherHost: isOtherHost(push, wanted.baseUrl),
      inEnvironment: inEnvironment(job, wanted),
      toTarget: isOtherHost(push, wanted.baseUrl)
        ? false
        : push.project === undefined
          ? "unknown"
          : isSame(push.project, target),
      toBranch: push.branch === undefined ? "unknown" : push.branch === branch,
      readsKey: key !== undefined && mentions(job.script, key),
    }));
}

function inEnvironment({ environment: of }: PipelineJob, { scope, environment }: Wanted): boolean | "unknown" {
  if (of === undefined) return "unknown";
  if (environment !== undefined) return of === environment;
  return scope === "*" || (of !== null && wildcardCovers(scope, of));
}

/** Project before branch before environment before credential before whether the job is in such a pipeline at all. */
function score({ push, toTarget, toBranch, inEnvironment: fits, readsKey, job }: JobPush, { key }: Wanted): number {
  const points = (answer: boolean | "unknown") => (answer === true ? 2 : answer === "unknown" ? 1 : 0);
  const carries = push.credential.kind === "variable" && push.credential.key === key;
  return (
    1000 * points(toTarget) +
    100 * points(toBranch) +
    10 * points(fits) +
    (carries ? 4 : 0) +
    (readsKey ? 2 : 0) +
    (job.runs.size > 0 ? 1 : 0)
  );
}
