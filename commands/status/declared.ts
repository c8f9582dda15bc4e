import type { InventoryFile } from "../../inventory/load";
import {
  type DeclaredPusher,
  type DeclaredRule,
  type DeclaredTag,
  type DeclaredVariable,
  pushersOf,
  type Slot,
} from "../../inventory/pushers";
import type { NamedState } from "../../state/stack-state";

/** All that the status of an inventory is about. */
export interface Declared {
  readonly slots: readonly Slot[];
  readonly variables: readonly DeclaredVariable[];
  readonly rules: readonly DeclaredRule[];
  readonly tags: readonly DeclaredTag[];
  readonly stacks: readonly NamedState[];
  /** The marks of the tokens of the pushers that were asked for. @default - all, and tokens of ours that no pusher has */
  readonly marks?: readonly string[];
}

/** The declarations in the files of an inventory, in their order. @param chosen the pushers to look at; @default - all */
export function declared(files: readonly InventoryFile[], chosen?: readonly DeclaredPusher[]): Declared {
  const pushers = pushersOf(files).filter(({ name }) => !chosen || chosen.some((each) => each.name === name));
  return {
    slots: pushers.flatMap(({ slots }) => slots),
    variables: pushers.flatMap(({ variables }) => variables),
    rules: pushers.flatMap(({ rules }) => rules),
    tags: pushers.flatMap(({ tags }) => tags),
    stacks: files.filter(({ stack }) => !chosen || chosen.some((each) => each.stack === stack)),
    marks: chosen?.map(({ mark }) => mark),
  };
}
