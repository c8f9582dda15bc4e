import { ExpectedError } from "../gitlab/expected-error";
import { DEFECT_EXIT_CODE } from "../gitlab/failure";
import type { PlacedProblem } from "../gitlab/placed-problem";
import type { Problem } from "../gitlab/problem";

/** The exit codes of every command: shell scripts and pipelines decide by it. */
export const ExitCode = {
  /** Done, or nothing to do. */
  ok: 0,
  /** The command ran, and a person should look at what it found or refused. */
  finding: 1,
  /** Wrong usage, a broken inventory, or something the command needs is missing. */
  usage: 2,
  /** The command ran, and what it was asked about is not there: a log without a push. */
  nothing: 3,
  /** Our own code failed: the trace says where. */
  defect: DEFECT_EXIT_CODE,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** Ends a command with a message for people and no stack trace. */
export class CommandError extends ExpectedError {
  override readonly name = "CommandError";

  constructor(
    /** The thing that was got, what is allowed, the likely fix. */
    said: PlacedProblem | Problem | string,
    readonly exitCode: Exclude<ExitCode, 0> = ExitCode.usage,
    /** All that a message of several problems says. @default - the one problem */
    parts?: readonly PlacedProblem[],
  ) {
    super(said, parts);
  }
}
