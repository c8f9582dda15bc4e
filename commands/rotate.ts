import { Command, InvalidArgumentError, Option } from "commander";
import { describe } from "../gitlab/problem";
import { replaceFiles } from "../inventory/edit-files";
import { type InventoryFile, loadInventory } from "../inventory/load";
import { cdktfContext } from "../state/cdktf-context";
import { knownStates } from "../state/known-states";
import { readingSettings } from "../state/state-settings";
import { type CommandContext, colorsFor } from "./context";
import { parseDuration } from "./duration";
import { CommandError, type ExitCode } from "./exit-code";
import { during } from "./progress";
import { cleanRepository, commitRotation } from "./rotate/commit";
import { commitMessage } from "./rotate/commit-message";
import { openMergeRequest } from "./rotate/merge-request";
import { DEFAULT_LIFETIME, planRotation, type RotationPlan } from "./rotate/plan";
import { asJson, asText, exitCode, type Outcome } from "./rotate/report";
import { SLOT_CHOICES, type SlotChoice } from "./rotate/slot-choice";
import { untilStopped } from "./until-stopped";

/** Days before its expiry from which a token is due, when `--due` names none. */
const DEFAULT_DUE = 30;

interface Options {
  readonly due?: number | true;
  readonly lifetime?: number;
  readonly slot: SlotChoice;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly commit?: boolean;
  readonly mergeRequest?: boolean;
  readonly json?: boolean;
  readonly inventory: string;
  readonly state: string;
}

const HELP = `
Of two dates the earlier one becomes the later one; the variable goes over to it with the next
deploy, and jobs that run keep the other token. What would cut them is refused, and --force does
it. What is not due, or was bumped and not deployed a day ago, is left alone. Which date is
chosen, how a leaked token is renewed, and the JSON: docs/commands.md#rotate

Exit codes: 0 done or nothing to do; 1 something was refused, or an earlier merge request waits;
2 wrong usage, a broken inventory, or git failed.

Examples:
  $ npx gitlab-ci-pusher rotate gitops --dry-run
  $ npx gitlab-ci-pusher rotate --due 6w --lifetime 26w --commit`;

/** `gitlab-ci-pusher rotate`: bumps dates in the inventory. */
export function rotateCommand(context: CommandContext): Command {
  return new Command("rotate")
    .description(
      "Bumps the dates of pushers in pushers/*.yaml, so that the next deploy rotates their tokens without a failed push.",
    )
    .argument("[id...]", "pushers: ID, or STACK/ID where several stacks have that id")
    .addOption(
      new Option("--due [duration]", `only what expires within this time (default: ${DEFAULT_DUE}d)`).argParser(
        parseDuration,
      ),
    )
    .addOption(
      new Option(
        "--lifetime <duration>",
        `how long the new tokens shall live (default: ${DEFAULT_LIFETIME}d)`,
      ).argParser(lifetime),
    )
    .addOption(new Option("--slot <which>", "which of two dates to bump").choices(SLOT_CHOICES).default("earlier"))
    .option("--force", "bump also what cuts running jobs")
    .option("--dry-run", "show the change and write nothing")
    .option("--commit", "commit the change, and nothing else")
    .addOption(
      new Option(
        "--merge-request",
        "push the change as a branch, and open a merge request; the files here stay",
      ).conflicts("commit"),
    )
    .option("--json", "print the result as JSON")
    .option("--inventory <folder>", "the inventory", "pushers")
    .option("--state <folder>", "Terraform's local state files; unused for states in GitLab", ".state")
    .addHelpText("after", HELP)
    .action(async (ids: string[], options: Options) => context.end(await rotate(ids, options, context)));
}

async function rotate(ids: readonly string[], options: Options, context: CommandContext): Promise<ExitCode> {
  const { environment, stdout, stderr } = context;
  const now = context.now();
  const { json, dryRun = false, force = false, due: within } = options;
  if (ids.length === 0 && within === undefined) {
    throw new CommandError({
      got: "neither an id nor --due",
      allowed: "one of them",
      fix: "npx gitlab-ci-pusher rotate --due, for all that expires soon",
    });
  }
  const due = within === true ? DEFAULT_DUE : within;
  const files = loadInventory(options.inventory);
  const states = await during("Reading the states", statesOf(files, options, context), stderr);
  const request = { ...options, ids, due, force, now, states, environment };
  const plan = await during("Looking at the last bumps", planRotation(files, request), stderr);
  const outcome = { plan, now, due, dryRun, ...(await deliver(plan, options, now, context)) };
  if (json) stdout.json(asJson(outcome));
  else stdout.write(asText(outcome, colorsFor(context)));
  return exitCode(outcome);
}

const statesOf = (
  files: readonly InventoryFile[],
  { inventory, state: directory }: Options,
  { environment, stderr }: CommandContext,
) =>
  knownStates(files, {
    settings: readingSettings(cdktfContext(inventory), environment),
    directory,
    unread: (reason) => stderr.write(`states not read, Git's history tells instead: ${reason}\n`),
  });

async function deliver(
  plan: RotationPlan,
  { dryRun, commit, mergeRequest, inventory }: Options,
  now: Date,
  { environment, stderr }: CommandContext,
): Promise<Pick<Outcome, "commit" | "mergeRequest">> {
  const { edits, bumps } = plan;
  if (edits.length === 0) return {};
  const repository = commit || mergeRequest ? await cleanRepository(inventory, edits, environment) : undefined;
  if (dryRun) return {};
  if (!repository) {
    replaceFiles(edits);
    return {};
  }
  const message = commitMessage(bumps, now);
  return untilStopped("stopped; the files here are as they were", async (signal) => {
    if (commit) return { commit: await commitRotation(repository, edits, message, signal) };
    const request = openMergeRequest(repository, edits, { message, day: now.toISOString().slice(0, 10), signal });
    return { mergeRequest: await during("Asking GitLab for the merge request", request, stderr) };
  });
}

function lifetime(text: string): number {
  const days = parseDuration(text);
  if (days > 0) return days;
  throw new InvalidArgumentError(describe({ got: text, allowed: "at least 1d", fix: `write ${DEFAULT_LIFETIME}d` }));
}
