import * as path from "node:path";
import type { Colors } from "picocolors/types";
import { MAX_EXPIRIES_A_DAY } from "../../gitlab/expiry-date";
import { inWords, partsOf } from "../../gitlab/placed-problem";
import { slotNumber } from "../../gitlab/slot";
import { inDays } from "../duration";
import { ExitCode } from "../exit-code";
import { unifiedDiff } from "../unified-diff";
import { sentence } from "./commit-message";
import type { MergeRequest } from "./merge-request";
import type { Held, RotationPlan } from "./plan";

/** The outcome of a rotation. */
export interface Outcome {
  readonly plan: RotationPlan;
  readonly now: Date;
  /** Only what expires within so many days was looked at. */
  readonly due?: number;
  readonly dryRun: boolean;
  /** Id of the commit on the current branch. */
  readonly commit?: string;
  readonly mergeRequest?: MergeRequest;
}

export function exitCode({ plan, mergeRequest }: Outcome): ExitCode {
  const needsPeople = mergeRequest?.status === "refused" || mergeRequest?.status === "waiting";
  return plan.refused.length > 0 || needsPeople ? ExitCode.finding : ExitCode.ok;
}

/** Tells whether the inventory's files, here or on the branch of the merge request, have new dates. */
const isDone = ({ plan, dryRun, mergeRequest }: Outcome): boolean =>
  plan.bumps.length > 0 && !dryRun && mergeRequest?.status !== "waiting";

/** All of it for programs. The shape is that of docs/commands.md. */
export function asJson(outcome: Outcome): Record<string, unknown> {
  const { plan, now, dryRun, commit = null, mergeRequest } = outcome;
  const held = ({ pusher, reason }: Held) => ({
    stack: pusher.stack,
    pusher: pusher.id,
    reason: inWords(reason),
    ...partsOf(reason),
  });
  return {
    today: now.toISOString().slice(0, 10),
    dry_run: dryRun,
    changed: isDone(outcome),
    bumps: plan.bumps.map(({ pusher, slot, from, to, cuts, line }) => ({
      stack: pusher.stack,
      pusher: pusher.id,
      slot: slotNumber(slot),
      from: from.text,
      to: to.text,
      days: to.daysAfter(now),
      cuts_running_jobs: cuts,
      file: shownName(pusher.file),
      line,
    })),
    waiting: plan.waiting.map(held),
    refused: plan.refused.map(held),
    upcoming: plan.upcoming.map(({ pusher, slot }) => ({
      stack: pusher.stack,
      pusher: pusher.id,
      slot: slotNumber(slot),
      date: pusher.slots[slot]!.expires.text,
      days_left: pusher.slots[slot]!.expires.daysAfter(now),
    })),
    crowded_days: plan.crowded,
    diff: diffOf(plan),
    commit,
    merge_request: mergeRequest === undefined ? null : { commit: null, url: null, ...mergeRequest },
  };
}

/** All of it for people. */
export function asText(outcome: Outcome, colors: Colors): string {
  const { plan, now } = outcome;
  const { yellow, red } = colors;
  return [
    coloured(diffOf(plan), colors),
    ...plan.bumps.map((bump) => sentence(bump, now)),
    ...plan.waiting.map(({ pusher, reason }) => `${pusher.name}: ${yellow("waiting")}: ${inWords(reason)}`),
    ...plan.refused.map(({ pusher, reason }) => `${pusher.name}: ${red("refused")}: ${inWords(reason)}`),
    ...crowding(plan, yellow),
    ...conclusion(outcome),
  ]
    .filter((line) => line !== "")
    .map((line) => line.replace(/\n?$/, "\n"))
    .join("");
}

function crowding({ crowded }: RotationPlan, paint: (text: string) => string): string[] {
  if (crowded.length === 0) return [];
  const days = crowded.length === 1 ? crowded[0] : `${crowded.length} days from ${crowded[0]} to ${crowded.at(-1)}`;
  return [
    `${paint("crowded")}: more than ${MAX_EXPIRIES_A_DAY} tokens die a day on ${days}, as all better days are full; a longer --lifetime has more of them`,
  ];
}

function conclusion(outcome: Outcome): string[] {
  const { plan } = outcome;
  if (plan.bumps.length === 0) return nothing(outcome);
  return [...sayAgain(plan), ...result(outcome)];
}

/** A cut is said twice: here, and to the deploy. */
function sayAgain({ bumps }: RotationPlan): string[] {
  const cut = bumps.filter(({ pusher, cuts }) => cuts && pusher.slots.length === 2);
  const names = [...new Set(cut.map(({ pusher }) => pusher.name))];
  return names.length === 0
    ? []
    : [`The deploy refuses to cut jobs of ${names.join(", ")} unless the token there says allow_interruption: true.`];
}

function result({ plan, dryRun, commit, mergeRequest }: Outcome): string[] {
  if (dryRun) return ["Nothing was written: --dry-run."];
  if (mergeRequest) return asked(mergeRequest);
  const stacks = [...new Set(plan.bumps.map(({ pusher }) => pusher.stack))].join(" ");
  const done = commit === undefined ? "Written. Review and commit it" : `Committed as ${commit.slice(0, 12)}`;
  return [`${done}; the tokens rotate with \`cdktf deploy ${stacks}\`.`];
}

function nothing({ plan, now, due }: Outcome): string[] {
  if (plan.refused.length > 0) return ["Nothing was changed."];
  if (plan.waiting.length > 0) return ["Nothing to do now."];
  const next = plan.upcoming.map(({ pusher, slot }) => {
    const date = pusher.slots[slot]!.expires;
    return `  ${date.text}, in ${inDays(date.daysAfter(now))}: ${pusher.name}, slot ${slotNumber(slot)}`;
  });
  return [`Nothing is due within ${inDays(due ?? 0)}.${next.length > 0 ? " Next:" : ""}`, ...next];
}

function asked({ status, branch, target, messages }: MergeRequest): string[] {
  if (status === "waiting") {
    return [
      `Nothing was pushed: ${branch} waits at origin. Merge it first, so that one rotation follows another, or delete the branch if it was given up.`,
    ];
  }
  const said = messages.map((line) => `  ${line}`.trimEnd());
  const what = {
    created: `Pushed ${branch}, with a merge request into ${target}. GitLab says:`,
    pushed: `Pushed ${branch}. GitLab printed no address of a merge request into ${target}: look there.`,
    refused: `Pushed ${branch}, but GitLab made no merge request into ${target}: open it by hand. GitLab says:`,
  }[status];
  return [what, ...said, "The files here are as they were."];
}

const diffOf = ({ edits }: RotationPlan): string =>
  edits
    .map(({ file, before, after }) => {
      const name = shownName(file);
      return unifiedDiff({ name: `a/${name}`, text: before }, { name: `b/${name}`, text: after });
    })
    .join("");

/** A file as seen from the working directory, or in full where it is not below it; with `/`. */
function shownName(file: string): string {
  const relative = path.relative(process.cwd(), file);
  const shown = relative.startsWith("..") ? path.resolve(file).replace(/^\//, "") : relative;
  return shown.split(path.sep).join("/");
}

function coloured(diff: string, { bold, cyan, green, red }: Colors): string {
  const paint = (line: string): string => {
    if (/^(---|\+\+\+) /.test(line)) return bold(line);
    if (line.startsWith("@@")) return cyan(line);
    if (line.startsWith("-")) return red(line);
    return line.startsWith("+") ? green(line) : line;
  };
  return diff.split("\n").map(paint).join("\n");
}
