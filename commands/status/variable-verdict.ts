import type { DeclaredVariable } from "./declared";
import type { ObservedVariable } from "./observed";
import type { Verdict } from "./verdict";

/** Which token a variable hands to jobs, as far as it can be known. */
export type Carries =
  /** The living token of the slot with the later date. */
  | "its slot"
  /** The living token of the pusher's other slot. */
  | "the other slot"
  /** A living token that is no slot's. */
  | "another token"
  /** Nothing that GitLab takes for a token. */
  | "a dead value"
  /** Nobody asked (`--check-values`), the value is hidden, or GitLab would not say. */
  | "not known";

export interface Difference {
  readonly what: "protected" | "masked" | "hidden" | "type" | "value";
  readonly got: string | boolean;
  readonly declared: string | boolean;
}

export interface VariableVerdict {
  readonly state: "as declared" | "missing" | "differs";
  readonly differences: readonly Difference[];
  readonly carries: Carries;
}

/** Compares a variable with its declaration; which token it carries is told only where GitLab itself said so. */
export function judgeVariable(
  { variable, found }: ObservedVariable,
  verdicts: ReadonlyMap<string, Verdict>,
): VariableVerdict {
  if (!found) return { state: "missing", differences: [], carries: "not known" };
  const differences = [
    ...difference("protected", found.protected, variable.protected),
    ...difference("masked", found.masked, true),
    ...difference("hidden", found.hidden, variable.hidden),
    ...difference("type", found.type, "env_var"),
    ...difference("value", found.value === "empty" ? "empty" : "a token", "a token"),
  ];
  return {
    state: differences.length === 0 ? "as declared" : "differs",
    differences,
    carries: carries(variable, found.token, verdicts),
  };
}

function difference(what: Difference["what"], got: string | boolean, declared: string | boolean): Difference[] {
  return got === declared ? [] : [{ what, got, declared }];
}

function carries(
  { slots, carries }: DeclaredVariable,
  token: NonNullable<ObservedVariable["found"]>["token"],
  verdicts: ReadonlyMap<string, Verdict>,
): Carries {
  if (!token) return "not known";
  if ("refused" in token) return "a dead value";
  const owner = (path: string) => verdicts.get(path)?.token?.id === token.id;
  if (owner(carries)) return "its slot";
  // Where the target's tokens were not seen, the mark is all there is to go by.
  if (!verdicts.has(carries) && token.description?.endsWith(` ${carries}`)) return "its slot";
  return slots.some(owner) ? "the other slot" : "another token";
}
