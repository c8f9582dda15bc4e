import type { LoggedCall } from "./gitlab";
import type { JobRecord } from "./job";

/** The sums of a load. */
export interface PushTally {
  readonly jobs: number;
  readonly pushed: number;
  readonly refused: number;
  /** From the first refusal to the next push that went through, summed; up to the last job's end when none did. */
  readonly refusedSeconds: number;
  /** Jobs that began before a token was taken away or replaced, and used theirs after it. */
  readonly spanning: number;
  readonly lostRaces: number;
  /** From reading the variable to the end of the push. */
  readonly longestSeconds: number;
}

export function tallyOf(records: readonly JobRecord[], cuts: readonly number[]): PushTally {
  const pushed = records.filter(({ outcome }) => outcome === "pushed").length;
  return {
    jobs: records.length,
    pushed,
    refused: records.length - pushed,
    refusedSeconds: refusedMilliseconds(records) / 1000,
    spanning: records.filter(({ began, used }) => cuts.some((cut) => began < cut && cut < used)).length,
    lostRaces: records.reduce((sum, { lostRaces }) => sum + lostRaces, 0),
    longestSeconds: Math.max(0, ...records.map(({ began, ended }) => ended - began)) / 1000,
  };
}

function refusedMilliseconds(records: readonly JobRecord[]): number {
  const inOrder = [...records].sort((a, b) => a.ended - b.ended);
  let sum = 0;
  let since: number | undefined;
  for (const { outcome, ended } of inOrder) {
    if (outcome === "refused") since ??= ended;
    else if (since !== undefined) {
      sum += ended - since;
      since = undefined;
    }
  }
  return since === undefined ? sum : sum + inOrder.at(-1)!.ended - since;
}

/** The times when GitLab rotated or revoked a token, in milliseconds since 1970: from then on the old value is dead. */
export function cutsOf(calls: readonly LoggedCall[]): number[] {
  return calls
    .filter(({ method, path, status }) => {
      const done = status >= 200 && status < 300;
      const call = `${method} ${path}`;
      return done && /^POST .*\/access_tokens\/\d+\/rotate$|^DELETE .*\/access_tokens\/\d+$/.test(call);
    })
    .map(({ at }) => Date.parse(at));
}
