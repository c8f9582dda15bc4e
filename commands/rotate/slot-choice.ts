import { describe } from "../../gitlab/problem";
import type { SlotIndex } from "../../inventory/edit-expiry";
import { earlierSlot, type Pusher } from "../pushers/pusher";
import type { LastBump } from "./last-bump";

/** Which slots to bump. */
export const SLOT_CHOICES = ["earlier", "later", "both"] as const;
export type SlotChoice = (typeof SLOT_CHOICES)[number];

/** What comes of a pusher that is to be rotated. */
export type Decision =
  | {
      readonly kind: "bump";
      readonly slots: readonly SlotIndex[];
      /** Jobs that run hold one of these tokens, and it dies with the deploy. */
      readonly cuts: boolean;
    }
  /** Nothing to do now: the last bump has not reached the jobs yet. */
  | { readonly kind: "waiting"; readonly reason: string }
  | { readonly kind: "refused"; readonly reason: string };

/** The slots a choice means. Of a token that died already nobody holds a living one: every such slot is bumped at once. */
export function chosenSlots(pusher: Pusher, choice: SlotChoice, now: Date): SlotIndex[] {
  const all = pusher.dates.map((_, i) => i as SlotIndex);
  const lapsed = all.filter((slot) => pusher.dates[slot]!.isPast(now));
  if (all.length === 1 || choice === "both") return all;
  if (choice === "later") return all.filter((slot) => slot !== earlierSlot(pusher));
  return lapsed.length > 0 ? lapsed : [earlierSlot(pusher)];
}

/** Whether slots may be bumped now: a token that jobs hold only when they said so. */
export function decide(
  pusher: Pusher,
  slots: readonly SlotIndex[],
  { now, force, lastBump }: { readonly now: Date; readonly force: boolean; readonly lastBump: LastBump },
): Decision {
  if (slots.every((slot) => pusher.dates[slot]!.isPast(now))) return { kind: "bump", slots, cuts: false };
  if (lastBump.kind === "waiting" && slots.every((slot) => lastBump.slots.includes(slot))) return lastBump;
  const held = heldByJobs(pusher, slots);
  if (force) return { kind: "bump", slots, cuts: held !== undefined || lastBump.kind !== "settled" };
  if (held) return { kind: "refused", reason: held };
  if (lastBump.kind === "settled") return { kind: "bump", slots, cuts: false };
  return { kind: lastBump.kind === "waiting" ? "waiting" : "refused", reason: lastBump.reason };
}

/** Why running jobs hold one of the slots' tokens. */
function heldByJobs(pusher: Pusher, slots: readonly SlotIndex[]): string | undefined {
  const [first, second] = pusher.dates;
  if (!second) {
    return describe({
      got: `one slot (${first?.text}), whose token running jobs hold: it dies when the new one is made`,
      allowed: "a rotation in place only with --force",
      fix: "give it a second date later than that, deploy, and rotate from then on without a cut; or add --force",
    });
  }
  const carrier = pusher.dates[1 - earlierSlot(pusher)]!;
  if (slots.every((slot) => pusher.dates[slot] !== carrier)) return undefined;
  return describe({
    got: `the slot of ${carrier.text}, whose token the variable carries: running jobs hold it, and it dies when the new one is made`,
    allowed: "the earlier slot alone, or this one with --force",
    fix: "leave --slot out; or, for a token that leaked, add --force",
  });
}
