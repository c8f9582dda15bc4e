import { type GoneStack, goneStacks, lookInto } from "./gone-stacks";
import type { NamedState } from "./stack-state";
import type { StatesOptions } from "./stack-states";
import type { StateSettings } from "./state-settings";

/** The state of a stack that is gone, or of one that a synth leaves out. */
export interface OtherState extends GoneStack {
  readonly isGone: boolean;
}

/**
 * The states beside those that a synth looks into anyway, as far as they have something or cannot be read: those it was told to leave
 * out, and those of stacks that are gone.
 *
 * @param stacks of the app
 * @param former names that stacks had once
 */
export async function otherStates(
  settings: StateSettings,
  stacks: readonly NamedState[],
  former: readonly string[],
  options: StatesOptions = {},
): Promise<OtherState[]> {
  const left = stacks.filter(({ stack }) => settings.stacks?.includes(stack) === false);
  const [leftOut, gone] = await Promise.all([
    lookInto(
      settings,
      left.map(({ stateName }) => stateName),
      options,
    ),
    goneStacks(settings, stacks, former, options),
  ]);
  return [...leftOut.map((each) => ({ ...each, isGone: false })), ...gone.map((each) => ({ ...each, isGone: true }))];
}
