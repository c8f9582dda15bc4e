import { rmSync } from "node:fs";
import * as path from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { ApiError } from "../../gitlab/api-error";
import { describe, type Problem } from "../../gitlab/problem";
import { cdktfContext } from "../../state/cdktf-context";
import { rescuedStates } from "../../state/rescued-state";
import { OUTDIR, STATE_DIRECTORY } from "../../state/stack-states";
import { type StateSettings, stateSettings } from "../../state/state-settings";
import type { CommandContext } from "../context";
import { CommandError, ExitCode } from "../exit-code";
import { lockError } from "../held-lock";
import { during } from "../progress";
import { inPrivateFolder } from "../stacks/private-folder";
import { untilStopped } from "../until-stopped";
import { namedState, stackName } from "./named-state";
import { apiOf, placeOf } from "./place";
import { storeRescue } from "./store-rescue";
import { StateLocked, StoredState } from "./stored-state";

interface Options {
  readonly file?: string;
  readonly unlock?: string;
  readonly inventory: string;
  readonly state: string;
  readonly json?: boolean;
}

const HELP = `
When Terraform cannot store a state at the end of a deploy, it leaves it in a file, and what
that deploy did is known to this file alone. \`npx gitlab-ci-pusher deploy\` tries again for a
while and then keeps it as .state/<stack>.errored.tfstate; \`cdktf deploy\` leaves it as
cdktf.out/stacks/<stack>/errored.tfstate. This stores it where cdktf.json has the states, by
\`terraform state push\`, reads it back, and then removes the file. A state that does not come
after the one that is there is refused, and nothing is changed.

The deploy may have left its lock in GitLab. --unlock ends it, and no other lock.
TF_HTTP_USERNAME and TF_HTTP_PASSWORD are then a Maintainer's.

JSON: {"stack", "stored": [FILE]}

Exit codes: 0 stored, or nothing to store; 2 not stored, the file stays.

Example:
  $ npx gitlab-ci-pusher state push example`;

/** `gitlab-ci-pusher state push`: stores what Terraform could not. */
export function pushCommand(context: CommandContext): Command {
  return new Command("push")
    .description("Stores the state that Terraform could not store at the end of a deploy.")
    .argument("<stack>", "the stack, a file of the inventory without .yaml", stackName)
    .option("--file <file>", "the file, where it is elsewhere")
    .option(
      "--unlock <id>",
      "first end this lock, which the deploy left in GitLab (npx gitlab-ci-pusher state lock)",
      lockId,
    )
    .option("--inventory <folder>", "the inventory, beside cdktf.json", "pushers")
    .option("--state <folder>", "Terraform's local state files", STATE_DIRECTORY)
    .option("--json", "print JSON on one line")
    .addHelpText("after", HELP)
    .action(async (stack: string, options: Options) => {
      const stored = await push(stack, options, context);
      if (options.json) context.stdout.json({ stack, stored });
      else context.stdout.write(`${said(stack, stored)}\n`);
      context.end(ExitCode.ok);
    });
}

async function push(
  stack: string,
  { file, unlock, inventory, state }: Options,
  { environment, stderr }: CommandContext,
): Promise<readonly string[]> {
  const named = namedState(stack, inventory);
  const name = named.stateName;
  const outdirs = [path.join(inventory, "..", OUTDIR)];
  const files = file === undefined ? rescuedStates(named, { directory: state, outdirs }) : [file];
  if (files.length === 0) return files;
  const settings = stateSettings(cdktfContext(inventory), environment);
  if (unlock !== undefined) await endLock(name, unlock, settings);
  await untilStopped("stopped; what is not stored stays where it is", (signal) =>
    inPrivateFolder(async (folder) => {
      const stored = await StoredState.at(placeOf(name, settings, state), { folder, environment, signal });
      for (const each of files) {
        await during(`Storing ${each}`, storeRescue(stored, each), stderr).catch(async (error: Error) => {
          throw error instanceof StateLocked ? await whoseLock(name, settings, error) : error;
        });
        rmSync(each);
      }
    }),
  );
  return files;
}

async function endLock(name: string, id: string, settings: StateSettings): Promise<void> {
  const api = apiOf(name, settings);
  if (!api) throw new CommandError(LOCAL);
  const answer = await api.unlock(id);
  if (answer instanceof ApiError) throw answer;
  if (answer.status >= 300 && answer.status !== 404) throw api.refusal("DELETE /lock", answer);
}

/** Terraform describes the lock it did not get. */
async function whoseLock(name: string, settings: StateSettings, refused: StateLocked): Promise<Error> {
  const api = apiOf(name, settings);
  if (!api) return refused;
  const again = `npx gitlab-ci-pusher state push ${name}`;
  return lockError(name, api, again, ({ id }) => `${again} --unlock ${id}`);
}

const said = (stack: string, stored: readonly string[]): string =>
  stored.length === 0
    ? `Nothing to store: ${stack} has no state that Terraform could not store.`
    : `Stored, and removed: ${stored.join(", ")}. Next: npx cdktf diff ${stack}, and deploy what is left.`;

function lockId(text: string): string {
  if (/^[\w-]+$/.test(text)) return text;
  const fix = "write what `npx gitlab-ci-pusher state lock` names";
  throw new InvalidArgumentError(describe({ got: JSON.stringify(text), allowed: "the id of a lock", fix }));
}

const LOCAL: Problem = {
  got: "--unlock for a local state",
  allowed: "states in GitLab",
  fix: "leave it out: the lock of a local state ends with its process",
};
