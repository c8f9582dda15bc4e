import { Command, CommanderError } from "commander";
import { failureOf } from "../gitlab/failure";
import { placedParts } from "../gitlab/placed-problem";
import { type CommandContext, processContext } from "./context";
import { CommandError, ExitCode } from "./exit-code";
import { currentName } from "./former-name";
import { ownPackage } from "./package";

const EXAMPLE = `
Exit codes: 0 done, 1 a person should look, 2 wrong usage or something is missing, 70 a defect.
More on each: npx gitlab-ci-pusher <command> --help, and docs/commands.md

Example:
  $ npx gitlab-ci-pusher status --fail-under 30d`;

/** The greatest width of a help, in characters: a line of text that is longer is hard to read. */
const WIDEST = 100;

/** One command a file, in the help's order. Each is loaded when it is asked for: with the others' packages a start takes twice as long. */
const COMMANDS: Readonly<Record<string, (context: CommandContext) => Command>> = {
  init: (context) => (require("./init") as typeof import("./init")).initCommand(context),
  discover: (context) => (require("./discover") as typeof import("./discover")).discoverCommand(context),
  status: (context) => (require("./status") as typeof import("./status")).statusCommand(context),
  report: (context) => (require("./report") as typeof import("./report")).reportCommand(context),
  rotate: (context) => (require("./rotate") as typeof import("./rotate")).rotateCommand(context),
  doctor: (context) => (require("./doctor") as typeof import("./doctor")).doctorCommand(context),
  check: (context) => (require("./check") as typeof import("./check")).checkCommand(context),
  review: (context) => (require("./review") as typeof import("./review")).reviewCommand(context),
  deploy: (context) => (require("./deploy") as typeof import("./deploy")).deployCommand(context),
  state: (context) => (require("./state") as typeof import("./state")).stateCommand(context),
  terraform: (context) => (require("./terraform") as typeof import("./terraform")).terraformCommand(context),
  providers: (context) => (require("./providers") as typeof import("./providers")).providersCommand(context),
};

/** Those that look at all the others; the second one is for scripts. */
const COMPLETION = ["completion", "complete"];

/**
 * The `gitlab-ci-pusher` command line.
 * @param context what the commands take from the process around them
 * @param name of the one command that is called; @default - all, for the help and for what is no command
 */
export function pusherCommand(context: CommandContext, name = ""): Command {
  const { stdout, stderr } = context;
  const program = new Command("gitlab-ci-pusher")
    .description("Looks after the push tokens of an inventory: pushers/*.yaml in the working directory.")
    .version(ownPackage().version)
    .addHelpText("after", EXAMPLE)
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      getOutHelpWidth: () => Math.min(stdout.columns ?? WIDEST, WIDEST),
      getErrHelpWidth: () => Math.min(stderr.columns ?? WIDEST, WIDEST),
    })
    .exitOverride();
  const names = Object.hasOwn(COMMANDS, name) ? [name] : Object.keys(COMMANDS);
  if (COMPLETION.includes(name)) return withCompletion(program, context);
  for (const each of names) program.addCommand(COMMANDS[each]!(context).copyInheritedSettings(program));
  return names.length > 1 ? withCompletion(program, context) : program;
}

function withCompletion(program: Command, context: CommandContext): Command {
  const { completionCommand, completeCommand } = require("./completion") as typeof import("./completion");
  const whole = () => {
    const commands = new Command(program.name()).exitOverride();
    for (const make of Object.values(COMMANDS)) commands.addCommand(make(context));
    return commands;
  };
  program.addCommand(completionCommand(whole, context).copyInheritedSettings(program));
  return program.addCommand(completeCommand(whole).copyInheritedSettings(program), { hidden: true });
}

/**
 * Runs one command line, and sets the {@link ExitCode} the process ends with.
 * @param argv as of a process: its name begins with the third
 * @param context @default - the process itself
 */
export async function main(argv: readonly string[], context = processContext()): Promise<void> {
  // Of wrong usage commander has read no option.
  let isForPrograms = argv.includes("--json");
  try {
    requireWorkingDirectory();
    const { args, hint } = currentName(argv.slice(2));
    if (hint !== undefined) context.stderr.write(`${hint}\n`);
    const program = pusherCommand(context, args[0]).hook("preAction", (_, command) => {
      isForPrograms = command.opts().json === true;
    });
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    context.end(report(error, context, isForPrograms));
  }
}

/** @throws CommandError when it was removed: the system tells of it by the name of a call that nobody knows */
function requireWorkingDirectory(): void {
  try {
    process.cwd();
  } catch {
    const fix = "cd to one that is there";
    throw new CommandError({ got: "a working directory that was removed", allowed: "one that is there", fix });
  }
}

function report(thrown: unknown, { stdout, stderr }: CommandContext, isForPrograms = false): ExitCode {
  if (thrown instanceof CommanderError) {
    // Help that was asked for is no error, and what is one commander has said.
    if (thrown.exitCode === 0) return ExitCode.ok;
    if (isForPrograms) stdout.json({ problems: [placedParts({ problem: thrown.message.replace(/^error: /, "") })] });
    return ExitCode.usage;
  }
  const { text, isDefect, parts } = failureOf(thrown);
  stderr.write(`${text}\n`);
  if (isForPrograms && !isDefect) stdout.json({ problems: parts.map(placedParts) });
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
  process.once("uncaughtException", (error) => process.exit(report(error, processContext())));
  void main(process.argv);
}

if (require.main === module) start();
