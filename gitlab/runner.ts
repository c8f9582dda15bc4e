import { formOf, listOf, maybe, optional, text, whole, yesOrNo } from "./answer-form";

/** A runner that a project may use, as the API shows it; what only its owners see is undefined for others. */
export interface Runner {
  readonly id: number;
  readonly description: string | null;
  readonly paused: boolean;
  /** `online` = it asked for work in the last two hours. */
  readonly status: "online" | "offline" | "stale" | "never_contacted";
  readonly tag_list?: readonly string[];
  readonly run_untagged?: boolean;
  /** `ref_protected`: takes jobs of protected branches and tags only. */
  readonly access_level?: "not_protected" | "ref_protected";
}

export const RUNNER = formOf<Runner>({
  id: whole,
  description: maybe(text),
  paused: yesOrNo,
  status: text,
  tag_list: optional(listOf(text)),
  run_untagged: optional(yesOrNo),
  access_level: optional(text),
});

/** The demands of a job on a runner. */
export interface RunnerDemand {
  /** undefined: the job is not known. */
  readonly tags?: readonly string[];
  /** undefined: not known. */
  readonly refProtected?: boolean;
}

/** The reason why no runner takes a job, or `serves`; `unknown` when what would decide is not shown. */
export type RunnerVerdict = "serves" | "none" | "tags" | "protected" | "paused" | "offline" | "unknown";

/**
 * Tells whether some runner takes a job: one whose tags include all of the job's (a job without tags needs `run_untagged`), that serves the
 * job's ref, is not paused, and is online.
 * @see https://docs.gitlab.com/ci/runners/configure_runners/
 */
export function runnerVerdict(runners: readonly Runner[], demand: RunnerDemand): RunnerVerdict {
  if (runners.length === 0) return "none";
  const tagged = runners.filter((runner) => takesTags(runner, demand.tags));
  if (tagged.length === 0) return "tags";
  const fitting = tagged.filter((runner) => servesRef(runner, demand.refProtected));
  if (fitting.length === 0) return "protected";
  const active = fitting.filter(({ paused }) => !paused);
  if (active.length === 0) return "paused";
  const online = active.filter(({ status }) => status === "online");
  if (online.length === 0) return "offline";
  return online.some((runner) => runner.tag_list !== undefined || demand.tags === undefined) ? "serves" : "unknown";
}

/**
 * Tells whether a runner takes jobs with these tags. What is not known is taken for granted, so that no runner is blamed for what the caller
 * may not see.
 */
function takesTags({ tag_list, run_untagged }: Runner, tags: readonly string[] | undefined): boolean {
  if (tags === undefined || tag_list === undefined) return true;
  return tags.length === 0 ? run_untagged !== false : tags.every((tag) => tag_list.includes(tag));
}

const servesRef = ({ access_level }: Runner, refProtected: boolean | undefined): boolean =>
  access_level !== "ref_protected" || refProtected !== false;
