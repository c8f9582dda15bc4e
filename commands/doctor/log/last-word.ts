import type { Event } from "./event";
import { wentThroughQuietly } from "./quiet-push";

/** Whether a later push, or the same script's further tries, made a refusal the past. */
export function overtaken({ branch }: { readonly branch?: string }, event: Event, from: readonly Event[]): boolean {
  const after = from.slice(1);
  if (event.again && after.some(ends)) return true;
  const later = after.some(({ accepted, project }) => {
    if (branch === undefined ? accepted.length === 0 : !accepted.includes(branch)) return false;
    return project === undefined || event.project === undefined || project === event.project;
  });
  if (later) return true;
  const same = from[0] === event ? event.accepted.includes(branch ?? "") : false;
  return same || triedQuietly(event, from);
}

/** Whether something came of the push job's further try. */
const ends = ({ accepted, refused, attempt }: Event): boolean =>
  accepted.length > 0 || refused.length > 0 || attempt.lines.some(({ job }) => job?.kind === "nothing");

/** The tries of one command, which shows only those that failed. */
function triedQuietly(event: Event, from: readonly Event[]): boolean {
  const { command } = event.attempt;
  if (command === undefined || event.refused.some(({ id }) => id !== "fetch-first")) return false;
  const rest = from.filter(({ attempt }) => attempt.command !== command || attempt.does !== "push");
  const moved = rest.length > 0 || from.at(-1)?.ended === "succeeded";
  return moved && wentThroughQuietly(command, from.filter((each) => each.refused.length > 0).length);
}

/** A push with -q that the job went on from, or whose tries ended well. */
export function quietly(event: Event, from: readonly Event[]): boolean {
  const { command, does, lines } = event.attempt;
  if (command === undefined || does !== "push") return false;
  if (event.refused.length > 0) return triedQuietly(event, from);
  const alone = !/[;|&]|^\s*(?:if|while|until|!)\b/.test(command) && /\s(?:-q|--quiet)\b/.test(command);
  const wentOn = from.length > 1 || event.ended === "succeeded";
  return alone && wentOn && !lines.some(({ git }) => git?.kind === "fatal" || git?.kind === "failed");
}
