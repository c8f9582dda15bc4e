import { writeFileSync } from "node:fs";
import { types } from "node:util";
import { ExpectedError } from "./expected-error";
import type { PlacedProblem } from "./placed-problem";
import { printable } from "./printable";
import { withoutTokens } from "./problem";

/** The exit code of a process whose own code failed: as in sysexits.h, far from what the programs that are run here end with. */
export const DEFECT_EXIT_CODE = 70;

/** An account of something that was thrown. */
export interface Failure {
  readonly text: string;
  readonly isDefect: boolean;
  /** All that it says; of a defect nothing. */
  readonly parts: readonly PlacedProblem[];
}

/**
 * Tells what was thought of from a defect: the one is said in a sentence, of the other nothing is known but its trace. What the machine
 * refuses (a full disk, a folder that cannot be written) is no defect, wherever it happens.
 */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof ExpectedError || isSystemError(thrown)) {
    const parts = thrown instanceof ExpectedError ? thrown.parts : [{ place: thrown.path, problem: thrown.message }];
    return { text: withoutTokens(thrown.message), isDefect: false, parts };
  }
  return { text: withoutTokens(`${DEFECT}\n${traceOf(thrown)}`), isDefect: true, parts: [] };
}

/** The variable that names a file for what an app says on standard error, in parts: a command that runs the app sets it. */
export const PARTS_FILE = "GITLAB_CI_PUSHER_PARTS_FILE";

/** Says what was thrown on standard error, without what cannot be printed, and lets the process end with 1, or as a defect. */
export function failWith(thrown: unknown): void {
  const { text, isDefect, parts } = failureOf(thrown);
  process.stderr.write(`${printable(text)}\n`);
  process.exitCode = isDefect ? DEFECT_EXIT_CODE : 1;
  const { [PARTS_FILE]: file } = process.env;
  if (file)
    writeFileSync(
      file,
      JSON.stringify(parts, (_, each) => (typeof each === "string" ? withoutTokens(each) : each)),
    );
}

const DEFECT = "This is a defect of gitlab-ci-pusher, and no mistake of yours. Please report it with the lines below.";

/** Tells whether the operating system refused something. */
export const isSystemError = (thrown: unknown): thrown is NodeJS.ErrnoException =>
  types.isNativeError(thrown) && "syscall" in thrown && "code" in thrown;

/** With the traces of its causes. */
function traceOf(thrown: unknown): string {
  if (!types.isNativeError(thrown)) return `thrown: ${String(thrown)}`;
  const trace = thrown.stack ?? `${thrown.name}: ${thrown.message}`;
  return thrown.cause === undefined ? trace : `${trace}\ncaused by ${traceOf(thrown.cause)}`;
}
