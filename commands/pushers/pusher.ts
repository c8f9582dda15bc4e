import * as path from "node:path";
import { ExpiryDate } from "../../gitlab/expiry-date";
import type { InventoryFile } from "../../inventory";
import type { SlotIndex } from "../../inventory/edit-expiry";
import { pusherMark } from "../../inventory/pusher-mark";

/** One entry of the inventory, as far as its dates go. */
export interface Pusher {
  readonly stack: string;
  readonly id: string;
  /** `stack/id`. */
  readonly name: string;
  /** What marks its tokens in GitLab. */
  readonly mark: string;
  /** The inventory file, as the command was given it. */
  readonly file: string;
  /** One date or two; the position is the slot. */
  readonly dates: readonly ExpiryDate[];
  /** Longest life of a token in days, from its stack's file. */
  readonly lifetimeLimit: number;
  /** The line of a slot's date, from 1. Slow for the first pusher of a large file. */
  readonly lineOf: (slot: SlotIndex) => number;
}

/** The pushers of an inventory, in its order. */
export function pushersOf(directory: string, files: readonly InventoryFile[]): Pusher[] {
  return files.flatMap(({ stack, stateName, content, locate }) =>
    Object.entries(content.pushers).map(([id, { token }]) => ({
      stack,
      id,
      name: `${stack}/${id}`,
      mark: pusherMark({ stateName, content }, id),
      file: path.join(directory, `${stack}.yaml`),
      dates: [token.expires].flat().map((date) => ExpiryDate.parse(date)),
      lifetimeLimit: content.token_lifetime_limit,
      lineOf: (slot) => Number(locate(["pushers", id, "token", "expires", slot]).split(":").at(-2)),
    })),
  );
}

/** The slot to bump: the one whose token the variable does not carry. */
export function earlierSlot({ dates: [first, second] }: Pusher): SlotIndex {
  return !second || (first && second.isAfter(first)) ? 0 : 1;
}

/** The slot a pusher has beside this one, if it has two. */
export const otherSlot = ({ dates }: Pusher, slot: SlotIndex): SlotIndex | undefined =>
  dates.length === 2 ? ((1 - slot) as SlotIndex) : undefined;
