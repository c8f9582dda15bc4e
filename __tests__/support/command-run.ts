import type { Command } from "commander";
import type { CommandContext } from "../../commands/context";
import { output } from "../../commands/output";
import { TODAY } from "./today";

/** How a command ended. */
export interface CommandRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What runs a command of `pusher` in this process, as its own command line would. */
export const runnerOf =
  (make: (context: CommandContext) => Command) =>
  async (args: readonly string[], environment: Environment): Promise<CommandRun> => {
    const [stdout, stderr]: [string[], string[]] = [[], []];
    let code = -1;
    const command = make({
      environment,
      now: () => new Date(`${TODAY}T12:00:00Z`),
      stdout: output({ write: (text: string) => stdout.push(text) }, environment),
      stderr: output({ write: (text: string) => stderr.push(text) }, environment),
      end: (given) => {
        code = given;
      },
    });
    command.configureOutput({ writeErr: (text) => stderr.push(text) });
    await command.exitOverride().parseAsync([...args], { from: "user" });
    return { code, stdout: stdout.join(""), stderr: stderr.join("") };
  };
