import type { Problem } from "../../gitlab/problem";
import { during } from "../progress";
import type { Review } from "./review";
import type { Reviewed, ReviewedSource } from "./reviewed";

/** A review of what is planned now, beside what was reviewed. */
export interface Comparison {
  readonly reviewed: Reviewed;
  readonly same: boolean;
}

type Planned = Pick<Review, "digest" | "digests">;

/**
 * Compares a review with what was reviewed. Undefined when nothing is to be compared: what does nothing needs no review, so it is not
 * asked for then.
 * @throws CommandError or ApiError when it cannot be found out what was reviewed
 */
export async function compare(planned: Planned, source: ReviewedSource | undefined): Promise<Comparison | undefined> {
  if (source === undefined || Object.keys(planned.digests).length === 0) return undefined;
  const reviewed = await during("Looking for what was reviewed", source());
  return { reviewed, same: reviewed.digest === planned.digest };
}

/** The difference of what is planned from what was reviewed, for people. */
export const mismatch = ({ reviewed }: Comparison, { digest }: Planned): Problem => ({
  got: `the digest ${digest}`,
  allowed: `${reviewed.digest}, which was reviewed (${reviewed.origin})`,
  fix: "review what is planned now (above), then deploy that",
});

/** For programs; null where nothing was compared. */
export function comparisonJson(comparison: Comparison | undefined): object | null {
  if (comparison === undefined) return null;
  const { reviewed, same } = comparison;
  return { digest: reviewed.digest, origin: reviewed.origin, same };
}
