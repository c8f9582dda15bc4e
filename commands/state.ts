import { Command } from "commander";
import { moveCommand } from "./state/move";
import { pushCommand } from "./state/push";
import { restoreCommand } from "./state/restore";

const HELP = `
Nothing but a deploy and these commands ever writes a state: what reads states refuses one that it cannot use, and names the command here
that mends it. docs/state.md tells of states.

Example:
  $ npx gitlab-ci-pusher state restore example`;

/** `gitlab-ci-pusher state`: what writes states beside a deploy. */
export function stateCommand(): Command {
  const command = new Command("state")
    .description("Mends and moves the states of stacks.")
    .addHelpText("after", HELP)
    .exitOverride();
  for (const each of [restoreCommand(), pushCommand(), moveCommand()]) {
    command.addCommand(each.copyInheritedSettings(command));
  }
  return command;
}
