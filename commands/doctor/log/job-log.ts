import { withoutTokens } from "../../../gitlab/problem";
import { telling } from "../../../gitlab/refusal";
import type { CauseId } from "../cause";
import { attemptsOf } from "./attempt";
import { BEHIND } from "./behind";
import { ofCredential } from "./believed";
import { type Event, eventsOf } from "./event";
import { overtaken, quietly } from "./last-word";
import { type LogLine, logLines } from "./line";
import type { LoggedRefusal } from "./logged-refusal";
import { notesOf } from "./notes";
import type { PushOutcome } from "./push-outcome";

/** The push of a job as its log tells it, without asking GitLab. */
export interface JobLog {
  readonly outcome: PushOutcome;
  readonly refusals: readonly LoggedRefusal[];
  /** Sentences that are worth to know, and no findings. */
  readonly notes: readonly string[];
  /** The ref the pipeline ran for. */
  readonly ref?: string;
  /** Full path of the project pushed to, as Git names it. */
  readonly target?: string;
  readonly branch?: string;
  /** Key of the variable that the push took its password from. */
  readonly key?: string;
}

/** Reads a job's log. It may be cut off, and hold anything: what is quoted of it is made safe first. */
export function readJobLog(text: string): JobLog {
  const lines = logLines(text);
  const early = earlyRefusals(lines);
  const events =
    early.length > 0
      ? []
      : eventsOf(
          lines.filter(({ place }) => JUDGED.has(place)),
          endOf(lines),
        );
  const standing = events.flatMap((event, at) => event.refused.filter((each) => !overtaken(each, events, at)));
  const refusals = unique([...early, ...standing]).map((refusal) => ofPipeline(refusal, lines));
  const accepted = events.flatMap((event) => event.accepted);
  const quiet = events.some((_, at) => quietly(events, at));
  const outcome = refusals.length > 0 ? "refused" : accepted.length > 0 || quiet ? "accepted" : "none";
  return {
    outcome,
    refusals,
    notes: notesOf(events, refusals, outcome, endOf(lines)),
    ...whither(lines, events, outcome),
  };
}

const JUDGED: ReadonlySet<LogLine["place"]> = new Set<LogLine["place"]>(["ready", "script", "after_script", "end"]);

function endOf(lines: readonly LogLine[]): "failed" | "succeeded" | undefined {
  for (let at = lines.length - 1; at >= 0; at -= 1) {
    const { text = "" } = lines[at] as LogLine;
    if (/^Job succeeded\b/.test(text)) return "succeeded";
    if (/^ERROR: Job failed\b|^Job failed\b/.test(text)) return "failed";
  }
  return undefined;
}

/** The refusals that stopped the runner before the script began: its own fetch, with the job token and the rights of whoever started the job. */
function earlyRefusals(lines: readonly LogLine[]): LoggedRefusal[] {
  if (lines.some(({ place }) => place === "script" || place === "after_script")) return [];
  const fetched = lines.filter(({ place }) => place === "sources" || place === "submodules");
  const known = attemptsOf(fetched).flatMap(({ lines: read }) =>
    telling(read.flatMap(({ known: said, number, place }) => (said ? [{ ...said, number, place }] : []))),
  );
  return unique(
    known.map(({ id, by, words, number, place }) => {
      const denied: CauseId = place === "submodules" ? "submodules-denied" : "sources-denied";
      return { id, line: number, words, causes: ofCredential(id, by) ? [denied] : BEHIND[id] };
    }),
  );
}

/** Each kind of refusal once. */
function unique(refusals: readonly LoggedRefusal[]): LoggedRefusal[] {
  const first = new Map<string, LoggedRefusal>();
  for (const refusal of refusals) {
    const key = refusal.id === "unknown" ? `unknown ${refusal.words}` : refusal.id;
    if (!first.has(key)) first.set(key, refusal);
  }
  return [...first.values()]
    .filter(({ id, kind }, _, all) => id !== "unknown" || kind !== "job" || all.length === 1)
    .map(({ id, line, words, causes, kind }) => ({ id, line, words, causes, ...(kind ? { kind } : {}) }));
}

/** In a merge request pipeline a protected variable is missing for a reason of its own. */
function ofPipeline(refusal: LoggedRefusal, lines: readonly LogLine[]): LoggedRefusal {
  const { causes } = refusal;
  const first = "merge-request-pipeline";
  if (!causes.includes(first) || !find(lines, REF)?.startsWith("refs/merge-requests/")) return refusal;
  const others = causes.filter((cause) => cause !== first && cause !== "variable-protected-ref-unprotected");
  return { ...refusal, causes: [first, ...others] };
}

const REF = /as detached HEAD \(ref is (.+?)\)/;

function whither(
  lines: readonly LogLine[],
  events: readonly Event[],
  outcome: PushOutcome,
): Pick<JobLog, "ref" | "target" | "branch" | "key"> {
  const ref = find(lines, REF);
  const through = events.filter(({ accepted }) => accepted.length > 0);
  const of =
    outcome === "accepted" && through.length > 0 ? through : events.filter(({ refused }) => refused.length > 0);
  const target = of.map(({ project }) => project).find((project) => project !== undefined);
  const branch = of.flatMap((event) => event.refused.flatMap((each) => each.branch ?? []))[0] ?? of[0]?.accepted[0];
  const [key] = of.flatMap((event) => event.key ?? []);
  return {
    ...(ref === undefined ? {} : { ref: withoutTokens(ref) }),
    ...(target === undefined ? {} : { target }),
    ...(branch === undefined ? {} : { branch: withoutTokens(branch) }),
    ...(key === undefined ? {} : { key }),
  };
}

function find(lines: readonly LogLine[], pattern: RegExp): string | undefined {
  for (const { text } of lines) {
    const match = pattern.exec(text);
    if (match) return match[1];
  }
  return undefined;
}
