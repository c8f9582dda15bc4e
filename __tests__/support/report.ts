import { output } from "../../commands/output";
import { reportCommand } from "../../commands/report";
import { TODAY } from "./deployment";
import type { DiscoverRun } from "./discover";

/** Runs `pusher report` in this process, as its own command line would. */
export async function report(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<DiscoverRun> {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  let code = -1;
  const command = reportCommand({
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
}
