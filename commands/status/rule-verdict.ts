import { levelOf } from "../../gitlab/access-level";
import {
  type AccessEntry,
  codeOwnerRule,
  isClosed,
  isRole,
  matchingRules,
  opensBeyond,
  type ProtectedBranch,
} from "../../gitlab/protected-branch";
import type { DeclaredRule } from "../../inventory/pushers";

/**
 * What GitLab has in a branch rule's place:
 * - `as declared`: the rule of the inventory, and no other that opens the branch
 * - `missing`: no rule of that name
 * - `wider`: it, or another one that matches, lets happen what the inventory forbids
 * - `narrower`: it forbids what the inventory allows
 * - `not known`: it has the levels of the inventory, and nobody can tell whom the inventory lets in by name
 * - `no guard`: the rule of the inventory, without the one that keeps the branch closed while it is replaced
 */
export type RuleState = "as declared" | "missing" | "wider" | "narrower" | "not known" | "no guard";

/** A rule, and what it lets happen on a branch beyond the inventory, in words. */
export interface Opened {
  readonly rule: ProtectedBranch;
  readonly opens: readonly string[];
  /** Whether it is the rule of the inventory. */
  readonly isOwn: boolean;
}

/** Whom a rule of the inventory lets in by name; undefined = nobody can tell. */
export interface NamedEntries {
  readonly push: readonly AccessEntry[] | undefined;
  readonly merge: readonly AccessEntry[] | undefined;
}

export interface RuleVerdict {
  readonly state: RuleState;
  /** The rule of that name. */
  readonly found?: ProtectedBranch;
  /** What opens more than the inventory: the rule itself, or others that match. */
  readonly opened: readonly Opened[];
  /** What the inventory allows and the rule does not, in words. */
  readonly closes: readonly string[];
  /** Whether any rule matches the branch. */
  readonly isProtected: boolean;
}

/**
 * Compares a branch rule with all that the project has, since the most permissive one that matches decides.
 * @param named whom it lets in by name, as GitLab lists them; undefined = nobody can tell, and nobody is compared by name
 */
export function judgeRule(declared: DeclaredRule, rules: readonly ProtectedBranch[], named: NamedEntries): RuleVerdict {
  const compared = rules.map((rule) => comparable(rule, named));
  const expected = expectedRule(declared, named);
  const matching = matchingRules(compared, declared.branch);
  const found = matching.find(({ name, inherited }) => name === declared.branch && !inherited);
  const opened = matching
    .map((rule): Opened => {
      const isOwn = rule === found;
      const opens = [...opensBeyond(rule, expected), ...(isOwn ? unowned(declared, rules) : [])];
      return { rule, opens, isOwn };
    })
    .filter(({ opens }) => opens.length > 0);
  const closes = found ? opensBeyond(expected, found) : [];
  const guard = compared.find(({ name }) => name === declared.guard);
  const isGuarded = declared.guard === undefined || (guard !== undefined && isClosed(guard));
  return {
    state: stateOf(found, opened, closes, {
      isGuarded,
      isKnown: named.push !== undefined && named.merge !== undefined,
    }),
    found,
    opened,
    closes,
    isProtected: matching.length > 0,
  };
}

function stateOf(
  found: ProtectedBranch | undefined,
  opened: readonly Opened[],
  closes: readonly string[],
  { isGuarded, isKnown }: { readonly isGuarded: boolean; readonly isKnown: boolean },
): RuleState {
  if (opened.length > 0) return "wider";
  if (!found) return "missing";
  if (closes.length > 0) return "narrower";
  if (!isGuarded) return "no guard";
  return isKnown ? "as declared" : "not known";
}

function expectedRule({ branch, push, merge, forcePush }: DeclaredRule, named: NamedEntries): ProtectedBranch {
  return {
    name: branch,
    push_access_levels: [{ access_level: levelOf(push) }, ...(named.push ?? [])],
    merge_access_levels: [{ access_level: levelOf(merge) }, ...(named.merge ?? [])],
    allow_force_push: forcePush,
  };
}

/** One matching rule that asks for code owners is enough. */
const unowned = ({ codeOwners, branch }: DeclaredRule, rules: readonly ProtectedBranch[]): string[] =>
  codeOwners && !codeOwnerRule(rules, branch) ? ["push without the approval of code owners"] : [];

/** A rule without the names that cannot be compared. */
const comparable = (rule: ProtectedBranch, { push, merge }: NamedEntries): ProtectedBranch => ({
  ...rule,
  push_access_levels: push ? rule.push_access_levels : rule.push_access_levels.filter(isRole),
  merge_access_levels: merge ? rule.merge_access_levels : rule.merge_access_levels.filter(isRole),
});
