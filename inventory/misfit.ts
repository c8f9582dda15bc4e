import type { Problem } from "../gitlab/problem";

/** A value of an inventory file that is not as it should be, or a key there that should not be. */
export interface Misfit {
  readonly path: readonly PropertyKey[];
  readonly key?: string;
  readonly problem: Problem;
}
