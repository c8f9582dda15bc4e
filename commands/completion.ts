import { Argument, Command } from "commander";
import { type InventoryFile, loadInventory } from "../inventory/load";
import type { CommandContext } from "./context";

const SHELLS = ["bash", "zsh", "fish"] as const;

type Shell = (typeof SHELLS)[number];

const NAME = "gitlab-ci-pusher";

/** The command that the script asks while somebody types. It fetches nothing: outside an ops repository there is nothing to complete. */
const PROGRAM = `npx --no-install ${NAME}`;

const HELP = `
Completes commands, options, pushers and stacks after \`${NAME}\`. Where that is no
command of its own, an alias makes it one.

Examples:
  $ alias ${NAME}='npx --no-install ${NAME}'
  $ source <(npx ${NAME} completion bash)         # zsh in the same way, after compinit
  $ npx ${NAME} completion fish | source`;

/** The function of the package bash-completion that the library's script calls, for the many machines that lack the package. */
const WORDS_IN_BASH = `declare -F _get_comp_words_by_ref > /dev/null || _get_comp_words_by_ref() {
    words=("\${COMP_WORDS[@]}") cword=$COMP_CWORD cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]}
}
`;

/** `gitlab-ci-pusher completion`: the script by which a shell completes. @param whole the command line with all that is completed */
export function completionCommand(whole: () => Command, { stdout }: Pick<CommandContext, "stdout">): Command {
  return new Command("completion")
    .description("Prints the script by which a shell completes all of this.")
    .addArgument(new Argument("<shell>", "the shell").choices(SHELLS))
    .addHelpText("after", HELP)
    .action(async (shell: Shell) => {
      if (shell === "bash") stdout.write(WORDS_IN_BASH);
      (await rootOf(whole())).setup(NAME, PROGRAM, shell);
    });
}

/** `gitlab-ci-pusher complete`, which those scripts call: what may stand where the cursor is. */
export function completeCommand(whole: () => Command): Command {
  return new Command("complete")
    .description("Prints what may stand next on a command line.")
    .argument("[words...]", "the words so far, after --")
    .action(async (words: string[]) => (await rootOf(whole())).parse(words));
}

/** The command line as the library has it, which writes to the standard output itself. */
async function rootOf(whole: Command) {
  const { default: tab } = await import("@bomb.sh/tab/commander");
  const root = tab(whole, { completionCommandName: "completion" });
  for (const [command, argument, names] of NAMED) {
    root.commands.get(command)?.argument(argument, (complete) => offer(names, complete), true);
  }
  return root;
}

const idsIn = ({ content }: InventoryFile): string[] => Object.keys(content.pushers);
const stackOf = ({ stack }: InventoryFile): string[] => [stack];

/** The kinds of names that commands take as arguments. */
const NAMED: readonly (readonly [command: string, argument: string, names: (file: InventoryFile) => string[]])[] = [
  ["status", "ids", idsIn],
  ["rotate", "id", idsIn],
  ["doctor", "ids", idsIn],
  ["deploy", "stack", stackOf],
  ["state lock", "stack", stackOf],
  ["state restore", "stack", stackOf],
  ["state push", "stack", stackOf],
];

/** Without an inventory in order there is nothing to offer, and nobody to tell. */
function offer(names: (file: InventoryFile) => string[], complete: (value: string, description: string) => void): void {
  let files: InventoryFile[] = [];
  try {
    files = loadInventory("pushers");
  } catch {
    return;
  }
  for (const name of new Set(files.flatMap(names))) complete(name, "");
}
