import type { Finished } from "./command";

/** The end of a git command: done, lost to another job's push, or refused for its credential. */
export type Verdict = "done" | "raced" | "refused";

const RACED =
  /\((fetch first|non-fast-forward)\)|cannot lock ref|failed to update ref|incorrect old value provided|remote ref updated since checkout/;
const REFUSED = /Authentication failed for|HTTP Basic: Access denied|You are not allowed to |returned error: 40[13]/;

/** Reads git's English. @throws Error with git's own words for anything else: a benchmark must not count what it does not know */
export function verdictOf({ code, stderr }: Finished): Verdict {
  if (code === 0) return "done";
  if (REFUSED.test(stderr)) return "refused";
  if (RACED.test(stderr)) return "raced";
  throw new Error(`git ended with ${code}, neither for its credential nor for another's push:\n${stderr.slice(-2000)}`);
}
