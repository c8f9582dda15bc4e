import type { Problem } from "../../gitlab/problem";
import { lineageOf } from "../../state/state-form";
import { CommandError } from "../exit-code";
import { isSameContent } from "./content";
import type { StatePlace, StoredState } from "./stored-state";

/** The state of one stack in the place it is to leave and in the one it is to go to. */
export interface Copy {
  readonly source: StoredState;
  readonly target: StoredState;
  /** In clear; undefined where there is none. */
  readonly text: string | undefined;
  /** The thing to be done: nothing where no state is, or the target has it already. */
  readonly how: "now" | "before" | "nothing";
}

/**
 * Looks at both places.
 * @throws CommandError when a state cannot be read, is worked on, or the target has another one
 */
export async function lookAt(source: StoredState, target: StoredState): Promise<Copy> {
  const [text, there] = [await source.read(), await target.read()];
  const both = { source, target, text };
  if (text === undefined) return { ...both, how: there === undefined ? "nothing" : "before" };
  await source.mustBeFree();
  if (there === undefined) return { ...both, how: "now" };
  if (isSameContent(text, there)) return { ...both, how: "before" };
  const [own, other] = [lineageOf(text), lineageOf(there)];
  if (own.lineage !== other.lineage) throw new CommandError(another(source, target));
  return { ...both, how: other.serial > own.serial ? "before" : "now" };
}

/**
 * Copies, reads back and compares.
 * @throws CommandError when the target does not have the same afterwards, or the source has something else
 */
export async function copyState({ source, target, text, how }: Copy): Promise<Copy["how"]> {
  if (how !== "now" || text === undefined) return how;
  await target.write(text);
  const [after, before] = [await target.read(), await source.read()];
  if (before !== text) throw new CommandError(changed(source.place));
  if (after !== undefined && isSameContent(after, text)) return how;
  throw new CommandError(notGivenBack(target.place, "what was stored there"));
}

const changed = ({ where }: StatePlace): Problem => ({
  got: `${where}, which has changed meanwhile: a deploy ran`,
  allowed: "a state that nobody works on",
  fix: "do it again while no deploy runs",
});

/** Says that a place has another state than the one that was stored there. @param what was stored */
export const notGivenBack = ({ where }: StatePlace, what: string): Problem => ({
  got: `${where}, which does not give back ${what}`,
  allowed: "the same state",
  fix: "do it again; when that does not help, look at who else writes there",
});

const another = ({ place }: StoredState, target: StoredState): Problem => ({
  got: `two states of ${place.name}, in ${place.where} and in ${target.place.where}, of which neither comes after the other`,
  allowed: "one state, or a copy of it",
  fix: "find out which one was deployed last, and remove the other",
});
