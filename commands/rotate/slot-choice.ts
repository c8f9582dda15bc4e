import type { Problem } from "../../gitlab/problem";
import type { SlotIndex } from "../../gitlab/slot";
import type { DeclaredPusher } from "../../inventory/pushers";
import type { LastBump } from "./last-bump";
import { earlierSlot } from "./pair-of-slots";

/** The choices of slots to bump. */
export const SLOT_CHOICES = ["earlier", "later", "both"] as const;
export type SlotChoice = (typeof SLOT_CHOICES)[number];

/** The decision about a pusher that is to be rotated. */
export type Decision =
  | {
      readonly kind: "bump";
      readonly slots: readonly SlotIndex[];
      /** Jobs that run hold one of these tokens, and it dies with the deploy. */
      readonly cuts: boolean;
    }
  /** Nothing to do now: the last bump has not reached the jobs yet. */
  | { readonly kind: "waiting"; readonly reason: Problem | string }
  | { readonly kind: "refused"; readonly reason: Problem | string };

/** The slots a choice means. Of a token that died already nobody holds a living one: every such slot is bumped at once. */
export function chosenSlots(pusher: DeclaredPusher, choice: SlotChoice, now: Date): SlotIndex[] {
  const all = pusher.slots.map(({ slot }) => slot);
  const lapsed = all.filter((slot) => pusher.slots[slot]!.expires.isPast(now));
  if (all.length === 1 || choice === "both") return all;
  if (choice === "later") return all.filter((slot) => slot !== earlierSlot(pusher));
  return lapsed.length > 0 ? lapsed : [earlierSlot(pusher)];
}

/** Tells whether slots may be bumped now: a token that jobs hold only when they said so. */
export function decide(
  pusher: DeclaredPusher,
  slots: readonly SlotIndex[],
  { now, force, lastBump }: { readonly now: Date; readonly force: boolean; readonly lastBump: LastBump },
): Decision {
  if (slots.every((slot) => pusher.slots[slot]!.expires.isPast(now))) return { kind: "bump", slots, cuts: false };
  if (lastBump.kind === "waiting" && slots.every((slot) => lastBump.slots.includes(slot))) return lastBump;
  const held = heldByJobs(pusher, slots);
  if (force) return { kind: "bump", slots, cuts: held !== undefined || lastBump.kind !== "settled" };
  if (held) return { kind: "refused", reason: held };
  if (lastBump.kind === "settled") return { kind: "bump", slots, cuts: false };
  return { kind: lastBump.kind === "waiting" ? "waiting" : "refused", reason: lastBump.reason };
}

/** The reason why running jobs hold one of the slots' tokens. */
function heldByJobs(pusher: DeclaredPusher, slots: readonly SlotIndex[]): Problem | undefined {
  const [first, second] = pusher.slots;
  if (!second) {
    return {
      got: `one slot (${first?.expires.text}), whose token running jobs hold: it dies when the new one is made`,
      allowed: "a rotation in place only with --force",
      fix: "give it a second date later than that, deploy, and rotate from then on without a cut; or add --force",
    };
  }
  const { carrier } = pusher;
  if (!slots.includes(carrier.slot)) return undefined;
  return {
    got: `the slot of ${carrier.expires.text}, whose token the variable carries: running jobs hold it, and it dies when the new one is made`,
    allowed: "the earlier slot alone, or this one with --force",
    fix: "leave --slot out; or, for a token that leaked, add --force",
  };
}
