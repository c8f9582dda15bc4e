import { ApiError } from "../gitlab/api-error";
import { type Area, type Case, type Need, NotTried } from "./case";
import { CASES } from "./cases";
import { differs, relevant } from "./comparison";
import type { Result, ServerFacts } from "./result";
import type { Stage } from "./stage";

export interface RunOptions {
  readonly areas: readonly Area[];
  readonly facts: ServerFacts;
  /** Cases may make rules of the group that the subgroup is in. */
  readonly groupRules: boolean;
  readonly onResult?: (result: Result) => void;
}

/** Plays the cases of some areas one after the other, each on a project of its own. */
export async function runCases(stage: Stage, options: RunOptions): Promise<Result[]> {
  const results: Result[] = [];
  for (const area of options.areas) {
    for (const each of CASES[area]) {
      const result: Result = { area, case: each, ...(await played(stage, each, options)) };
      results.push(result);
      options.onResult?.(result);
    }
  }
  return results;
}

/** The cases that a run did not come to, as it broke off. */
export function notReached(areas: readonly Area[], results: readonly Result[]): Result[] {
  const reached = new Set(results.map((result) => result.case));
  return areas.flatMap((area) =>
    CASES[area]
      .filter((each) => !reached.has(each))
      .map((each): Result => ({ area, case: each, verdict: "not tried", why: "the run was broken off" })),
  );
}

type Played = { verdict: "same" } | { verdict: "different"; got: unknown } | { verdict: "not tried"; why: string };

async function played(stage: Stage, each: Case, options: RunOptions): Promise<Played> {
  const missing = each.needs?.find((need) => !isMet(need, options));
  if (missing !== undefined) return { verdict: "not tried", why: WHY[missing] };
  try {
    const got = await each.steps(stage, options.facts);
    if (!differs(each.expected, got)) return { verdict: "same" };
    return { verdict: "different", got: relevant(each.expected, got) };
  } catch (error) {
    // Nothing more can be tried then.
    if (error instanceof ApiError && error.status === 401) throw error;
    if (error instanceof NotTried || error instanceof ApiError) return { verdict: "not tried", why: error.message };
    throw error;
  }
}

function isMet(need: Need, { facts, groupRules }: RunOptions): boolean {
  return need === "rules of the group" ? groupRules : [facts.edition, facts.package].includes(need);
}

const WHY: Readonly<Record<Need, string>> = {
  premium: "it takes Premium",
  free: "it is about Free",
  ce: "it is about Community Edition",
  ee: "it is about Enterprise Edition",
  "rules of the group":
    "only a top-level group has rules, and this run makes nothing outside its subgroup: --group-rules lets it",
};
