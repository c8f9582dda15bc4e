import { StateError } from "./state-error";

/**
 * The key of cdktf's `context` by which a command tells a synth whose states to look into: stack names. Reading the states of a whole
 * fleet is what a look at one change can do without. It is no setting for cdktf.json, whose synths are deployed from.
 */
export const READ_STATES = "readStates";

/** The reason why a synth did not look into a state that it was not told to read, for hiddenStateWarning. */
export const LEFT_OUT = `${READ_STATES} in the context leaves this stack out`;

/** Tells whether a synth warned that it left out a state that could have been read. */
export const isLeftOutWarning = (message: string): boolean => message.startsWith(LEFT_OUT);

/**
 * The stacks whose states a synth looks into; undefined for all of them, the default.
 * @throws StateError when the context has something else there
 */
export function statesToRead(context: Readonly<Record<string, unknown>>): readonly string[] | undefined {
  const told = context[READ_STATES];
  if (told === undefined) return undefined;
  if (Array.isArray(told) && told.every((name) => typeof name === "string")) return told;
  const got = `${READ_STATES} ${JSON.stringify(told)} in the context`;
  const fix = "leave it out: every state is read then";
  throw new StateError({ got, allowed: "a list of stack names", fix });
}
