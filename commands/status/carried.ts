import type { DeclaredVariable, Slot } from "../../inventory/pushers";
import type { DeployedState } from "../../state/deployed-state";
import type { VariableStatus } from "./variable-verdict";
import type { Verdict } from "./verdict";

/**
 * Tells whether the variables of its pusher carry a slot's token:
 * - `yes`, `no`: all of them, none of them
 * - `partly`: some of them
 * - `to be`: none, and the next deploy changes that
 * - `not known`: GitLab does not tell
 */
export type Carried = "yes" | "partly" | "to be" | "not known" | "no";

/** By what GitLab has in the variables. */
export function carriedNow(slot: Slot, verdict: Verdict | undefined, variables: readonly VariableStatus[]): Carried {
  const own = variables.filter(({ variable }) => variable.slots.includes(slot.path));
  const holding = own.filter((each) => holds(each, slot.path)).length;
  if (holding > 0) return holding === own.length ? "yes" : "partly";
  if (!slot.carried) return "no";
  const isDead = verdict !== undefined && !verdict.token?.active;
  return !isDead && own.some(({ verdict }) => verdict === undefined || isHidden(verdict)) ? "not known" : "to be";
}

/** By what the last deploy left, where the state is at hand. */
export function carriedThen(slot: Slot, state: DeployedState | undefined): Carried {
  if (state?.tokens.get(slot.path)?.carried) return "yes";
  return slot.carried ? "to be" : "no";
}

const holds = ({ variable, verdict }: VariableStatus, path: string): boolean =>
  verdict?.carries === (isToCarry(variable, path) ? "its slot" : "the other slot");

const isToCarry = ({ carries }: DeclaredVariable, path: string): boolean => carries === path;

const isHidden = ({ state, carries }: NonNullable<VariableStatus["verdict"]>): boolean =>
  state !== "missing" && carries === "not known";
