import { InvalidArgumentError } from "commander";
import { describe } from "../../gitlab/problem";
import { InventoryError, loadInventory } from "../../inventory/load";
import { isStackName } from "../../state/stack-name";
import type { NamedState } from "../../state/stack-state";

/** The name of a stack, which becomes part of file names. @throws InvalidArgumentError, which commander reports as wrong usage */
export function stackName(text: string): string {
  if (isStackName(text)) return text;
  const fix = "write the name of a file in the inventory, without .yaml";
  throw new InvalidArgumentError(
    describe({ got: JSON.stringify(text), allowed: "letters, digits, and - _ . after the first", fix }),
  );
}

/** A stack by its name or its state's. One that the inventory does not have, or an inventory in disorder, keeps nobody from its state. */
export function namedState(name: string, inventory: string): NamedState {
  try {
    const named = loadInventory(inventory).find(({ stack, stateName }) => stack === name || stateName === name);
    return named ?? { stack: name, stateName: name };
  } catch (error) {
    if (error instanceof InventoryError) return { stack: name, stateName: name };
    throw error;
  }
}
