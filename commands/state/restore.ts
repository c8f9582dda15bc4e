import { copyFileSync, readFileSync, renameSync, statSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { describe, type Problem } from "../../gitlab/problem";
import { backupOf, stateFileOf } from "../../state/local-state";
import { ownerOnly } from "../../state/owner-only";
import { STATE_DIRECTORY } from "../../state/stack-states";
import { stateForm } from "../../state/state-form";
import type { CommandContext } from "../context";
import { CommandError, ExitCode } from "../exit-code";
import { inPrivateFolder } from "../stacks/private-folder";
import { untilStopped } from "../until-stopped";
import { namedState, stackName } from "./named-state";
import { localPlace } from "./place";
import { StateLocked, StoredState } from "./stored-state";

interface Options {
  readonly inventory: string;
  readonly state: string;
  readonly json?: boolean;
}

/** A state that was put back. */
interface Restored {
  readonly file: string;
  /** The place of what it replaces; undefined when there was nothing. */
  readonly kept?: string;
}

const HELP = `
For local states. Terraform empties a state file before it writes it; killed in between, it
leaves one that is empty or cut off. This puts back .state/<stack>.tfstate.backup, the state
before that deploy, and keeps what it replaces beside it. It refuses when the state can be read,
is encrypted, or of a newer version; when there is no good backup; and while a Terraform works
on the state.

A state in GitLab needs none of this: GitLab has every version of it.

JSON: {"stack", "file", "kept"}, kept null when there was no file

Exit codes: 0 put back; 1 refused, nothing was changed; 2 wrong usage, or Terraform is missing.

Example:
  $ npx gitlab-ci-pusher state restore example`;

/** `gitlab-ci-pusher state restore`: a broken local state from its backup. */
export function restoreCommand(context: CommandContext): Command {
  return new Command("restore")
    .description("Puts a broken local state back from its backup, and keeps what it replaces.")
    .argument("<stack>", "the name of the stack, or of its state where that is another", stackName)
    .option("--inventory <folder>", "the inventory", "pushers")
    .option("--state <folder>", "Terraform's local state files", STATE_DIRECTORY)
    .option("--json", "print JSON on one line")
    .addHelpText("after", HELP)
    .action(async (stack: string, { inventory, state, json }: Options) => {
      const restored = await restore(namedState(stack, inventory).stateName, state, context);
      const { file, kept = null } = restored;
      if (json) context.stdout.json({ stack, file, kept });
      else context.stdout.write(`${said(stack, restored)}\n`);
      context.end(ExitCode.ok);
    });
}

async function restore(stack: string, directory: string, context: CommandContext): Promise<Restored> {
  const file = path.relative("", stateFileOf(directory, stack));
  const backup = backupOf(file);
  refuseUnless(isRestorable(backup), noBackup(backup));
  const before = textOf(file);
  const refusal = presentProblem(file, before);
  if (refusal !== undefined) refuseUnless(false, refusal);
  // Terraform cannot lock a file that is cut off, but an empty one is what it holds until the first thing is made.
  if (before?.trim()) await sleep(1_000 + statSync(backup).size / 1_000);
  else await mustBeFree(stack, directory, context);
  refuseUnless(textOf(file) === before, writing(stack, file));
  const fresh = `${file}.new`;
  copyFileSync(backup, fresh);
  ownerOnly(fresh);
  const kept = before === undefined ? undefined : `${file}.${stamp(context.now())}`;
  if (kept !== undefined) {
    ownerOnly(file);
    renameSync(file, kept);
  }
  renameSync(fresh, file);
  return { file, kept };
}

/** Undefined when there is no file. */
function textOf(file: string): string | undefined {
  const status = statSync(file, { throwIfNoEntry: false });
  if (status === undefined) return undefined;
  refuseUnless(status.isFile(), notAFile(file));
  return readFileSync(file, "utf8");
}

function isRestorable(backup: string): boolean {
  const text = textOf(backup);
  return text !== undefined && ["whole", "encrypted"].includes(stateForm(text));
}

/** The reason why a state that is there must stay. */
function presentProblem(file: string, text: string | undefined): Problem | undefined {
  const form = text === undefined ? "broken" : stateForm(text);
  if (form === "broken") return undefined;
  const got = { whole: "a good state", encrypted: "an encrypted state", newer: "a state of a newer version" }[form];
  const fix = {
    whole: "deploy; an older state would make what came after it a second time",
    encrypted: "leave it: OpenTofu reads it, with its key",
    newer: "use the Terraform that wrote it, and a release of gitlab-ci-pusher that knows it",
  }[form];
  return { got: `${got}, ${file}`, allowed: "a state that is empty, cut off or no state", fix };
}

/** Asks Terraform itself: a lock file that a killed one left locks nothing. */
async function mustBeFree(stack: string, directory: string, { environment }: CommandContext): Promise<void> {
  await untilStopped("stopped, nothing was changed", (signal) =>
    inPrivateFolder(async (folder) => {
      const stored = await StoredState.at(localPlace(stack, directory), { folder, environment, signal });
      await stored.mustBeFree();
    }),
  ).catch((error: Error) => {
    if (error instanceof StateLocked)
      refuseUnless(false, writing(stack, path.relative("", stateFileOf(directory, stack))));
    throw error;
  });
}

function refuseUnless(isFine: boolean, problem: Problem): void {
  if (!isFine) throw new CommandError(`${describe(problem)}. Nothing was changed.`, ExitCode.finding, [{ problem }]);
}

const noBackup = (backup: string): Problem => ({
  got: `no good state in ${backup}`,
  allowed: "the state that Terraform left there before its last deploy",
  fix: "take the state from a copy of your own; without one empty the broken file, which is what a first deploy leaves that noted nothing, and deploy: what is in GitLab is adopted, tokens are made anew, and `npx gitlab-ci-pusher status` finds the old ones",
});

const writing = (stack: string, file: string): Problem => ({
  got: `a Terraform that works on ${file}`,
  allowed: "a state that nobody works on",
  fix: `wait until that deploy of ${stack} has ended`,
});

const notAFile = (file: string): Problem => ({
  got: `${file}, which is no file`,
  allowed: "a file, or nothing",
  fix: "move it elsewhere",
});

/** An instant as a part of a file's name. */
const stamp = (instant: Date): string => instant.toISOString().replace(/[-:]|\.\d+/g, "");

const said = (stack: string, { file, kept }: Restored): string => `${file} is the state before the last deploy again${
  kept === undefined ? "." : `; what was there is ${kept}, and may hold tokens: remove it when all is well.`
}
Next: npx cdktf diff ${stack}, and deploy. What the last deploy made is adopted, but for tokens: npx gitlab-ci-pusher status finds those.`;
