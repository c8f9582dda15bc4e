import { readdirSync } from "node:fs";
import type { DeployedState } from "./deployed-state";
import type { NamedState, StackState } from "./stack-state";
import { readStackStates, STATE_DIRECTORY, type StatesOptions } from "./stack-states";
import { StateError } from "./state-error";
import type { StateSettings } from "./state-settings";

/** A stack's name, as it may stand in a file name and a command. */
const NAME = /^[A-Za-z0-9][\w.-]*$/;

/** A stack that the app no longer has, and what its state says. */
export interface GoneStack {
  /** The name of its state. */
  readonly name: string;
  /** What it left in GitLab. @default - its state cannot be read */
  readonly deployed?: DeployedState;
  /** Why its state cannot be read. */
  readonly unread?: string;
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
  stacks: readonly Pick<NamedState, "stateName">[],
  former: readonly string[],
  options: StatesOptions = {},
): Promise<GoneStack[]> {
  const known = new Set([...former, ...(settings.kind === "local" ? localStates(options.directory) : [])]);
  for (const { stateName } of stacks) known.delete(stateName);
  const names = [...known].filter((name) => NAME.test(name)).sort();
  const found = await Promise.all(names.map((name) => look({ ...settings, stacks: undefined }, name, options)));
  return found.flat();
}

async function look(settings: StateSettings, name: string, options: StatesOptions): Promise<GoneStack[]> {
  try {
    const states = await readStackStates(settings, [{ stack: name, stateName: name }], { ...options, onlyLooks: true });
    const { deployed, hidden } = states.get(name)!;
    if (hidden !== undefined) return [{ name, unread: hidden }];
    if (deployed.encrypted) return [{ name, unread: "the state is encrypted" }];
    return deployed.addresses.size > 0 ? [{ name, deployed }] : [];
  } catch (error) {
    if (error instanceof StateError) return [{ name, unread: error.message }];
    throw error;
  }
}

/** The names of the state files in a folder; none where there is no such folder. */
function localStates(directory = STATE_DIRECTORY): string[] {
  try {
    return readdirSync(directory).flatMap((file) => /^(.+)(?<!\.errored)\.tfstate$/.exec(file)?.[1] ?? []);
  } catch {
    return [];
  }
}

/**
 * What stacks that are gone have in their states, by the names of those, where a synth has to know: a stack that was never deployed may be
 * a renamed one. Elsewhere nobody is asked.
 */
export async function goneWhereNew(
  states: ReadonlyMap<string, StackState>,
  find: () => Promise<readonly GoneStack[]>,
): Promise<ReadonlyMap<string, DeployedState>> {
  const isNew = [...states.values()].some(({ deployed, hidden }) => hidden === undefined && !deployed.written);
  const found = isNew ? await find() : [];
  return new Map(found.flatMap(({ name, deployed }) => (deployed ? [[name, deployed] as const] : [])));
}
