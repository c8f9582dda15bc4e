import { Command } from "commander";
import type { Problem } from "../../gitlab/problem";
import { loadInventory } from "../../inventory/load";
import { cdktfContext } from "../../state/cdktf-context";
import { GitLabStateApi } from "../../state/gitlab-state-api";
import { type LockHolder, lockHolder } from "../../state/lock-holder";
import { stateSettings } from "../../state/state-settings";
import type { CommandContext } from "../context";
import { CommandError, ExitCode } from "../exit-code";
import { forceUnlock, heldLock } from "../held-lock";
import { NO_CREDENTIALS } from "../no-credentials";
import { during } from "../progress";
import { terraformTyped } from "../stacks/terraform-program";

interface Options {
  readonly inventory: string;
  readonly json?: boolean;
}

const HELP = `
For states in GitLab (docs/state.md), when a deploy says "Error acquiring the state lock": the
lock that Terraform describes there is the one it did not get, so its "Who" is yourself. Needs
TF_HTTP_USERNAME and TF_HTTP_PASSWORD of a Maintainer of the state's project. GitLab tells only
those who want the lock: a free one is taken and given back at once.

JSON: {"stack", "lock": {"id", "who", "since"}}, lock null when nobody holds it

Exit codes: 0 free, 1 held, 2 wrong usage, or GitLab did not tell.

Example:
  $ npx gitlab-ci-pusher state lock example`;

/** `gitlab-ci-pusher state lock`: who holds the lock of a state in GitLab. */
export function lockCommand(context: CommandContext): Command {
  return new Command("lock")
    .description("Says who holds the lock of a stack's state in GitLab, and how to end a stale one.")
    .argument("<stack>", "the stack, a file of the inventory without .yaml")
    .option("--inventory <folder>", "the inventory", "pushers")
    .option("--json", "print JSON on one line")
    .addHelpText("after", HELP)
    .action(async (stack: string, options: Options) => context.end(await lock(stack, options, context)));
}

async function lock(stack: string, { inventory, json }: Options, context: CommandContext): Promise<ExitCode> {
  // GitLab would make a state for any name that is asked for.
  const files = loadInventory(inventory);
  const file = files.find((each) => each.stack === stack || each.stateName === stack);
  if (!file) {
    const allowed = files.map((each) => each.stack).join(", ");
    const fix = "write the name of a file in the inventory, without .yaml";
    throw new CommandError({ got: `the stack ${JSON.stringify(stack)}`, allowed, fix });
  }
  const settings = stateSettings(cdktfContext(inventory), context.environment);
  if (settings.kind === "local") throw new CommandError(LOCAL);
  if (!settings.credentials) throw new CommandError(NO_CREDENTIALS);
  const holder = await during(
    "Asking GitLab for the lock",
    lockHolder(new GitLabStateApi(settings, file.stateName)),
    context.stderr,
  );
  if (json) context.stdout.json(asJson(stack, holder));
  else context.stdout.write(`${holder ? await told(stack, holder, context) : `Nobody holds the lock of ${stack}.`}\n`);
  return holder ? ExitCode.finding : ExitCode.ok;
}

const told = async (stack: string, holder: LockHolder, { environment }: CommandContext): Promise<string> =>
  heldLock(stack, holder, forceUnlock(stack, holder, await terraformTyped(environment)));

const asJson = (stack: string, holder: LockHolder | undefined): object => ({
  stack,
  lock: holder ? { id: holder.id, who: holder.who, since: holder.since ?? null } : null,
});

const LOCAL: Problem = {
  got: "a local state",
  allowed: "states in GitLab",
  fix: "Terraform names the holder of a local lock itself; and a lock file without a process locks nothing",
};
