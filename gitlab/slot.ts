import type { ExpiryDate } from "./expiry-date";

/** Position of a token among a pusher's dates: everything in code counts from it. */
export type SlotIndex = 0 | 1;

/** The slots that a pusher can have, in the order of its dates. */
export const SLOTS: readonly SlotIndex[] = [0, 1];

/** A slot as people and our JSON count, from 1. */
export const slotNumber = (slot: SlotIndex): 1 | 2 => (slot === 0 ? 1 : 2);

/** The slot beside this one. */
export const otherSlot = (slot: SlotIndex): SlotIndex => (slot === 0 ? 1 : 0);

/** The construct id of a slot's token below its pusher: `Token`, or `TokenB` for the second slot. */
export const slotId = (slot: SlotIndex): string => (slot === 0 ? "Token" : "TokenB");

/** The construct path of a token of the pusher with this mark, `stack/pusher`: `stack/pusher/Token`, or `…/TokenB`. */
export const slotPath = (mark: string, slot: SlotIndex): string => `${mark}/${slotId(slot)}`;

/** The name of a slot's token in GitLab, by that of the first slot's. */
export const slotName = (name: string, slot: SlotIndex): string => (slot === 0 ? name : `${name}_B`);

/** The slot that variables carry: that of the later date; the first when there is but one, or one is no date. */
export const carriedSlot = (first: ExpiryDate | undefined, second: ExpiryDate | undefined): SlotIndex =>
  first && second?.isAfter(first) ? 1 : 0;
