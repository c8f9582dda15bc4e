import { setTimeout as sleep } from "node:timers/promises";
import type { Response } from "express";

/** Waits before an answer. @returns false when the client, or the sandbox, went away meanwhile */
export async function delay(response: Response, milliseconds: number): Promise<boolean> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  await sleep(milliseconds, undefined, { signal: gone.signal }).catch(() => undefined);
  return !gone.signal.aborted;
}
