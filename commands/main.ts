import { Command, CommanderError } from "commander";
import { failureOf } from "../gitlab/failure";
import { CommandError, ExitCode } from "./exit-code";
import { currentName } from "./former-name";
import { stderr, stdout } from "./output";

const EXAMPLE = `
Exit codes: 0 done, 1 a person should look, 2 wrong usage or something is missing, 70 a defect of its own.

Example:
  $ npx gitlab-ci-pusher discover xlink
  $ npx gitlab-ci-pusher status --fail-under 30d
  $ npx gitlab-ci-pusher report --html report.html
  $ npx gitlab-ci-pusher rotate --due --dry-run
  $ npx gitlab-ci-pusher doctor gitops
  $ npx gitlab-ci-pusher review --out review`;

/** One command a file, in the help's order. Each is loaded when it is asked for: with the others' packages a start takes twice as long. */
const COMMANDS: Readonly<Record<string, (now: () => Date) => Command>> = {
  discover: () => (require("./discover") as typeof import("./discover")).discoverCommand(),
  status: () => (require("./status") as typeof import("./status")).statusCommand(),
  report: () => (require("./report") as typeof import("./report")).reportCommand(),
  rotate: (now) => (require("./rotate") as typeof import("./rotate")).rotateCommand(now),
  doctor: () => (require("./doctor") as typeof import("./doctor")).doctorCommand(),
  check: () => (require("./check") as typeof import("./check")).checkCommand(),
  review: () => (require("./review") as typeof import("./review")).reviewCommand(),
  deploy: () => (require("./deploy") as typeof import("./deploy")).deployCommand(),
  state: () => (require("./state") as typeof import("./state")).stateCommand(),
  providers: () => (require("./providers") as typeof import("./providers")).providersCommand(),
};

/**
 * The `gitlab-ci-pusher` command line.
 * @param now the clock that dates are held against
 * @param name of the one command that is called; @default - all, for the help and for what is no command
 */
export function pusherCommand(now: () => Date = () => new Date(), name = ""): Command {
  const program = new Command("gitlab-ci-pusher")
    .description("Looks after the push tokens of an inventory: pushers/*.yaml in the working directory.")
    .addHelpText("after", EXAMPLE)
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
    .exitOverride();
  const names = Object.hasOwn(COMMANDS, name) ? [name] : Object.keys(COMMANDS);
  for (const each of names) program.addCommand(COMMANDS[each]!(now).copyInheritedSettings(program));
  return program;
}

/**
 * Runs one command line, and sets the {@link ExitCode} the process ends with.
 * @param argv as of a process: its name begins with the third
 * @param now the clock that dates are held against
 */
export async function main(argv: readonly string[], now?: () => Date): Promise<void> {
  try {
    const { args, hint } = currentName(argv.slice(2));
    if (hint !== undefined) stderr.write(`${hint}\n`);
    await pusherCommand(now, args[0]).parseAsync(args, { from: "user" });
  } catch (error) {
    process.exitCode = report(error);
  }
}

function report(thrown: unknown): ExitCode {
  // Commander has printed its own; help that was asked for is no error.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  const { text, isDefect } = failureOf(thrown);
  stderr.write(`${text}\n`);
  if (isDefect) return ExitCode.defect;
  return thrown instanceof CommandError ? thrown.exitCode : ExitCode.usage;
}

/** `gitlab-ci-pusher … | head`: nobody reads on, but how the command ends still counts. */
function ignoreGoneReader(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

/** Runs the command line of this process. */
export function start(): void {
  process.stdout.on("error", ignoreGoneReader);
  // Progress that nobody reads any more is no reason to drop a deploy half-way.
  process.stderr.on("error", () => undefined);
  // Node would end with 1, which is a finding, and show the trace as it is.
  process.once("uncaughtException", (error) => process.exit(report(error)));
  void main(process.argv);
}

if (require.main === module) start();
