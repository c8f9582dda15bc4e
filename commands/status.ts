import { Command } from "commander";
import { ApiClient } from "../gitlab/api-client";
import { requireBaseUrl } from "../gitlab/base-url";
import { formerFiles } from "../inventory/former-files";
import { loadInventory } from "../inventory/load";
import { cdktfContext } from "../state/cdktf-context";
import { goneStacks } from "../state/gone-stacks";
import { knownStates } from "../state/known-states";
import { readingSettings, type StateSettings } from "../state/state-settings";
import { type CommandContext, colorsFor, processContext } from "./context";
import { parseDuration } from "./duration";
import { CommandError, ExitCode } from "./exit-code";
import { during } from "./progress";
import { shown } from "./shown";
import { asCalendar } from "./status/calendar";
import { type Declared, declared } from "./status/declared";
import { findings } from "./status/finding";
import { asJson } from "./status/json";
import { type Observed, observe } from "./status/observed";
import { report } from "./status/report";
import { asTable } from "./status/table";
import { writeWhole } from "./whole-file";

interface Options {
  readonly inventory: string;
  readonly state: string;
  readonly failUnder?: number;
  readonly json?: boolean;
  readonly ics?: string;
  readonly offline?: boolean;
  readonly all?: boolean;
  readonly checkValues?: boolean;
}

const HELP = `
Without GITLAB_TOKEN it works from the inventory alone. With it and GITLAB_BASE_URL (scope read_api, role Maintainer; Owner for group variables) it also says
what GitLab has: each token's state, last use and bot, the variables, and orphans, living tokens with the mark of this tool that no
slot owns. What the token may not see is said, and is no finding. Of GITLAB_TOKEN itself it says when it dies, where GitLab tells.

Slots in GitLab: active; not deployed (another date lives there); rotated elsewhere; bot removed; expired; revoked; unknown.
GitLab does not tell which token a variable holds. --check-values asks it with the value itself, which counts as a use of that token.

Exit code 1: a slot or GITLAB_TOKEN has fewer days than --fail-under, a slot is dead or not what the inventory says, a variable is missing or differs, or there
is an orphan. Exit code 2: wrong usage, a broken inventory, or a GitLab that shows none of the projects.

Examples:
  $ pusher status --fail-under 30d
  $ pusher status --offline --ics push-tokens.ics`;

/** `pusher status`: every slot, its date, and what GitLab says of it. */
export function statusCommand(context: CommandContext = processContext()): Command {
  return new Command("status")
    .description("Shows every token slot: days left, which one the variable carries, and what GitLab says of it.")
    .option("--inventory <folder>", "the folder of inventory files", "pushers")
    .option(
      "--state <folder>",
      "the folder of local Terraform states, which tell the tokens' ids; unused for states in GitLab",
      ".state",
    )
    .option(
      "--fail-under <duration>",
      "exit with 1 when a slot or GITLAB_TOKEN has fewer days left, e.g. 30d or 4w",
      parseDuration,
    )
    .option("--json", "print JSON on one line instead of tables")
    .option("--ics <file>", "also write an iCalendar file of the tokens' last days; - prints it instead of the tables")
    .option("--offline", "do not ask GitLab, even when GITLAB_TOKEN is set")
    .option("--all", "look for orphans in every project the token may manage, not in the target projects only")
    .option(
      "--check-values",
      "ask GitLab which token each variable holds, with its value; counts as a use of the token",
    )
    .addHelpText("after", HELP)
    .action(async (options: Options) => context.end(await status(options, context)));
}

async function status(options: Options, context: CommandContext): Promise<ExitCode> {
  const client = clientOf(options, context.environment);
  refuseContradictions(options, client);
  const now = context.now();
  const files = loadInventory(options.inventory);
  const inventory = declared(files);
  const observed = client && (await ask(client, inventory, options, context));
  const settings: StateSettings = options.offline
    ? { kind: "local" }
    : readingSettings(cdktfContext(options.inventory), context.environment);
  const unread = (reason: string) => context.stderr.write(`states not read: ${reason}\n`);
  const deployed = await knownStates(inventory.stacks, { settings, directory: options.state, unread });
  const former = await formerFiles(options.inventory);
  const gone = await goneStacks(settings, files, former, { directory: options.state });
  const made = report({
    inventory,
    now,
    online: client && observed && { url: client.baseUrl, observed },
    deployed,
    gone,
  });
  const found = findings(made, options.failUnder);
  const told = shown(made, context.environment);
  const calendar = options.ics && asCalendar({ ...inventory, operator: told.operator }, now, client?.baseUrl);
  if (options.ics && options.ics !== "-") writeWhole(options.ics, calendar as string, { option: "--ics" });
  if (options.json) context.stdout.json(asJson(made, found, options.failUnder));
  else if (options.ics === "-") context.stdout.write(calendar as string);
  else context.stdout.write(asTable(told, findings(told, options.failUnder), colorsFor(context)));
  if (found.length > 0) return ExitCode.finding;
  return made.blind ? ExitCode.usage : ExitCode.ok;
}

function clientOf({ offline }: Options, environment: CommandContext["environment"]): ApiClient | undefined {
  const { GITLAB_TOKEN: token } = environment;
  return offline || !token ? undefined : new ApiClient({ baseUrl: requireBaseUrl(environment), token });
}

function refuseContradictions({ all, checkValues, ics, json }: Options, client: ApiClient | undefined): void {
  const needy = [all && "--all", checkValues && "--check-values"].filter(Boolean);
  if (!client && needy.length > 0) {
    throw new CommandError(
      `got ${needy.join(" and ")} without GitLab; allowed: with GITLAB_TOKEN set and without --offline; fix: export GITLAB_TOKEN, a personal access token with scope read_api`,
    );
  }
  if (ics === "-" && json) {
    throw new CommandError(
      "got --json and --ics - for one output; allowed: one of them; fix: write the calendar to a file",
    );
  }
}

function ask(client: ApiClient, inventory: Declared, options: Options, context: CommandContext): Promise<Observed> {
  const what = `Asking ${client.baseUrl} about ${inventory.slots.length} slots and ${inventory.variables.length} variables`;
  const { all = false, checkValues = false } = options;
  return during(what, observe(client, inventory, { all, checkValues }), context.stderr);
}
