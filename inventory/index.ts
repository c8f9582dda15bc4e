export { type DeclareOptions, declareStack } from "./declare";
export { InventoryError, type InventoryFile, loadInventory } from "./load";
