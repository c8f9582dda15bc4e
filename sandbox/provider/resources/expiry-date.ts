import type { Value } from "../protocol/value";

const DAY_MS = 24 * 60 * 60_000;

/** A day as GitLab writes it, `YYYY-MM-DD`. */
export function isDate(value: Value | undefined): value is string {
  return typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value));
}

/** A token dies at 00:00 UTC of its day. */
export function startOfDay(date: string): Date {
  return new Date(`${date}T00:00:00Z`);
}

export function daysBefore(date: Value | undefined, days: number): Date {
  return new Date(startOfDay(String(date)).getTime() - days * DAY_MS);
}

/** The UTC day that is `days` after a moment. */
export function dayAfter(moment: Date, days: number): string {
  return new Date(moment.getTime() + days * DAY_MS).toISOString().slice(0, 10);
}
