import type { Area, Case } from "./case";

/** The outcome of a case. */
export type Result = { readonly area: Area; readonly case: Case } & (
  | { readonly verdict: "same" }
  | { readonly verdict: "different"; readonly got: unknown }
  | { readonly verdict: "not tried"; readonly why: string }
);

/** The server, as it says it is and as it was found to be. */
export interface ServerFacts {
  readonly version: string;
  readonly edition: "free" | "premium";
  /** What is installed: Community or Enterprise Edition. */
  readonly package: "ce" | "ee";
}

/** A run, as far as it came. */
export interface Run {
  /** @default - it broke off before they were known */
  facts?: ServerFacts;
  readonly results: Result[];
  /** The reason why it did not come to its end. @default - it did */
  brokenOff?: string;
}

/** Counts the cases of each verdict. */
export function tally(results: readonly Result[]): Readonly<Record<Result["verdict"], number>> {
  const count = (verdict: Result["verdict"]): number => results.filter((result) => result.verdict === verdict).length;
  return { same: count("same"), different: count("different"), "not tried": count("not tried") };
}
