import { ExpectedError } from "./expected-error";
import type { Problem } from "./problem";

const MS_PER_DAY = 86_400_000;

/** GitLab's lifetime limit for access tokens, in days from the server's date. @see https://docs.gitlab.com/user/project/settings/project_access_tokens/ */
export const DEFAULT_LIFETIME_LIMIT = 365;
/** The limit of instances that turned `buffered_token_expiration_limit` on (GitLab 17.6), in days. */
export const EXTENDED_LIFETIME_LIMIT = 400;

/** The most tokens of the whole inventory that may die on one day, so that no forgotten deploy stops everybody at once. */
export const MAX_EXPIRIES_A_DAY = 3;

/** The day a token dies: at 00:00 UTC *of* that day, so the day before is its last. */
export class ExpiryDate {
  private constructor(
    /** `YYYY-MM-DD`, the provider's `expires_at`. */
    readonly text: string,
    private readonly midnight: number,
  ) {}

  /** @throws ExpectedError when `text` is not an existing day written `YYYY-MM-DD`. */
  static parse(text: string): ExpiryDate {
    const midnight = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
    // Date.parse rolls 2027-02-30 over into March, so only a date that prints as it was written is one.
    if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== text) {
      throw new ExpectedError({
        got: JSON.stringify(text),
        allowed: "a day of the calendar, YYYY-MM-DD",
        fix: "write a literal date such as 2027-03-01: Terraform rotates the token when it changes",
      });
    }
    return new ExpiryDate(text, midnight);
  }

  /** The date `days` after the UTC day of `now`. */
  static daysFrom(now: Date, days: number): ExpiryDate {
    return ExpiryDate.parse(new Date(startOfDay(now) + days * MS_PER_DAY).toISOString().slice(0, 10));
  }

  toString(): string {
    return this.text;
  }

  /** Tells whether the token is dead at `now`. */
  isPast(now: Date): boolean {
    return now.getTime() >= this.midnight;
  }

  /** Whole days from the UTC day of `now` to this day; 0 or less once the token is dead. */
  daysAfter(now: Date): number {
    return Math.round((this.midnight - startOfDay(now)) / MS_PER_DAY);
  }

  isAfter(other: ExpiryDate): boolean {
    return this.midnight > other.midnight;
  }

  /** Says why GitLab would refuse or silently accept to our harm this date for a token made at `now`, or undefined. */
  problem(now: Date, lifetimeLimit: number): Problem | undefined {
    const latest = ExpiryDate.daysFrom(now, lifetimeLimit).text;
    const today = now.toISOString().slice(0, 10);
    if (this.isPast(now)) {
      return {
        got: `${this.text}, which is ${this.text === today ? "today: the token would be dead since 00:00 UTC" : "in the past: the token would be dead"}`,
        allowed: `a date after ${today} and up to ${latest}`,
        fix: "bump the date; the next deploy rotates the token",
      };
    }
    if (this.daysAfter(now) > lifetimeLimit) {
      return {
        got: `${this.text}, ${this.daysAfter(now)} days from ${today}`,
        allowed: `up to ${latest} (GitLab's limit of ${lifetimeLimit} days)`,
        fix:
          lifetimeLimit < EXTENDED_LIFETIME_LIMIT
            ? `choose an earlier date, or set the lifetime limit if your instance allows up to ${EXTENDED_LIFETIME_LIMIT} days`
            : "choose an earlier date",
      };
    }
    return undefined;
  }
}

const startOfDay = (date: Date): number => Math.floor(date.getTime() / MS_PER_DAY) * MS_PER_DAY;
