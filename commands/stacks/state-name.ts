import type { SynthesizedStack } from "./synthesis";

/** The name that the state of a stack is kept under: the stack's where the synthesized backend does not tell. */
export const stateNameOf = ({ name, stateName = name }: Pick<SynthesizedStack, "name" | "stateName">): string =>
  stateName;
