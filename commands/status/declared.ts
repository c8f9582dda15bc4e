import { samePath } from "../../gitlab/project-path";
import type { InventoryFile } from "../../inventory/load";
import {
  type DeclaredPusher,
  type DeclaredRule,
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
  readonly stacks: readonly NamedState[];
  /** What marks the tokens of the pushers that were asked for. @default - all, and tokens of ours that no pusher has */
  readonly marks?: readonly string[];
}

/** What the files of an inventory declare, in their order. @param chosen the pushers to look at; @default - all */
export function declared(files: readonly InventoryFile[], chosen?: readonly DeclaredPusher[]): Declared {
  const pushers = pushersOf(files).filter(({ name }) => !chosen || chosen.some((each) => each.name === name));
  return {
    slots: pushers.flatMap(({ slots }) => slots),
    variables: pushers.flatMap(({ variables }) => variables),
    rules: pushers.flatMap(({ rules }) => rules),
    stacks: files.filter(({ stack }) => !chosen || chosen.some((each) => each.stack === stack)),
    marks: chosen?.map(({ mark }) => mark),
  };
}

/** The first spelling of each path: GitLab takes `Group/App` and `group/app` for one. */
export function distinctPaths(paths: readonly string[]): string[] {
  return [...new Map(paths.toReversed().map((path) => [samePath(path), path])).values()].toReversed();
}
