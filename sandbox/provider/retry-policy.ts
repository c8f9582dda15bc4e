import { setTimeout as sleep } from "node:timers/promises";

/** Waits between tries, in milliseconds. */
export interface Backoff {
  /** Least and most added per try after a 5xx or a transport error; linear, so ten tries take some 44 s by default. */
  readonly serverError: readonly [number, number];
  /** First wait after a 429 without `RateLimit-Reset`; doubles with each try. */
  readonly rateLimit: number;
}

export const DEFAULT_BACKOFF: Backoff = { serverError: [700, 900], rateLimit: 100 };

/** Statuses the provider tries again, for every method, POST included: what a lost answer hides may so be done twice. */
export function isRetriedStatus(status: number): boolean {
  return status === 429 || status === 0 || (status >= 500 && status !== 501);
}

/** Errors that prove the request never reached GitLab. */
const NEVER_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "ENOENT"]);

/** A read is tried again after any transport error, a write only when it was certainly not sent. */
export function isRetriedTransportError(method: string, error: unknown): boolean {
  if (method === "GET" || method === "HEAD") return true;
  return NEVER_SENT.has(String((error as { code?: unknown }).code));
}

/** Milliseconds to wait before try number `attempt` + 1 (the first try is 1). */
export function backoffAfter(
  attempt: number,
  answer: { status: number; rateLimitReset?: string } | null,
  backoff: Backoff,
): number {
  if (answer?.status !== 429) {
    const [least, most] = backoff.serverError;
    return attempt * (least + Math.random() * (most - least));
  }
  const reset = Number(answer.rateLimitReset);
  if (reset > 0) return Math.max(0, reset * 1000 - Date.now());
  return backoff.rateLimit * 2 ** (attempt - 1);
}

/** Waits, or throws as soon as the run is interrupted. */
export async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch {
    throw new Error("interrupted while waiting to try again");
  }
}
