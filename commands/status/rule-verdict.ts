import { levelOf } from "../../gitlab/access-level";
import {
  type AccessEntry,
  codeOwnerRule,
  isClosed,
  matchingRules,
  opensBeyond,
  type ProtectedBranch,
} from "../../gitlab/protected-branch";
import type { DeclaredRule } from "./declared";

/**
 * What GitLab has in a branch rule's place:
 * - `as declared`: the rule of the inventory, and no other that opens the branch
 * - `missing`: no rule of that name
 * - `wider`: it, or another one that matches, lets happen what the inventory forbids
 * - `narrower`: it forbids what the inventory allows
 * - `no guard`: the rule of the inventory, without the one that keeps the branch closed while it is replaced
 */
export type RuleState = "as declared" | "missing" | "wider" | "narrower" | "no guard";

/** A rule, and what it lets happen on a branch beyond the inventory, in words. */
export interface Opened {
  readonly rule: ProtectedBranch;
  readonly opens: readonly string[];
  /** Whether it is the rule of the inventory. */
  readonly isOwn: boolean;
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
 * @param bots users of the bots it lets in; undefined = nobody can tell, and people are not compared
 */
export function judgeRule(
  declared: DeclaredRule,
  rules: readonly ProtectedBranch[],
  bots: readonly number[] | undefined,
): RuleVerdict {
  const compared = bots ? rules : rules.map(withoutPeople);
  const expected = expectedRule(declared, bots ?? []);
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
    state: stateOf(found, opened, closes, isGuarded),
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
  isGuarded: boolean,
): RuleState {
  if (opened.length > 0) return "wider";
  if (!found) return "missing";
  if (closes.length > 0) return "narrower";
  return isGuarded ? "as declared" : "no guard";
}

function expectedRule({ branch, push, merge, forcePush }: DeclaredRule, bots: readonly number[]): ProtectedBranch {
  return {
    name: branch,
    push_access_levels: [{ access_level: levelOf(push) }, ...bots.map((user_id) => ({ access_level: 40, user_id }))],
    merge_access_levels: [{ access_level: levelOf(merge) }],
    allow_force_push: forcePush,
  };
}

/** One matching rule that asks for code owners is enough. */
const unowned = ({ codeOwners, branch }: DeclaredRule, rules: readonly ProtectedBranch[]): string[] =>
  codeOwners && !codeOwnerRule(rules, branch) ? ["push without the approval of code owners"] : [];

const withoutPeople = (rule: ProtectedBranch): ProtectedBranch => ({
  ...rule,
  push_access_levels: rule.push_access_levels.filter(isNoUser),
});

const isNoUser = ({ user_id }: AccessEntry): boolean => !user_id;
