import { BranchPattern } from "./branch-pattern";
import { wildcardCovers } from "./wildcard";

/**
 * A branch that two rules both match, such as `v1-stable` of `v*` and `*-stable`; undefined: there is none. Of names with `*` it is a made-up
 * one, which Git takes where it takes any of that form.
 */
export function commonBranch(one: string, other: string): string | undefined {
  if (!one.includes("*")) return wildcardCovers(other, one) ? one : undefined;
  if (!other.includes("*")) return wildcardCovers(one, other) ? other : undefined;
  const [first, second] = [partsOf(one), partsOf(other)];
  const start = longer(first.start, second.start);
  const end = longer(first.end, second.end);
  if (![first, second].every((parts) => start.startsWith(parts.start) && end.endsWith(parts.end))) return undefined;
  // Either takes what the other one asks for between its `*` for a run of one of its own.
  const parts = [start, ...first.middle, ...second.middle, end];
  const names = [parts.join(FILLING), parts.join("")];
  return names.find((name) => BranchPattern.problem(name) === undefined) ?? names[0];
}

/** Text that a `*` may stand for. */
const FILLING = "1";

interface Parts {
  readonly start: string;
  readonly middle: readonly string[];
  readonly end: string;
}

/** Texts before the first `*` of a pattern, between, and after the last one. */
function partsOf(pattern: string): Parts {
  const [start = "", ...rest] = pattern.split("*");
  return { start, end: rest.at(-1) ?? "", middle: rest.slice(0, -1).filter((part) => part !== "") };
}

const longer = (one: string, other: string): string => (one.length >= other.length ? one : other);
