import { type GoneStack, goneStacks } from "../state/gone-stacks";
import type { NamedState } from "../state/stack-state";
import type { StatesOptions } from "../state/stack-states";
import type { StateSettings } from "../state/state-settings";
import { formerFiles } from "./former-files";

/**
 * The stacks whose files an inventory had once and has no more, and whose states still have something: found by Git's history of the
 * folder, and by the state files that nobody has.
 *
 * @param files those that are there
 */
export const goneFrom = async (
  folder: string,
  files: readonly NamedState[],
  settings: StateSettings,
  options: StatesOptions = {},
): Promise<GoneStack[]> =>
  goneStacks(
    settings,
    files.map(({ stateName }) => stateName),
    await formerFiles(folder),
    options,
  );
