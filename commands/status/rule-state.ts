/**
 * The state of GitLab in the place of a rule for branches or tags:
 * - `as declared`: the rule of the inventory, and no other that opens what it closes
 * - `missing`: no rule of that name
 * - `wider`: it, or another one that matches, lets happen what the inventory forbids
 * - `narrower`: it forbids what the inventory allows
 * - `not known`: it has the levels of the inventory, and nobody can tell whom the inventory lets in by name
 * - `no guard`: the rule of the inventory, without the one that keeps things closed while it is replaced
 */
export type RuleState = "as declared" | "missing" | "wider" | "narrower" | "not known" | "no guard";

/** A rule of GitLab's, and what it lets happen beyond the inventory, in words. */
export interface Opened<Rule> {
  readonly rule: Rule;
  readonly opens: readonly string[];
  /** Tells whether it is the rule of the inventory. */
  readonly isOwn: boolean;
}

export interface RuleVerdict<Rule> {
  readonly state: RuleState;
  /** The rule of that name. */
  readonly found?: Rule;
  /** The rules that open more than the inventory: the rule itself, or others that match. */
  readonly opened: readonly Opened<Rule>[];
  /** Rights that the inventory gives and the rule does not, in words. */
  readonly closes: readonly string[];
  /** Tells whether any rule matches. */
  readonly isProtected: boolean;
}

/** The verdict on a rule, the worst that is known. */
export function verdictOf<Rule>(
  seen: Omit<RuleVerdict<Rule>, "state">,
  { isGuarded, isKnown }: { readonly isGuarded: boolean; readonly isKnown: boolean },
): RuleVerdict<Rule> {
  return { state: stateOf(), ...seen };

  function stateOf(): RuleState {
    if (seen.opened.length > 0) return "wider";
    if (!seen.found) return "missing";
    if (seen.closes.length > 0) return "narrower";
    if (!isGuarded) return "no guard";
    return isKnown ? "as declared" : "not known";
  }
}
