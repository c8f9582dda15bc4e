import { Command } from "commander";
import { lockCommand } from "./providers/lock";

const HELP = `
Example:
  $ npx gitlab-ci-pusher providers lock`;

/** `gitlab-ci-pusher providers`: what looks after the releases of Terraform's providers. */
export function providersCommand(): Command {
  const command = new Command("providers")
    .description("Looks after the releases of Terraform's providers.")
    .addHelpText("after", HELP)
    .exitOverride();
  return command.addCommand(lockCommand().copyInheritedSettings(command));
}
