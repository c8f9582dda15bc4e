import { printable } from "../../gitlab/printable";
import { redact } from "../redact";
import { unifiedDiff } from "../unified-diff";
import type { Review } from "./review";
import type { Reviewed } from "./reviewed";
import { actionsIn, asMarkdown } from "./summary";

/** Longer summaries are not compared line by line: it would take minutes, and nobody would read it. */
const MOST_LINES = 10_000;

/**
 * The difference of what is planned now from what was reviewed, for a terminal, as a unified diff of the two summaries. Undefined where only the digest
 * of what was reviewed is known, or where they are too long.
 */
export function difference(
  { summary }: Pick<Reviewed, "summary">,
  planned: Pick<Review, "effects" | "access" | "undeclared" | "code" | "digest" | "notes">,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (summary === undefined) return undefined;
  // An artifact is anybody's text.
  const before = actionsIn(redact(printable(summary), environment));
  const after = actionsIn(asMarkdown(planned, environment));
  if (before === after) return "The summaries are the same: the difference is in details that they do not name.\n";
  if (lines(before) + lines(after) > MOST_LINES) return undefined;
  return unifiedDiff({ name: "reviewed", text: before }, { name: "planned now", text: after });
}

const lines = (text: string): number => text.split("\n").length;
