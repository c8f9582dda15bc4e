import type { Observed, ObservedToken } from "../../estate/observed";
import { samePath } from "../../gitlab/project-path";
import { markedPath } from "../../gitlab/token-mark";
import type { Declared } from "./declared";
import type { Verdict } from "./verdict";

/** The reasons why a living token with our mark is nobody's. */
export type OrphanReason =
  /** A slot of the inventory has the mark, but another token, or none, is Terraform's: left by a lost answer, say. */
  | "duplicate"
  /** The slot's target is another project now. */
  | "other project"
  /** The stack is in the inventory, the pusher or its slot is not. */
  | "not in the inventory"
  /** No file of the inventory has the stack's name: it is gone, or another ops repository's. */
  | "unknown stack";

export interface Orphan {
  /** Full path of the project that has the token. */
  readonly project: string;
  readonly token: ObservedToken;
  readonly reason: OrphanReason;
}

/** The living tokens with our mark that no slot of the inventory owns; of chosen pushers, those with their marks. */
export function orphans(
  { slots, stacks, marks }: Declared,
  observed: Observed,
  verdicts: ReadonlyMap<string, Verdict>,
): Orphan[] {
  const byPath = new Map(slots.map((slot) => [slot.path, slot]));
  return [...observed.tokens].flatMap(([project, tokens]) =>
    tokens.flatMap((token): Orphan[] => {
      const path = markedPath(token.description) as string;
      const slot = byPath.get(path);
      if (!token.active || (marks && !marks.some((mark) => path.startsWith(`${mark}/`)))) return [];
      if (!slot) {
        const known = stacks.some(({ stateName }) => stateName === path.split("/")[0]);
        return [{ project, token, reason: known ? "not in the inventory" : "unknown stack" }];
      }
      if (samePath(slot.project) !== project) return [{ project, token, reason: "other project" }];
      return verdicts.get(path)?.token === token ? [] : [{ project, token, reason: "duplicate" }];
    }),
  );
}
