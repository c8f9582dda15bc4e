/** The number of times that a call that GitLab or its proxy turned away for the moment is made again. */
export const MOST_RETRIES = 4;

/** The longest a call waits before it is made again, in milliseconds. */
const LONGEST_WAIT = 60_000;
const FIRST_WAIT = 500;

/** The part of an answer that tells about trying again. */
export interface TurnedAway {
  readonly status: number;
  readonly headers: Pick<Headers, "get">;
}

/**
 * Milliseconds to wait before a read is made again, or undefined when it is not to be: 429 as long as GitLab says (`Retry-After`, else
 * `RateLimit-Reset`), 502 and 503 twice as long each time. More than a minute is not waited.
 * @param attempt 0 after the first call
 * @param now milliseconds since 1970
 * @see https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/
 */
export function retryDelay({ status, headers }: TurnedAway, attempt: number, now: number): number | undefined {
  if (attempt >= MOST_RETRIES || ![429, 502, 503].includes(status)) return undefined;
  const told = retryAfter(headers.get("retry-after"), now) ?? until(Number(headers.get("ratelimit-reset")) * 1000, now);
  const wait = told ?? FIRST_WAIT * 2 ** attempt;
  return wait <= LONGEST_WAIT ? wait : undefined;
}

/** `Retry-After` is seconds, or a date where a proxy answers, which begins with the day of the week; `Date` takes `-5` for a date too. */
function retryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  return /^[a-z]/i.test(header.trim()) ? until(Date.parse(header), now) : undefined;
}

/** Nothing of an instant that is past: one of the two clocks is wrong. */
const until = (instant: number, now: number): number | undefined => (instant > now ? instant - now : undefined);
