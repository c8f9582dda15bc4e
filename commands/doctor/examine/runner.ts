import { type Runner, runnerVerdict } from "../../../gitlab/runner";
import type { CauseId } from "../cause";
import type { Facts } from "../facts";
import { type Link, ok, unknown, wrong } from "../link";

const CAUSE = {
  none: "runner-none",
  tags: "runner-tags",
  protected: "runner-protected",
  paused: "runner-paused",
  offline: "runner-offline",
} as const satisfies Record<string, CauseId>;

/** Tells whether some runner takes the job. */
export function examineRunner({ walk, source, runners, pipeline }: Facts): Link[] {
  if (!source?.seen) return [];
  if (!runners?.seen) return [unknown("runner", `the runners of ${walk.source.path} are not shown to this token`)];
  const job = pipeline?.best?.job;
  const verdict = runnerVerdict(runners.value, { tags: job?.tags, refProtected: pipeline?.refProtected });
  if (verdict === "serves") return [ok("runner", `one that takes ${job ? `job ${job.name}` : "jobs"} is online`)];
  if (verdict === "unknown") return [unknown("runner", "runners are online; their tags are not shown to this token")];
  return [wrong("runner", CAUSE[verdict], detail(verdict, runners.value, job?.tags, pipeline?.ref))];
}

function detail(
  verdict: keyof typeof CAUSE,
  runners: readonly Runner[],
  tags: readonly string[] = [],
  ref = "",
): string {
  if (verdict === "none") return "no runner is listed";
  if (verdict === "tags") {
    const wanted = tags.length > 0 ? `the job asks for ${tags.join(", ")}` : "the job has no tags";
    return `${wanted}; there is: ${runners.map(tagText).join("; ")}`;
  }
  const names = runners.map(
    ({ id, description, status, paused }) => `#${id} ${description ?? ""} (${paused ? "paused" : status})`,
  );
  return `${names.join(", ")}${verdict === "protected" ? `; no rule protects ${ref}` : ""}`;
}

const tagText = ({ id, tag_list = [], run_untagged }: Runner): string =>
  `#${id} [${tag_list.join(", ")}]${run_untagged ? " and untagged jobs" : ""}`;
