import { InvalidArgumentError } from "commander";
import { describe } from "../gitlab/problem";

const DAYS = { d: 1, w: 7 } as const;

/**
 * Days in a duration as options take it: `30d` or `4w`. Months and years are left out, as they are no number of days.
 * @throws InvalidArgumentError, which commander reports as wrong usage.
 */
export function parseDuration(text: string): number {
  const [, count, unit] = /^(\d{1,4})([dw])$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * DAYS[unit as keyof typeof DAYS];
  throw new InvalidArgumentError(
    describe({
      got: JSON.stringify(text),
      allowed: "days or weeks, such as 30d or 4w",
      fix: /^\d+$/.test(text) ? `write ${text}d` : "write 30d",
    }),
  );
}

/** `1 day`, `30 days`. */
export const inDays = (days: number): string => `${days} day${Math.abs(days) === 1 ? "" : "s"}`;
