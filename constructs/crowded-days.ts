import { MAX_EXPIRIES_A_DAY } from "../gitlab/expiry-date";
import type { FleetToken } from "./fleet";

/** Most days that are named. */
const MOST_TOLD = 5;

/** Advice on days on which too many of an app's tokens die, or undefined when there is none. */
export function crowdedDaysAdvice(tokens: readonly FleetToken[]): string | undefined {
  const days = new Map<string, number>();
  for (const { expires } of tokens) if (expires) days.set(expires.text, (days.get(expires.text) ?? 0) + 1);
  const crowded = [...days].filter(([, count]) => count > MAX_EXPIRIES_A_DAY).sort();
  if (crowded.length === 0) return undefined;
  const told = crowded.slice(0, MOST_TOLD).map(([day, count]) => `${day} (${count})`);
  const more = crowded.length > MOST_TOLD ? ` and ${crowded.length - MOST_TOLD} more days` : "";
  return `more than ${MAX_EXPIRIES_A_DAY} tokens expire on ${told.join(", ")}${more}: one forgotten deploy stops them all; \`npx gitlab-ci-pusher rotate\` staggers dates`;
}
