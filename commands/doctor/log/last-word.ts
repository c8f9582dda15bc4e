import type { Event } from "./event";
import { wentThroughQuietly } from "./quiet-push";

/** Tells whether a later push, or the same script's further tries, made a refusal the past. */
export function overtaken({ branch }: { readonly branch?: string }, events: readonly Event[], at: number): boolean {
  const event = events[at] as Event;
  if (event.accepted.includes(branch ?? "")) return true;
  for (let later = at + 1; later < events.length; later += 1) {
    const next = events[later] as Event;
    if (event.again && ends(next)) return true;
    if (next.accepted.length > 0 && makesGood(event, branch, next)) return true;
  }
  return triedQuietly(events, at);
}

function makesGood({ project: of }: Event, branch: string | undefined, { accepted, project }: Event): boolean {
  if (branch !== undefined && !accepted.includes(branch)) return false;
  return project === undefined || of === undefined || project === of;
}

/** Tells whether something came of the push job's further try. */
const ends = ({ accepted, refused, attempt }: Event): boolean =>
  accepted.length > 0 || refused.length > 0 || attempt.lines.some(({ job }) => job?.kind === "nothing");

/** The tries of one command, which shows only those that failed. */
function triedQuietly(events: readonly Event[], at: number): boolean {
  const { attempt, refused } = events[at] as Event;
  const { command } = attempt;
  if (command === undefined || !TRIES.test(command) || refused.some(({ id }) => id !== "fetch-first")) return false;
  const from = events.slice(at);
  const moved = from.at(-1)?.ended === "succeeded" || from.some((each) => each.attempt.command !== command);
  return moved && wentThroughQuietly(command, from.filter((each) => each.refused.length > 0).length);
}

const TRIES = /\b(?:for|until|while)\b/;

/** A push with -q that the job went on from, or whose tries ended well. */
export function quietly(events: readonly Event[], at: number): boolean {
  const event = events[at] as Event;
  const { command, does, lines } = event.attempt;
  if (command === undefined || does !== "push") return false;
  if (event.refused.length > 0) return triedQuietly(events, at);
  const alone = !/[;|&]|^\s*(?:if|while|until|!)\b/.test(command) && /\s(?:-q|--quiet)\b/.test(command);
  const wentOn = at < events.length - 1 || event.ended === "succeeded";
  return alone && wentOn && !lines.some(({ git }) => git?.kind === "fatal" || git?.kind === "failed");
}
