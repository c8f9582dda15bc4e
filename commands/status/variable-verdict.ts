import type { ObservedVariable } from "../../estate/observed";
import { variableMark } from "../../gitlab/token-mark";
import type { DeclaredVariable } from "../../inventory/pushers";
import type { DeployedState } from "../../state/deployed-state";
import { variableIdentity } from "../../state/identity";
import type { Verdict } from "./verdict";

/** The token that a variable hands to jobs, as far as it can be known. */
export type Carries =
  /** The living token of the slot with the later date. */
  | "its slot"
  /** The living token of the pusher's other slot. */
  | "the other slot"
  /** A living token that is no slot's. */
  | "another token"
  /** Nothing that GitLab takes for a token. */
  | "a dead value"
  /** It was not to be found out (`--no-check-values`), the value is hidden, or GitLab would not say. */
  | "not known";

export interface Difference {
  readonly what: "protected" | "masked" | "hidden" | "type" | "value";
  readonly got: string | boolean;
  readonly declared: string | boolean;
}

/**
 * The state of GitLab in a variable's place:
 * - `as declared`: ours, with the settings of the inventory
 * - `missing`: nothing
 * - `not ours`: a variable of somebody else's, or with somebody else's value
 * - `differs`: one whose settings are others
 * - `not known`: one with the settings of the inventory, and nobody can tell whose it is
 */
export type VariableState = "as declared" | "missing" | "not ours" | "differs" | "not known";

export interface VariableVerdict {
  readonly state: VariableState;
  readonly differences: readonly Difference[];
  readonly carries: Carries;
  /** Its description, where that is not ours: null = nothing. @default - it is ours, or GitLab does not tell */
  readonly foreign?: string | null;
  /** Tells whether the state has it; undefined = there is no state to ask. */
  readonly managed?: boolean;
  /** Tells whether the deploy that a finding of its slot asks for gives it another token anyway. */
  readonly awaits: boolean;
}

/** A variable beside what GitLab has in its place. */
export interface VariableStatus {
  readonly variable: DeclaredVariable;
  /** Undefined when GitLab was not asked, or did not show the variables of its project or group. */
  readonly verdict?: VariableVerdict;
}

/**
 * Compares a variable with its declaration; which token it carries is told only where GitLab or the state itself said so.
 * @param found null = there is none
 */
export function judgeVariable(
  variable: DeclaredVariable,
  found: ObservedVariable | null,
  verdicts: ReadonlyMap<string, Verdict>,
  state: DeployedState | undefined,
): VariableVerdict {
  if (!found) return { state: "missing", differences: [], carries: "not known", awaits: false };
  const differences = [
    ...difference("protected", found.protected, variable.protected),
    ...difference("masked", found.masked, true),
    ...difference("hidden", found.hidden, variable.hidden),
    ...difference("type", found.type, "env_var"),
    ...difference("value", found.value === "empty" ? "empty" : "a token", "a token"),
  ];
  const carried = carries(variable, found.token, verdicts);
  const ours = isOurs(variable, found, carried, state);
  return {
    state: stateOf(ours, differences),
    differences,
    carries: carried,
    foreign: isMarked(variable, found) === false ? (found.description ?? null) : undefined,
    managed: state && state.addressOf(identityOf(variable)) !== undefined,
    awaits: awaitsDeploy(carried, verdicts.get(variable.carries)),
  };
}

function stateOf(ours: boolean | undefined, differences: readonly Difference[]): VariableState {
  if (ours === false) return "not ours";
  if (differences.length > 0) return "differs";
  return ours ? "as declared" : "not known";
}

function difference(what: Difference["what"], got: string | boolean, declared: string | boolean): Difference[] {
  return got === declared ? [] : [{ what, got, declared }];
}

function carries(
  { slots, carries }: DeclaredVariable,
  token: ObservedVariable["token"],
  verdicts: ReadonlyMap<string, Verdict>,
): Carries {
  if (!token) return "not known";
  if ("refused" in token) return "a dead value";
  const owner = (path: string) => verdicts.get(path)?.token?.id === token.id;
  if (owner(carries)) return "its slot";
  if (slots.some(owner)) return "the other slot";
  if (verdicts.has(carries)) return "another token";
  // Where the target's tokens were not seen, the mark is all there is to go by.
  if (token.description === undefined) return "not known";
  const marked = (path: string) => token.description?.endsWith(` ${path}`);
  if (marked(carries)) return "its slot";
  return slots.some(marked) ? "the other slot" : "another token";
}

/** Tells whether a variable is ours: by its value, or where that tells nothing by its description and the state; undefined = nobody can tell. */
function isOurs(
  variable: DeclaredVariable,
  found: ObservedVariable,
  carried: Carries,
  state: DeployedState | undefined,
): boolean | undefined {
  if (carried === "its slot" || carried === "the other slot") return true;
  if (carried === "another token") return false;
  const marked = isMarked(variable, found);
  if (!marked) return marked;
  return variable.slots.includes(state?.tokenIn(identityOf(variable)) ?? "") || undefined;
}

const isMarked = ({ mark }: DeclaredVariable, { description }: ObservedVariable): boolean | undefined =>
  description === undefined ? undefined : (description ?? "").startsWith(variableMark(mark));

const identityOf = ({ home, key, environment }: DeclaredVariable) =>
  variableIdentity(home.kind, home.path, key, environment);

/** A slot that is not what the inventory says has a finding of its own, and its deploy switches the variable. */
function awaitsDeploy(carried: Carries, carrier: Verdict | undefined): boolean {
  if (!carrier || carrier.state === "active") return false;
  const isDead = !carrier.token?.active || carrier.state === "rotated elsewhere";
  return carried === "the other slot" || (carried === "a dead value" && isDead);
}
