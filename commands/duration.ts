import { InvalidArgumentError } from "commander";
import { describe } from "../gitlab/problem";

const DAYS = { d: 1, w: 7 } as const;

/**
 * Days in a duration as options take it: `30d` or `4w`. Months and years are refused, as they are no number of days, and `m` is minutes
 * where an option waits.
 * @throws InvalidArgumentError, which commander reports as wrong usage.
 */
export function parseDuration(text: string): number {
  const [, count, unit] = /^(\d{1,4})([dw])$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * DAYS[unit as keyof typeof DAYS];
  throw new InvalidArgumentError(
    describe({ got: JSON.stringify(text), allowed: "days or weeks, such as 30d or 4w", fix: fixOf(text) }),
  );
}

/** Ways in which people write a time, and what stands for it here. */
const HABITS: readonly { readonly written: RegExp; readonly fix: (count: number) => string }[] = [
  { written: /^(\d{1,4})(?: *d(?:ays?)?)?$/i, fix: (count) => `write ${count}d` },
  { written: /^(\d{1,4}) *w(?:eeks?)?$/i, fix: (count) => `write ${count}w` },
  {
    written: /^p?(\d{1,3}) *m(?:o|on|onths?)?$/i,
    fix: (count) => `write ${30 * count}d for months of 30 days: they differ in length, and m may be taken for minutes`,
  },
  {
    written: /^p?(\d{1,2}) *y(?:rs?|ears?)?$/i,
    fix: (count) =>
      `write ${365 * count}d for years of 365 days: they differ in length, and GitLab's own limits are in days`,
  },
  { written: /^(\d+) *(?:h|min|s)/i, fix: () => "write 1d, the least: a token dies at midnight UTC of its date" },
];

function fixOf(text: string): string {
  for (const { written, fix } of HABITS) {
    const [, count] = written.exec(text) ?? [];
    if (count !== undefined) return fix(Number(count));
  }
  return "write 30d";
}

/** `1 day`, `30 days`. */
export const inDays = (days: number): string => `${days} day${Math.abs(days) === 1 ? "" : "s"}`;
