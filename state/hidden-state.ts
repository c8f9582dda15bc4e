/** By these words a command tells this warning of a synth from all others. */
const MARK = "so a synth does not see the state";

/**
 * The warning of a synth that could not look into a stack's state.
 * @param reason why, without a full stop
 * @param unchecked what it therefore does not check
 */
export const hiddenStateWarning = (reason: string, unchecked: string): string =>
  `${reason}, ${MARK}, and does not check what it should: ${unchecked}`;

export const isHiddenStateWarning = (message: string): boolean => message.includes(MARK);
