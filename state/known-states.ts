import * as path from "node:path";
import { describe } from "../gitlab/problem";
import type { DeployedState } from "./deployed-state";
import { readLocalState } from "./local-state";
import { rescuedStates, rescueProblem } from "./rescued-state";
import type { NamedState, StackState } from "./stack-state";
import { OUTDIR, readStackStates } from "./stack-states";
import { StateError } from "./state-error";
import type { StateSettings } from "./state-settings";

export interface KnownStatesOptions {
  /** The place where states are kept. */
  readonly settings: StateSettings;
  /** Folder of local state files; also looked at for states that have not been moved to GitLab yet. */
  readonly directory: string;
  /** Hears why states could not be read, once for each reason. */
  readonly unread: (reason: string) => void;
}

/**
 * Reads what the last deploys of these stacks left, by stack. Left out are those of which nothing can be known: never deployed, encrypted,
 * broken, not stored, or out of reach.
 * @throws StateError when GitLab answers, but with no state
 */
export async function knownStates(
  all: readonly NamedState[],
  { settings, directory, unread }: KnownStatesOptions,
): Promise<ReadonlyMap<string, DeployedState>> {
  const stacks = all.filter((named) => isStored(named, directory, unread));
  const found =
    settings.kind === "local"
      ? await filesOf(stacks, directory, unread)
      : await readStackStates(settings, stacks, { directory, onlyLooks: true });
  for (const reason of new Set([...found.values()].flatMap(({ hidden }) => hidden ?? []))) unread(reason);
  const known = [...found].filter(([, { deployed, hidden }]) => deployed.written && !deployed.encrypted && !hidden);
  return new Map(known.map(([stack, { deployed }]) => [stack, deployed]));
}

/** By an older state the tokens of the last deploy would be nobody's. */
function isStored(named: NamedState, directory: string, unread: (reason: string) => void): boolean {
  const [file] = rescuedStates(named, { directory, outdirs: [path.join(directory, "..", OUTDIR)] });
  if (file !== undefined) unread(describe(rescueProblem(named, file)));
  return file === undefined;
}

/** Those that can be used: one that cannot does not hide the others. */
async function filesOf(
  stacks: readonly NamedState[],
  directory: string,
  unread: (reason: string) => void,
): Promise<ReadonlyMap<string, StackState>> {
  const found = new Map<string, StackState>();
  for (const { stack, stateName } of stacks) {
    try {
      found.set(stack, await readLocalState(stateName, directory));
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      unread(error.message);
    }
  }
  return found;
}
