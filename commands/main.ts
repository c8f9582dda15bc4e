import { Command, CommanderError } from "commander";
import { deployCommand } from "./deploy";
import { doctorCommand } from "./doctor";
import { CommandError, ExitCode } from "./exit-code";
import { lockCommand } from "./lock";
import { providersCommand } from "./providers";
import { redact } from "./redact";
import { reviewCommand } from "./review";
import { rotateCommand } from "./rotate";
import { statusCommand } from "./status";

const EXAMPLE = `
Exit codes: 0 done, 1 a person should look, 2 wrong usage or something is missing.

Example:
  $ pusher status --fail-under 30d
  $ pusher rotate --due --dry-run
  $ pusher doctor gitops
  $ pusher review --out review`;

/**
 * The `pusher` command line, one command a file.
 * @param now the clock that dates are held against
 */
export function pusherCommand(now: () => Date = () => new Date()): Command {
  const program = new Command("pusher")
    .description("Looks after the push tokens of an inventory: pushers/*.yaml in the working directory.")
    .addHelpText("after", EXAMPLE)
    .exitOverride();
  const commands = [
    statusCommand(),
    rotateCommand(now),
    doctorCommand(),
    reviewCommand(),
    deployCommand(),
    lockCommand(),
    providersCommand(),
  ];
  for (const command of commands) program.addCommand(command.copyInheritedSettings(program));
  return program;
}

/** Runs one command line, and sets the {@link ExitCode} the process ends with. */
export async function main(argv: readonly string[], program = pusherCommand()): Promise<void> {
  try {
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = report(error as Error);
  }
}

function report(error: Error): ExitCode {
  // Commander has printed its own; help that was asked for is no error.
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  process.stderr.write(`${redact(error.message)}\n`);
  return error instanceof CommandError ? error.exitCode : ExitCode.usage;
}

/** `pusher … | head`: nobody reads on, but how the command ends still counts. */
function ignoreGoneReader(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

/** Runs the command line of this process. */
export function start(): void {
  process.stdout.on("error", ignoreGoneReader);
  // Progress that nobody reads any more is no reason to drop a deploy half-way.
  process.stderr.on("error", () => undefined);
  void main(process.argv);
}

if (require.main === module) start();
