import "./archiver-on-demand";

/** All that is public: the constructs, and the inventory as a whole. Everything else may change in any release. */
export * from "./constructs";
export { ApiClient } from "./gitlab/api-client";
export { failWith } from "./gitlab/failure";
export { InventoryError } from "./inventory";
export { readStackStates } from "./state/stack-states";
export type { StateSettings } from "./state/state-settings";
export { type SynthesizeOptions, synthesizeInventory } from "./synthesize-inventory";
