import { existsSync } from "node:fs";
import * as path from "node:path";
import { Command } from "commander";
import { baseUrlIn } from "../gitlab/base-url";
import { loadInventory } from "../inventory/load";
import { isLeftOutWarning } from "../state/left-out-states";
import { NOWHERE } from "../state/state-settings";
import type { CommandContext } from "./context";
import { count } from "./count";
import { ExitCode } from "./exit-code";
import { during } from "./progress";
import { shown } from "./shown";
import { inPrivateFolder } from "./stacks/private-folder";
import { synthesize } from "./stacks/synthesis";
import { untilStopped } from "./until-stopped";

interface Options {
  readonly failOnWarnings?: boolean;
  readonly json?: boolean;
}

/** One stack that the app declares. */
interface Checked {
  readonly stack: string;
  /** The number of pushers in its file. @default - the stack is of no file */
  readonly pushers?: number;
  readonly warnings: readonly string[];
}

const HELP = `
Reads pushers/*.yaml and says all that is wrong there, then runs the app of cdktf.json into a
temporary folder. It needs no Terraform, no network and no credential: GITLAB_TOKEN,
TF_HTTP_USERNAME and TF_HTTP_PASSWORD are kept from the app, GitLab is asked nothing, no state
is read, nothing is changed. What a deploy would do, and what only a state or GitLab knows: npx
gitlab-ci-pusher review.

JSON: {"stacks": [{"stack", "pushers", "warnings": [TEXT]}]}, pushers null for a stack that no
file declares; or {"problems": [{"file", "line", "got", "allowed", "fix", …}]}: docs/commands.md

Exit codes: 0 in order, with or without warnings; 1 warnings, with --fail-on-warnings; 2 the
inventory or the synth is wrong.

Example:
  $ npx gitlab-ci-pusher check`;

/** `gitlab-ci-pusher check`: whether the inventory is in order, and can be synthesized. */
export function checkCommand(context: CommandContext): Command {
  return new Command("check")
    .description("Checks the inventory and its synth, in seconds, without Terraform and without a credential.")
    .option("--fail-on-warnings", "exit with 1 when the synth warns of something")
    .option("--json", "print JSON on one line")
    .addHelpText("after", HELP)
    .action(async (options: Options) => context.end(await check(options, context)));
}

async function check({ failOnWarnings, json }: Options, context: CommandContext): Promise<ExitCode> {
  const pushers = pushersIn(INVENTORY);
  const stacks = await untilStopped("stopped, nothing was changed", (signal) =>
    inPrivateFolder((folder) => {
      const [out, environment] = [path.join(folder, "stacks"), withoutCredentials(context.environment)];
      const synthesis = synthesize(process.cwd(), { out, environment, readStates: [], signal });
      return during("Synthesizing", synthesis, context.stderr);
    }),
  );
  const checked = stacks.map(({ name, warnings }) => ({
    stack: name,
    pushers: pushers.get(name),
    warnings: warnings.filter((warning) => !isLeftOutWarning(warning)),
  }));
  if (json) context.stdout.json(asJson(checked));
  else context.stdout.write(asText(shown(checked, context.environment)));
  const isWarned = checked.some(({ warnings }) => warnings.length > 0);
  return isWarned && failOnWarnings ? ExitCode.finding : ExitCode.ok;
}

/** The folder that main.ts reads. An app in TypeScript may do without, and says itself when it does not. */
const INVENTORY = "pushers";

/** The number of pushers of each stack of the inventory. @throws InventoryError with every problem of every file */
function pushersIn(inventory: string): ReadonlyMap<string, number> {
  const files = existsSync(inventory) ? loadInventory(inventory) : [];
  return new Map(files.map(({ stack, content }) => [stack, Object.keys(content.pushers).length]));
}

/** The environment for an app that can ask nobody. States in GitLab want an address even so, which is thrown away with the stacks. */
function withoutCredentials(environment: CommandContext["environment"]): NodeJS.ProcessEnv {
  const { GITLAB_TOKEN, TF_HTTP_USERNAME, TF_HTTP_PASSWORD, ...rest } = environment;
  return { ...rest, GITLAB_BASE_URL: baseUrlIn(environment) ?? NOWHERE };
}

const asJson = (checked: readonly Checked[]): object => ({
  stacks: checked.map(({ stack, pushers = null, warnings }) => ({ stack, pushers, warnings })),
});

function asText(checked: readonly Checked[]): string {
  const warnings = checked.flatMap(({ stack, warnings }) =>
    warnings.map((warning) => `Warning of ${stack}: ${warning}`),
  );
  const pushers = checked.reduce((sum, { pushers = 0 }) => sum + pushers, 0);
  const sums = `${count(checked.length, "stack")}, ${count(pushers, "pusher")}, ${count(warnings.length, "warning")}`;
  return `${[...warnings, `In order: ${sums}.`].join("\n")}\n`;
}
