import { describe } from "../gitlab/problem";
import type { DeployedState } from "./deployed-state";
import { localStates } from "./local-state";
import { rescuedNames, rescuedStates, rescueProblem } from "./rescued-state";
import { isStackName } from "./stack-name";
import type { NamedState } from "./stack-state";
import { OUTDIR, STATE_DIRECTORY, type StatesOptions, stateReader } from "./stack-states";
import { StateError } from "./state-error";
import type { StateSettings } from "./state-settings";

/** A stack that the app no longer has, and what its state says. */
export interface GoneStack {
  /** The name of its state. */
  readonly name: string;
  /** The things that it left in GitLab. @default - its state cannot be read */
  readonly deployed?: DeployedState;
  /** The reason why its state cannot be read. */
  readonly unread?: string;
  /** Tells whether it is a file on this machine, and so surely there. */
  readonly isFile: boolean;
}

/**
 * The stacks that are gone although their states still have something: nobody rotates those tokens, and nobody revokes them. Terraform
 * does not miss them, as it looks into no state of a stack that is not there.
 *
 * @param stacks those that are there
 * @param former names that stacks had once, as far as that is known otherwise; local states are found by themselves
 */
export async function goneStacks(
  settings: StateSettings,
  stacks: readonly NamedState[],
  former: readonly string[],
  options: StatesOptions = {},
): Promise<GoneStack[]> {
  const places = { directory: options.directory ?? STATE_DIRECTORY, outdirs: [options.outdir ?? OUTDIR] };
  const local = settings.kind === "local" ? localStates(places.directory) : [];
  // Where Terraform ran has the stack's name, its state may have another.
  const unstoredOnes = rescuedNames(places).filter((name) => !stacks.some(({ stack }) => stack === name));
  const known = new Set([...former, ...local, ...unstoredOnes]);
  for (const { stateName } of stacks) known.delete(stateName);
  const names = [...known].filter(isStackName).sort();
  const unstored = names.flatMap((name): GoneStack[] => {
    const named = { stack: name, stateName: name };
    return rescuedStates(named, places).map((file) => ({
      name,
      isFile: true,
      unread: describe(rescueProblem(named, file)),
    }));
  });
  const others = names.filter((name) => !unstored.some((each) => each.name === name));
  return [...unstored, ...(await lookInto(settings, others, options))];
}

/** The states of these names that have something, or cannot be read. */
export async function lookInto(
  settings: StateSettings,
  names: readonly string[],
  options: StatesOptions,
): Promise<GoneStack[]> {
  const isFile = settings.kind === "local";
  const read = stateReader({ ...settings, stacks: undefined }, { ...options, onlyLooks: true });
  const found = names.map(async (name): Promise<GoneStack[]> => {
    try {
      const { deployed, hidden } = await read({ stack: name, stateName: name });
      const unread = hidden ?? (deployed.encrypted ? "the state is encrypted" : undefined);
      if (unread !== undefined) return [{ name, isFile, unread }];
      return deployed.addresses.size > 0 ? [{ name, isFile, deployed }] : [];
    } catch (error) {
      if (error instanceof StateError) return [{ name, isFile, unread: error.message }];
      throw error;
    }
  });
  return (await Promise.all(found)).flat();
}
