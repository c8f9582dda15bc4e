import { otherSlot, type SlotIndex } from "../../gitlab/slot";
import type { DeclaredPusher } from "../../inventory/pushers";

/** The slot to bump: the one whose token the variable does not carry, where there are two. */
export const earlierSlot = ({ slots, carrier }: DeclaredPusher): SlotIndex =>
  slots.length === 2 ? otherSlot(carrier.slot) : carrier.slot;

/** The slot a pusher has beside this one, if it has two. */
export const slotBeside = ({ slots }: DeclaredPusher, slot: SlotIndex): SlotIndex | undefined =>
  slots.length === 2 ? otherSlot(slot) : undefined;
