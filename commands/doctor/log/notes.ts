import type { Event } from "./event";
import type { LoggedRefusal } from "./logged-refusal";
import type { PushOutcome } from "./push-outcome";

/** Sentences about a job that are worth to know, and no findings. */
export function notesOf(
  events: readonly Event[],
  refusals: readonly LoggedRefusal[],
  outcome: PushOutcome,
  end: "failed" | "succeeded" | undefined,
): string[] {
  const notes: string[] = [];
  const lines = events.flatMap(({ attempt }) => attempt.lines);
  const all = events.flatMap(({ refused }) => refused);
  const past = all.filter(({ line }) => !refusals.some((each) => each.line === line));
  if (outcome === "accepted" && past.length > 0)
    notes.push(`line ${past[0]?.line}: ${past[0]?.words}: a later try went through`);
  if (outcome === "accepted" && end === "failed") notes.push("the job failed after its push, for another reason");
  const afterwards = lines.some(
    ({ place, number }) => place === "after_script" && refusals.some((each) => each.line === number),
  );
  if (afterwards) notes.push("the push is in after_script, whose failure fails no job");
  else if (outcome === "refused" && end === "succeeded")
    notes.push("the job succeeded all the same: its script goes on after a refused push (|| true, or the like)");
  const failed = lines.find(({ job }) => job?.kind === "script-failed")?.job;
  if (failed?.kind === "script-failed") notes.push(`the push job's script ended with exit code ${failed.code}`);
  if (lines.some(({ job }) => job?.kind === "nothing")) notes.push("the push job's script changed nothing");
  if (lines.some(({ git }) => git?.kind === "up-to-date"))
    notes.push("Everything up-to-date: what was pushed is what the branch has; was the commit made on another branch?");
  return notes;
}
