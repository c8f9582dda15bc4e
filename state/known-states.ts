import * as path from "node:path";
import { DeployedState } from "./deployed-state";
import { readRemoteStates } from "./remote-states";
import type { StateSettings } from "./state-settings";

export interface KnownStatesOptions {
  /** Where states are kept. */
  readonly settings: StateSettings;
  /** Folder of local state files; also looked at for states that have not been moved to GitLab yet. */
  readonly directory: string;
  /** Hears why states could not be read, once for each reason. */
  readonly unread: (reason: string) => void;
}

/**
 * What the last deploys of these stacks left, by stack. Left out are those of which nothing can be known: never deployed, encrypted, or
 * out of reach.
 * @throws StateError as readRemoteStates does
 */
export async function knownStates(
  stacks: readonly string[],
  { settings, directory, unread }: KnownStatesOptions,
): Promise<ReadonlyMap<string, DeployedState>> {
  const remote = await readRemoteStates(settings, stacks);
  for (const reason of new Set([...remote.values()].flatMap(({ hidden }) => hidden ?? []))) unread(reason);
  const known = stacks.flatMap((stack) => {
    const found = remote.get(stack);
    const state = found?.deployed.written
      ? found.deployed
      : DeployedState.known(path.join(directory, `${stack}.tfstate`));
    // A file that is left over from before the state moved is not what was deployed last.
    if (!state || state.encrypted || found?.hidden) return [];
    return [[stack, state] as const];
  });
  return new Map(known);
}
