import { types } from "node:util";
import { ExpectedError } from "../gitlab/expected-error";
import { CommandError, ExitCode } from "./exit-code";
import { redact } from "./redact";

/** What to say of something that was thrown, and what the process ends with. */
export interface Failure {
  /** Without credentials. */
  readonly text: string;
  readonly exitCode: Exclude<ExitCode, 0>;
}

/**
 * Tells what was thought of from a defect: the one is said in a sentence, of the other nothing is known but its trace. What the machine
 * refuses (a full disk, a folder that cannot be written) is no defect, wherever it happens.
 */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof CommandError) return { text: redact(thrown.message), exitCode: thrown.exitCode };
  if (thrown instanceof ExpectedError || isSystemError(thrown)) {
    return { text: redact(thrown.message), exitCode: ExitCode.usage };
  }
  return { text: redact(`${DEFECT}\n${traceOf(thrown)}`), exitCode: ExitCode.defect };
}

const DEFECT = "This is a defect of gitlab-ci-pusher, and no mistake of yours. Please report it with the lines below.";

/** Whether the operating system refused something. */
export const isSystemError = (thrown: unknown): thrown is NodeJS.ErrnoException =>
  types.isNativeError(thrown) && "syscall" in thrown && "code" in thrown;

/** With the traces of its causes. */
function traceOf(thrown: unknown): string {
  if (!types.isNativeError(thrown)) return `thrown: ${String(thrown)}`;
  const trace = thrown.stack ?? `${thrown.name}: ${thrown.message}`;
  return thrown.cause === undefined ? trace : `${trace}\ncaused by ${traceOf(thrown.cause)}`;
}
