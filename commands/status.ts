import { Command, Option } from "commander";
import { observe, type Wanted } from "../estate/observe";
import type { LivingToken, Observed, Person } from "../estate/observed";
import { ApiClient } from "../gitlab/api-client";
import { requireBaseUrl } from "../gitlab/base-url";
import { markOf } from "../gitlab/token-mark";
import { requireWritable, writeWhole } from "../gitlab/whole-file";
import { formerFiles } from "../inventory/former-files";
import { type InventoryFile, loadInventory } from "../inventory/load";
import { type Listed, pushersOf } from "../inventory/pushers";
import { cdktfContext } from "../state/cdktf-context";
import type { DeployedState } from "../state/deployed-state";
import { goneStacks } from "../state/gone-stacks";
import { knownStates } from "../state/known-states";
import { readingSettings, type StateSettings } from "../state/state-settings";
import { type CommandContext, colorsFor } from "./context";
import { parseDuration } from "./duration";
import { CommandError, ExitCode } from "./exit-code";
import type { LayoutOptions } from "./layout";
import { during } from "./progress";
import { named } from "./pushers/named";
import { shown } from "./shown";
import { asCalendar } from "./status/calendar";
import { type Declared, declared } from "./status/declared";
import { findings } from "./status/findings";
import { asJson } from "./status/json";
import { report } from "./status/report";
import { asTable } from "./status/table";

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
Without GITLAB_TOKEN it works from the inventory alone. With it and GITLAB_BASE_URL (scope
read_api, role Maintainer; Owner for group variables) it also says what GitLab has: each token's
state, last use and bot, the variables, the branch rules, orphans, and when GITLAB_TOKEN itself
dies. What the token may not see is said, and is no finding. The words of its tables:
docs/commands.md#status

Exit codes: 0 all is well; 1 a token dies within --fail-under or is dead, or something is not as
declared; 2 wrong usage, a broken inventory, or a GitLab that shows none of the projects.

Examples:
  $ npx gitlab-ci-pusher status --fail-under 30d
  $ npx gitlab-ci-pusher status gitops
  $ npx gitlab-ci-pusher status --offline --ics push-tokens.ics`;

/** `gitlab-ci-pusher status`: every slot, its date, and what GitLab says of it. */
export function statusCommand(context: CommandContext): Command {
  return new Command("status")
    .description("Shows every token slot: days left, which one the variable carries, and what GitLab says of it.")
    .argument("[ids...]", "pushers of the inventory, as ID or STACK/ID; none = all")
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
    .addOption(new Option("--check-values").hideHelp())
    .option("--no-check-values", "do not find out which token each variable holds")
    .addHelpText("after", HELP)
    .action(async (ids: string[], options: Options) => context.end(await status(ids, options, context)));
}

const CALENDAR = { option: "--ics" };

async function status(ids: readonly string[], options: Options, context: CommandContext): Promise<ExitCode> {
  const client = clientOf(options, context.environment);
  refuseContradictions(options, client);
  const calendarFile = options.ics === "-" ? undefined : options.ics;
  if (calendarFile) requireWritable(calendarFile, CALENDAR);
  const now = context.now();
  const files = loadInventory(options.inventory);
  const isPart = ids.length > 0;
  const inventory = declared(files, isPart ? named(pushersOf(files), ids) : undefined);
  const settings: StateSettings = options.offline
    ? { kind: "local" }
    : readingSettings(cdktfContext(options.inventory), context.environment);
  const unread = (reason: string) => context.stderr.write(`states not read: ${reason}\n`);
  const deployed = await knownStates(inventory.stacks, { settings, directory: options.state, unread });
  const observed = client && (await ask(client, inventory, deployed, options, context));
  const gone = isPart ? [] : await goneIn(options, files, settings);
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
  if (calendarFile) writeWhole(calendarFile, calendar as string, CALENDAR);
  if (options.json) context.stdout.json(asJson(made, found, options.failUnder));
  else if (options.ics === "-") context.stdout.write(calendar as string);
  else context.stdout.write(asTable(told, findings(told, options.failUnder), layoutFor(context)));
  if (found.length > 0) return ExitCode.finding;
  return made.blind ? ExitCode.usage : ExitCode.ok;
}

const layoutFor = (context: CommandContext): LayoutOptions => ({
  colors: colorsFor(context),
  columns: context.stdout.columns,
});

/** The stacks that no file has any more. */
const goneIn = async (
  { inventory, state: directory }: Options,
  files: readonly InventoryFile[],
  settings: StateSettings,
) => goneStacks(settings, files, await formerFiles(inventory), { directory });

function clientOf({ offline }: Options, environment: CommandContext["environment"]): ApiClient | undefined {
  const { GITLAB_TOKEN: token } = environment;
  return offline || !token ? undefined : new ApiClient({ baseUrl: requireBaseUrl(environment), token });
}

function refuseContradictions({ all, checkValues, ics, json }: Options, client: ApiClient | undefined): void {
  const needy = [all && "--all", checkValues && "--check-values"].filter(Boolean);
  if (!client && needy.length > 0) {
    throw new CommandError({
      got: `${needy.join(" and ")} without GitLab`,
      allowed: "with GITLAB_TOKEN set and without --offline",
      fix: "export GITLAB_TOKEN, a personal access token with scope read_api",
    });
  }
  if (ics === "-" && json) {
    throw new CommandError({
      got: "--json and --ics - for one output",
      allowed: "one of them",
      fix: "write the calendar to a file",
    });
  }
}

function ask(
  client: ApiClient,
  inventory: Declared,
  deployed: ReadonlyMap<string, DeployedState>,
  options: Options,
  context: CommandContext,
): Promise<Observed> {
  const what = `Asking ${client.baseUrl} about ${inventory.slots.length} slots, ${inventory.variables.length} variables and ${inventory.rules.length + inventory.tags.length} rules`;
  const { all = false, checkValues = true } = options;
  const known = (value: string) => tokenWith(value, [...deployed.values()]);
  return during(what, observe(client, wanted(inventory), { all, checkValues, known }), context.stderr);
}

const wanted = ({ slots, variables, rules, tags }: Declared): Wanted => ({
  targets: slots.map(({ project }) => project),
  variables,
  ruled: rules.map(({ project }) => project),
  tagged: tags.map(({ project }) => project),
  people: [
    ...rules.flatMap(({ pushers, mergers, unprotecters }) => [...pushers, ...mergers, ...unprotecters]),
    ...tags.flatMap(({ creators }) => creators),
  ].flatMap(personIn),
});

/** Those who are named by username or path; the others have numbers already. */
function personIn(listed: Listed): Person[] {
  if ("user" in listed && typeof listed.user === "string") return [{ kind: "user", name: listed.user }];
  if ("group" in listed && typeof listed.group === "string") return [{ kind: "group", name: listed.group }];
  return [];
}

/** Our token with this value, as the last deploys left it. */
function tokenWith(value: string, states: readonly DeployedState[]): LivingToken | undefined {
  for (const state of states) {
    const path = state.tokenWith(value);
    const id = path === undefined ? undefined : state.tokens.get(path)?.id;
    if (path !== undefined && id !== undefined) return { id, description: markOf(path) };
  }
  return undefined;
}
