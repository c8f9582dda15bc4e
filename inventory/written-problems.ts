import type { Problem } from "../gitlab/problem";
import { writtenTextProblem } from "../gitlab/written-text";
import type { Misfit } from "./misfit";

/** Most values of a file, each counted as often as aliases and `defaults` repeat it: one of a few lines can stand for billions. */
const MOST_VALUES = 1_000_000;

/** Deepest nesting, aliases followed. The inventory's own is eight. */
const DEEPEST = 50;

/**
 * Finds what is wrong with the texts of a file, keys and values alike, whatever field they are for; or that there is no end to them, in which
 * case nothing else should be looked at.
 */
export function writtenProblems(root: unknown): { readonly problems: readonly Misfit[]; readonly endless: boolean } {
  const problems: Misfit[] = [];
  const path: PropertyKey[] = [];
  let count = 0;
  const pushers = pushersIn(root);
  // The same few keys stand at each pusher.
  const fine = new Set<string>();
  const note = (text: string) => {
    const problem = fine.has(text) ? undefined : writtenTextProblem(text);
    if (problem) problems.push({ path: [...path], problem });
    else fine.add(text);
  };
  /** @returns whether to go on */
  const visit = (value: unknown): boolean => {
    count += path[0] === "defaults" ? 1 + pushers : 1;
    if (count > MOST_VALUES || path.length > DEEPEST) return false;
    if (typeof value === "string") note(value);
    if (typeof value !== "object" || value === null) return true;
    const isList = Array.isArray(value);
    for (const key of Object.keys(value)) {
      path.push(isList ? Number(key) : key);
      if (!isList) note(key);
      if (!visit((value as Record<string, unknown>)[key])) return false;
      path.pop();
    }
    return true;
  };
  if (visit(root)) return { problems, endless: false };
  return { problems: [{ path: path.slice(0, 3), problem: count > MOST_VALUES ? TOO_MANY : TOO_DEEP }], endless: true };
}

/** The number of pushers that have what `defaults` says. */
function pushersIn(root: unknown): number {
  const pushers = (root as { readonly pushers?: unknown } | null | undefined)?.pushers;
  return typeof pushers === "object" && pushers !== null ? Object.keys(pushers).length : 0;
}

const TOO_MANY: Problem = {
  got: `more than ${MOST_VALUES} values, those that aliases or defaults repeat counted each time`,
  allowed: `up to ${MOST_VALUES}`,
  fix: "write the values out instead of aliases, or divide the pushers among several files",
};

const TOO_DEEP: Problem = {
  got: `a nesting of more than ${DEEPEST} levels`,
  allowed: "the few that an inventory has",
  fix: "take out what is nested, or the alias that holds itself",
};
