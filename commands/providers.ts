import { Command } from "commander";
import type { CommandContext } from "./context";
import { lockCommand } from "./providers/lock";

const HELP = `
Example:
  $ npx gitlab-ci-pusher providers lock`;

/** `gitlab-ci-pusher providers`: what looks after the releases of Terraform's providers. */
export function providersCommand(context: CommandContext): Command {
  const command = new Command("providers")
    .description("Looks after the releases of Terraform's providers.")
    .addHelpText("after", HELP)
    .exitOverride();
  return command.addCommand(lockCommand(context).copyInheritedSettings(command));
}
