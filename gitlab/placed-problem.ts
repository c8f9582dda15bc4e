import { describe, type Problem, withoutTokens } from "./problem";

/** A problem, and the place where it was found. */
export interface PlacedProblem {
  /** `file`, or `file:line:column`. @default - in no file */
  readonly place?: string;
  /** The key of the file, `pushers.gitops.target`. @default - the whole */
  readonly at?: string;
  /** Path of the construct that has it, `ops/gitops`. @default - none has it */
  readonly construct?: string;
  /** A text is that of somebody who does not say it in parts. */
  readonly problem: Problem | string;
}

/** One line for people: `file:line:column: key: got …; allowed: …; fix: …`. */
export function placedText({ place, at, construct, problem }: PlacedProblem): string {
  const before = [
    ...(place ? [`${place}: `] : []),
    ...(at ? [`${at}: `] : []),
    ...(construct ? [`[${construct}] `] : []),
  ];
  return `${before.join("")}${inWords(problem)}`;
}

/** A problem in one line, whether or not its parts are known. */
export const inWords = (problem: Problem | string): string =>
  typeof problem === "string" ? problem : describe(problem);

/** A problem for programs, in parts: null is what it does not have, and never a token. */
export function partsOf(problem: Problem | string | undefined): {
  readonly of: string | null;
  readonly got: string | null;
  readonly where: string | null;
  readonly allowed: string | null;
  readonly fix: string | null;
} {
  const { of, got, where, allowed, fix }: Partial<Problem> = typeof problem === "object" ? problem : {};
  return { of: clean(of), got: clean(got), where: clean(where), allowed: clean(allowed), fix: clean(fix) };
}

/** The same with its place, and the line that people read. */
export function placedParts(placed: PlacedProblem): object {
  const [, file = placed.place, line, column] = /^(.+?):(\d+):(\d+)$/s.exec(placed.place ?? "") ?? [];
  return {
    message: clean(placedText(placed)),
    file: clean(file),
    line: line === undefined ? null : Number(line),
    column: column === undefined ? null : Number(column),
    at: clean(placed.at),
    construct: clean(placed.construct),
    ...partsOf(placed.problem),
  };
}

const clean = (text: string | undefined): string | null => (text === undefined ? null : withoutTokens(text));
