import { type ExpiryDate, MAX_EXPIRIES_A_DAY } from "../../gitlab/expiry-date";
import { type PlacedProblem, placedText } from "../../gitlab/placed-problem";
import type { Problem } from "../../gitlab/problem";
import type { SlotIndex } from "../../gitlab/slot";
import type { InventoryFile } from "../../inventory";
import { editExpiries } from "../../inventory/edit-expiry";
import { type FileEdit, readForEdit } from "../../inventory/edit-files";
import { type DeclaredPusher, pushersOf } from "../../inventory/pushers";
import type { DeployedState } from "../../state/deployed-state";
import { inDays } from "../duration";
import { CommandError, ExitCode } from "../exit-code";
import { named } from "../pushers/named";
import { ExpiryCalendar } from "./expiry-calendar";
import { LastBumps } from "./last-bump";
import { earlierSlot, slotBeside } from "./pair-of-slots";
import { chosenSlots, type Decision, decide, type SlotChoice } from "./slot-choice";

/** Days a token lives when nothing else is said: two slots then rotate about every three months each. */
export const DEFAULT_LIFETIME = 180;

export interface RotationRequest {
  /** `ID` or `STACK/ID`. Empty: every pusher that is due. */
  readonly ids: readonly string[];
  /** Only what expires within so many days. @default - the ids, due or not */
  readonly due?: number;
  /** Days the new tokens shall live. @default 180, or the limit where that is less */
  readonly lifetime?: number;
  readonly slot: SlotChoice;
  /** Bump also what cuts running jobs. */
  readonly force: boolean;
  /** Folder of the inventory. */
  readonly inventory: string;
  /** The states of the last deploys, by stack. */
  readonly states: ReadonlyMap<string, DeployedState>;
  readonly now: Date;
  /** Of Git. */
  readonly environment: NodeJS.ProcessEnv;
}

/** One date that is to be changed. */
export interface Bump {
  readonly pusher: DeclaredPusher;
  readonly slot: SlotIndex;
  readonly from: ExpiryDate;
  readonly to: ExpiryDate;
  /** Running jobs hold the token that dies. */
  readonly cuts: boolean;
}

export interface Held {
  readonly pusher: DeclaredPusher;
  readonly reason: Problem | string;
}

/** Everything that a rotation would do; nothing is written yet. */
export interface RotationPlan {
  readonly bumps: readonly (Bump & { readonly line: number })[];
  readonly waiting: readonly Held[];
  readonly refused: readonly Held[];
  /** The slots to be due next, soonest first; only when nothing is due. */
  readonly upcoming: readonly { readonly pusher: DeclaredPusher; readonly slot: SlotIndex }[];
  /** Days on which more tokens than {@link MAX_EXPIRIES_A_DAY} die, because there was no better one. */
  readonly crowded: readonly string[];
  readonly edits: readonly FileEdit[];
}

const UPCOMING = 5;

/**
 * Works out which dates to change to what.
 * @throws CommandError for ids and lifetimes that cannot be, InventoryError for files that cannot be edited
 */
export async function planRotation(files: readonly InventoryFile[], request: RotationRequest): Promise<RotationPlan> {
  const all = pushersOf(files);
  const asked = request.ids.length > 0 ? named(all, request.ids) : all;
  const selected = asked.filter((pusher) => isDue(pusher, request));
  checkLifetime(selected, request.lifetime);

  const decisions = await decideAll(selected, request);
  const held = (kind: "waiting" | "refused") =>
    decisions.flatMap(({ pusher, decision }) => (decision.kind === kind ? [{ pusher, reason: decision.reason }] : []));
  const calendar = new ExpiryCalendar(
    request.now,
    all.flatMap(({ slots }) => slots.map(({ expires }) => expires)),
  );
  const dated = decisions.map(({ pusher, decision }) => dateBumps(pusher, decision, calendar, request));
  const refused = [...held("refused"), ...dated.flatMap((result) => ("reason" in result ? [result] : []))];
  // People who name pushers get all of them or nothing; a schedule rotates what it can.
  const isVoid = refused.length > 0 && request.due === undefined;
  const bumps = isVoid ? [] : dated.flatMap((result) => ("bumps" in result ? result.bumps : []));
  return {
    ...edited(bumps),
    waiting: held("waiting"),
    refused,
    upcoming: selected.length === 0 ? upcoming(asked) : [],
    crowded: crowdedDays(bumps, calendar),
  };
}

function isDue(pusher: DeclaredPusher, { due, slot, now }: RotationRequest): boolean {
  if (due === undefined) return true;
  return chosenSlots(pusher, slot, now).some((chosen) => pusher.slots[chosen]!.expires.daysAfter(now) <= due);
}

function checkLifetime(pushers: readonly DeclaredPusher[], lifetime: number | undefined): void {
  if (lifetime === undefined) return;
  const limits = new Map(pushers.map(({ file, lifetimeLimit }) => [file, lifetimeLimit]));
  const problems = [...limits].flatMap(([file, limit]) => (lifetime > limit ? [tooLong(file, lifetime, limit)] : []));
  if (problems.length > 0) throw new CommandError(problems.map(placedText).join("\n"), ExitCode.usage, problems);
}

const tooLong = (file: string, lifetime: number, limit: number): PlacedProblem => ({
  place: file,
  problem: {
    got: `a lifetime of ${inDays(lifetime)}`,
    allowed: `up to ${limit}, its token_lifetime_limit`,
    fix: `write --lifetime ${limit}d, or rotate this stack on its own`,
  },
});

async function decideAll(
  pushers: readonly DeclaredPusher[],
  { slot, force, now, states, environment }: RotationRequest,
): Promise<{ pusher: DeclaredPusher; decision: Decision }[]> {
  const lastBumps = new LastBumps(states, now, environment);
  const decisions: { pusher: DeclaredPusher; decision: Decision }[] = [];
  for (const pusher of pushers) {
    const slots = chosenSlots(pusher, slot, now);
    const lastBump = await lastBumps.of(pusher, slots[0]!);
    decisions.push({ pusher, decision: decide(pusher, slots, { now, force, lastBump }) });
  }
  return decisions;
}

/** Gives the slots of a decision their dates, and keeps these days in the calendar. */
function dateBumps(
  pusher: DeclaredPusher,
  decision: Decision,
  calendar: ExpiryCalendar,
  { lifetime = DEFAULT_LIFETIME }: RotationRequest,
): { bumps: readonly Bump[] } | Held {
  if (decision.kind !== "bump") return { bumps: [] };
  const { lifetimeLimit: limit } = pusher;
  const dates = new Map<SlotIndex, ExpiryDate>();
  for (const slot of order(pusher, decision.slots)) {
    const other = slotBeside(pusher, slot);
    const given = other === undefined ? undefined : dates.get(other);
    const wish = given
      ? // Both are new: half a lifetime apart, so that one lives while the other rotates.
        {
          lifetime: Math.ceil(Math.min(lifetime, limit) / 2),
          limit: calendar.daysTo(given) - 1,
          except: pusher.slots[slot]?.expires,
        }
      : { lifetime, limit, ...bounds(pusher, slot, decision.slots) };
    const date = calendar.choose(wish);
    if (!date) return { pusher, reason: noDay(pusher, wish.limit) };
    dates.set(slot, date);
  }
  const bumps = [...dates].map(([slot, to]) => ({
    pusher,
    slot,
    from: pusher.slots[slot]!.expires,
    to,
    cuts: decision.cuts,
  }));
  for (const { from, to } of bumps) calendar.move(from, to);
  return { bumps };
}

/** The earlier slot first: it gets the later date, and the variable goes over to it. */
const order = (pusher: DeclaredPusher, slots: readonly SlotIndex[]): SlotIndex[] =>
  [...slots].sort((a, b) => Number(a !== earlierSlot(pusher)) - Number(b !== earlierSlot(pusher)));

/** A bumped slot becomes the later one, which the variable carries, or stays it. */
function bounds(pusher: DeclaredPusher, slot: SlotIndex, slots: readonly SlotIndex[]) {
  const other = slotBeside(pusher, slot);
  const stays = other === undefined || slots.includes(other) ? undefined : pusher.slots[other]?.expires;
  return { after: stays, except: pusher.slots[slot]?.expires };
}

const noDay = ({ slots, lifetimeLimit }: DeclaredPusher, limit: number): Problem => ({
  got: `dates ${slots.map(({ expires }) => expires.text).join(" and ")}, which leave no day after them within ${inDays(Math.max(limit, 0))}`,
  allowed: `a date later than the other slot's, up to ${inDays(lifetimeLimit)} from today`,
  fix: "wait: the limit moves on day by day; or rotate both slots with --slot both --force",
});

function edited(bumps: readonly Bump[]): Pick<RotationPlan, "bumps" | "edits"> {
  const files = [...new Set(bumps.map(({ pusher }) => pusher.file))];
  const results = files.map((file) => {
    const own = bumps.filter(({ pusher }) => pusher.file === file);
    const before = readForEdit(file);
    const changes = own.map(({ pusher, slot, from, to }) => ({
      pusher: pusher.id,
      slot,
      from: from.text,
      to: to.text,
    }));
    const { text: after, lines } = editExpiries(file, before, changes);
    return { edit: { file, before, after }, bumps: own.map((bump, i) => ({ ...bump, line: lines[i]! })) };
  });
  return { edits: results.map(({ edit }) => edit), bumps: results.flatMap((result) => result.bumps) };
}

function crowdedDays(bumps: readonly Bump[], calendar: ExpiryCalendar): string[] {
  const crowded = bumps.filter(({ to }) => calendar.count(to) > MAX_EXPIRIES_A_DAY);
  return [...new Set(crowded.map(({ to }) => to.text))].sort();
}

function upcoming(pushers: readonly DeclaredPusher[]): RotationPlan["upcoming"] {
  const slots = pushers.map((pusher) => ({ pusher, slot: earlierSlot(pusher) }));
  const date = ({ pusher, slot }: (typeof slots)[number]) => pusher.slots[slot]!.expires.text;
  return slots.sort((a, b) => date(a).localeCompare(date(b))).slice(0, UPCOMING);
}
