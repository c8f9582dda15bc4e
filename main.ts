import { failWith, synthesizeInventory } from "./index";

/** The ops repository's stacks: one for each file in pushers/. Settled when they are written, or when it is said what is wrong with them. */
export const synthesized = synthesizeInventory("pushers").catch(failWith);
