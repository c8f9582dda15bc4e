import { Command } from "commander";
import type { CommandContext } from "./context";
import { lockCommand } from "./state/lock";
import { moveCommand } from "./state/move";
import { pushCommand } from "./state/push";
import { restoreCommand } from "./state/restore";

const HELP = `
Nothing but a deploy and these commands ever writes a state: what reads states refuses one that
it cannot use, and names the command here that mends it. docs/state.md tells of states.

Example:
  $ npx gitlab-ci-pusher state lock example
  $ npx gitlab-ci-pusher state restore example`;

/** `gitlab-ci-pusher state`: what looks after states beside a deploy. */
export function stateCommand(context: CommandContext): Command {
  const command = new Command("state")
    .description("Looks after the states of stacks: who holds one, and what mends or moves it.")
    .addHelpText("after", HELP)
    .exitOverride();
  for (const each of [lockCommand, restoreCommand, pushCommand, moveCommand]) {
    command.addCommand(each(context).copyInheritedSettings(command));
  }
  return command;
}
