import { createColors } from "picocolors";
import type { ExitCode } from "./exit-code";
import { type Output, stderr, stdout } from "./output";

/** The part of the process around it that a command may touch. */
export interface CommandContext {
  /** `GITLAB_BASE_URL`, `GITLAB_TOKEN`, and what colours depend on. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly end: (code: ExitCode) => void;
}

/** The process itself. */
export const processContext = (): CommandContext => ({
  environment: process.env,
  now: () => new Date(),
  stdout,
  stderr,
  end: (code) => {
    process.exitCode = code;
  },
});

/** Colours for a terminal only, and none where NO_COLOR is set. */
export function colorsFor({
  environment,
  stdout,
}: Pick<CommandContext, "environment" | "stdout">): ReturnType<typeof createColors> {
  return createColors(stdout.isTTY && !environment.NO_COLOR && environment.TERM !== "dumb");
}
