import { slotNumber } from "../../gitlab/slot";
import { inDays } from "../duration";
import type { Bump } from "./plan";

/** A description longer than this is read by nobody, and Git takes push options of some 64 kB. */
const MAX_LISTED = 100;

/** The text of a rotation's commit and of its merge request. */
export interface CommitMessage {
  readonly title: string;
  readonly body: string;
}

export function commitMessage(bumps: readonly Bump[], now: Date): CommitMessage {
  const names = [...new Set(bumps.map(({ pusher }) => pusher.name))];
  const stacks = [...new Set(bumps.map(({ pusher }) => pusher.stack))];
  const title =
    names.length === 1 ? `Rotate the push token of ${names[0]}` : `Rotate the push tokens of ${names.length} pushers`;
  const listed = bumps.slice(0, MAX_LISTED).map((bump) => `- ${sentence(bump, now)}`);
  const more = bumps.length > MAX_LISTED ? [`- and ${bumps.length - MAX_LISTED} more`] : [];
  const cuts = bumps.some((bump) => bump.cuts)
    ? "Jobs that run during the deploy lose their token where it says so."
    : "Jobs that run during the deploy keep a living token.";
  const deploy = `The tokens rotate with the next deploy of ${stacks.join(", ")}. ${cuts}`;
  return { title, body: [...listed, ...more, "", deploy].join("\n") };
}

/** `ops/gitops: slot 2 from 2030-06-01 to 2030-12-03, 180 days from now`. */
export const sentence = ({ pusher, slot, from, to, cuts }: Bump, now: Date): string =>
  `${pusher.name}: slot ${slotNumber(slot)} from ${from.text} to ${to.text}, ${inDays(to.daysAfter(now))} from now${cuts ? "; cuts running jobs" : ""}`;
