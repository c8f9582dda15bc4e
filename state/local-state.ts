import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Problem } from "../gitlab/problem";
import { brokenOffDeploy, lockNoteOf } from "./broken-off-deploy";
import { DeployedState } from "./deployed-state";
import { isStackName } from "./stack-name";
import type { StackState } from "./stack-state";
import { StateError } from "./state-error";

/** Longest wait for a Terraform that is writing the file just now: a second, and one more for each megabyte. In milliseconds. */
const patience = (file: string): number => 1_000 + statSync(file).size / 1_000;

/** The name of a stack's state file in the folder of local states. */
export const stateFileOf = (directory: string, stack: string): string => path.resolve(directory, `${stack}.tfstate`);

/** The names of the states in a folder, those that could not be stored left out; none where there is no such folder. */
export function localStates(directory: string): string[] {
  try {
    const names = readdirSync(directory).flatMap((file) => /^(.+)(?<!\.errored)\.tfstate$/.exec(file)?.[1] ?? []);
    return names.filter(isStackName);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** The state before the last deploy, which Terraform leaves beside a state file. */
export const backupOf = (file: string): string => `${file}.backup`;

/**
 * Looks into the state file of a stack, and changes nothing. Terraform empties the file before it writes it; so a file that is none,
 * while a deploy may run, is looked into once more a little later.
 *
 * @param wait waits so many milliseconds; @default - the machine's clock
 * @throws StateError when there is a file that cannot be used: what it is, and the command that mends it
 */
export async function readLocalState(
  stack: string,
  directory: string,
  wait: (milliseconds: number) => Promise<unknown> = sleep,
): Promise<StackState> {
  const file = stateFileOf(directory, stack);
  try {
    return lookedInto(stack, file);
  } catch (error) {
    if (!(error instanceof StateError) || !existsSync(lockNoteOf(file))) throw error;
    await wait(patience(file));
    return lookedInto(stack, file);
  }
}

function lookedInto(stack: string, file: string): StackState {
  const backend = { kind: "local", file } as const;
  const mend = `npx gitlab-ci-pusher state restore ${stack}`;
  const text = textOf(file);
  const deployed = DeployedState.fromText(text, { name: file, mend });
  const broken = brokenOffDeploy(file);
  const notices = broken === undefined ? undefined : [broken];
  if (deployed.written) return { backend, deployed, notices };
  const before = DeployedState.known(backupOf(file));
  if (text === undefined) {
    if (before && before.addresses.size > 0) throw new StateError(missing(file, mend));
    return { backend, deployed, notices };
  }
  if (before) throw new StateError(emptied(file, mend));
  return { backend, deployed, notices: [nothingNoted(file)] };
}

/** Undefined when there is no file. A link to nothing is none; a device or FIFO, which has no end, is refused before it is read. */
function textOf(file: string): string | undefined {
  try {
    const status = statSync(file);
    if (status.isFile()) return readFileSync(file, "utf8");
    throw new StateError(unusable(file, status.isDirectory() ? "a folder" : "no regular file", "move it elsewhere"));
  } catch (error) {
    if (error instanceof StateError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new StateError(unusable(file, String(code), "check the permissions of the file and its folder"));
  }
}

const unusable = (file: string, got: string, fix: string): Problem => ({
  got: `${got} at ${file}`,
  allowed: "a state file that can be read, or none",
  fix,
});

const missing = (file: string, mend: string): Problem => ({
  got: `no ${file}, and a backup of it that has something`,
  allowed: "both or neither, because a deploy from nothing makes every token a second time",
  fix: `${mend}, which puts the backup in its place; or remove the backup too, if all of it is gone from GitLab`,
});

const emptied = (file: string, mend: string): Problem => ({
  got: `${file}, which is empty: the last deploy was killed while it wrote it`,
  allowed: "a whole state, because a deploy from an empty one makes every token a second time",
  fix: `${mend}, which puts back the state before that deploy`,
});

const nothingNoted = (file: string): string =>
  `${file} is empty: the first deploy was killed before it noted anything. What it made is adopted, but for tokens: \`npx gitlab-ci-pusher status\` finds those`;
