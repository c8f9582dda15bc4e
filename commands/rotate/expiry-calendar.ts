import { ExpiryDate, MAX_EXPIRIES_A_DAY } from "../../gitlab/expiry-date";

/** Part of a lifetime that should lie between a pusher's two dates: closer ones would be due together, and wait for each other. */
const MIN_SPACING = 1 / 6;

/** Tuesday to Friday. */
const FIRST_GOOD_DAY = 2;
const LAST_GOOD_DAY = 5;

export interface Wish {
  /** Days the token shall live; down to half of that where days are full. */
  readonly lifetime: number;
  /** The most days it may live. */
  readonly limit: number;
  /** The other slot's date, which it must outlive, and should by a sixth of the lifetime, however long that takes. @default - none */
  readonly after?: ExpiryDate;
  /** It must not be this date: nothing would rotate. @default - none */
  readonly except?: ExpiryDate;
}

interface Day {
  readonly date: ExpiryDate;
  readonly isGood: boolean;
}

/** Gives out dates to die on, and knows how many tokens die on each. */
export class ExpiryCalendar {
  private readonly expiries = new Map<string, number>();
  /** By their distance from today, each worked out once: a large fleet looks at the same ones again and again. */
  private readonly days: Day[] = [];

  /** @param dates of every slot of the inventory */
  constructor(
    private readonly now: Date,
    dates: readonly ExpiryDate[],
  ) {
    for (const date of dates) this.add(date, 1);
  }

  /**
   * The best day for a token made now: a good one, that is not full, as near to the lifetime as can be. Where there is none, the least
   * full of the good ones, and only then another.
   * @returns undefined when the limit leaves no day at all
   */
  choose({ lifetime, limit, after, except }: Wish): ExpiryDate | undefined {
    const other = after === undefined ? 0 : this.daysTo(after);
    const spacing = after === undefined ? 0 : Math.ceil(lifetime * MIN_SPACING);
    const wanted = Math.min(limit, Math.max(lifetime, other + spacing));
    const first = Math.max(1, other + 1, Math.ceil(Math.min(lifetime, limit) / 2));
    const last = wanted > lifetime ? limit : wanted;
    let best: { date: ExpiryDate; cost: readonly number[] } | undefined;
    for (let days = first; days <= last; days += 1) {
      const { date, isGood } = this.day(days);
      if (date.text === except?.text) continue;
      const cost = [isGood ? 0 : 1, this.overload(date), Math.abs(days - wanted)];
      if (!best || compare(cost, best.cost) < 0) best = { date, cost };
    }
    return best?.date;
  }

  /** A token dies on another day from now on. */
  move(from: ExpiryDate, to: ExpiryDate): void {
    this.add(from, -1);
    this.add(to, 1);
  }

  /** Days from today to a date. */
  daysTo(date: ExpiryDate): number {
    return date.daysAfter(this.now);
  }

  /** The number of tokens that die on a day. */
  count(date: ExpiryDate): number {
    return this.expiries.get(date.text) ?? 0;
  }

  private day(days: number): Day {
    const known = this.days[days];
    if (known) return known;
    const date = ExpiryDate.daysFrom(this.now, days);
    const day = { date, isGood: isGoodDay(date) };
    this.days[days] = day;
    return day;
  }

  private overload(date: ExpiryDate): number {
    return Math.max(0, this.count(date) + 1 - MAX_EXPIRIES_A_DAY);
  }

  private add(date: ExpiryDate, tokens: number): void {
    this.expiries.set(date.text, this.count(date) + tokens);
  }
}

/**
 * A token dies at 00:00 UTC *of* its date, so the day before is the last one to notice and act. On a Saturday or Sunday nobody sees it
 * die; on a Monday its last day was a Sunday, and west of Greenwich it still is. That leaves Tuesday to Friday.
 */
function isGoodDay(date: ExpiryDate): boolean {
  const day = new Date(`${date.text}T00:00:00Z`).getUTCDay();
  return day >= FIRST_GOOD_DAY && day <= LAST_GOOD_DAY;
}

function compare(a: readonly number[], b: readonly number[]): number {
  const differs = a.findIndex((value, i) => value !== b[i]);
  return differs < 0 ? 0 : a[differs]! - b[differs]!;
}
