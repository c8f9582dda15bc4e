import { ExpiryDate } from "../gitlab/expiry-date";
import type { Problem } from "../gitlab/problem";
import { otherSlot, SLOTS, type SlotIndex, slotNumber } from "../gitlab/slot";
import type { DeployedToken } from "../state/deployed-state";

/** The slots of a pusher, by position. */
export type Slots<T> = readonly [first: T | undefined, second: T | undefined];

/**
 * Says why a deploy would cut jobs that run, or undefined when it would not: the token the variable carries now, and which they hold, would
 * be rotated or revoked while it lives. A pusher that has one slot, before and after, cannot rotate otherwise and is let through.
 */
export function interruption(
  deployed: Slots<DeployedToken>,
  declared: Slots<ExpiryDate>,
  now: Date,
): Problem | undefined {
  if (!deployed[1] && !declared[1]) return undefined;
  const carrier = carried(deployed).find((slot) => lives(deployed[slot], now) && changes(deployed, declared, slot));
  if (carrier === undefined) return undefined;
  return {
    got: `${change(deployed, declared)}: the variable carries slot ${slotNumber(carrier)} (${deployed[carrier]?.expires}), so jobs that run would lose their token`,
    allowed: declared[carrier] ? "changing the other slot" : "giving up the other slot",
    fix: fix(deployed, declared, carrier),
  };
}

/**
 * The positions of the slots whose values variables hold. After a deploy that broke off before it switched them all this is the slot
 * that expires first, or both; where the state does not tell, it is the one that expires last.
 */
function carried(slots: Slots<DeployedToken>): SlotIndex[] {
  const told = SLOTS.filter((slot) => slots[slot]?.carried);
  return told.length > 0 ? told : [latest(slots)];
}

const latest = (slots: Slots<DeployedToken>): SlotIndex =>
  (slots[1]?.expires ?? "") > (slots[0]?.expires ?? "") ? 1 : 0;

const lives = (token: DeployedToken | undefined, now: Date): boolean =>
  token !== undefined && !token.revoked && !ExpiryDate.parse(token.expires).isPast(now);

const changes = (deployed: Slots<DeployedToken>, declared: Slots<ExpiryDate>, slot: SlotIndex): boolean =>
  declared[slot]?.text !== deployed[slot]?.expires;

function change(deployed: Slots<DeployedToken>, declared: Slots<ExpiryDate>): string {
  return SLOTS.filter((slot) => changes(deployed, declared, slot))
    .map((slot) => `slot ${slotNumber(slot)} ${deployed[slot]?.expires ?? "new"} → ${declared[slot]?.text ?? "gone"}`)
    .join(", ");
}

function fix(deployed: Slots<DeployedToken>, declared: Slots<ExpiryDate>, carrier: SlotIndex): string {
  const other = deployed[otherSlot(carrier)];
  const told = "or say allow_interruption: true for this deploy";
  if (other && carrier !== latest(deployed))
    return `the last deploy did not switch every variable to slot ${slotNumber(latest(deployed))} (${other.expires}): take this change back, deploy, and make it again when no older job runs; ${told}`;
  if (!declared[carrier])
    return `bump slot 1 and deploy, so that the variable carries it; give slot 2 up when no older job runs; ${told}`;
  if (!other)
    return `keep ${deployed[carrier]?.expires} in slot ${slotNumber(carrier)} and add the new date as the other slot; ${told}`;
  return `keep ${deployed[carrier]?.expires} in slot ${slotNumber(carrier)} and bump slot ${slotNumber(otherSlot(carrier))} (${other.expires}), deploy, and bump the rest when no older job runs; ${told}`;
}
