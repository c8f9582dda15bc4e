import { levelOf } from "../../gitlab/access-level";
import {
  type AccessEntry,
  codeOwnerRule,
  isClosed,
  isRole,
  matchingRules,
  opensBeyond,
  opensMore,
  type ProtectedBranch,
  unprotecters,
} from "../../gitlab/protected-branch";
import type { DeclaredRule } from "../../inventory/pushers";
import { type Opened, type RuleVerdict, verdictOf } from "./rule-state";

/** Those whom a rule of the inventory lets in by name; undefined = nobody can tell. */
export interface NamedEntries {
  readonly push: readonly AccessEntry[] | undefined;
  readonly merge: readonly AccessEntry[] | undefined;
  readonly unprotect: readonly AccessEntry[] | undefined;
}

/** A branch rule beside what GitLab has in its place. */
export interface RuleStatus {
  readonly rule: DeclaredRule;
  /** Undefined when GitLab was not asked, or did not show the project's rules. */
  readonly verdict?: RuleVerdict<ProtectedBranch>;
}

/**
 * Compares a branch rule with all that the project has, since the most permissive one that matches decides; who may take it away is up to itself.
 * @param named whom it lets in by name, as GitLab lists them; undefined = nobody can tell, and nobody is compared by name
 */
export function judgeRule(
  declared: DeclaredRule,
  rules: readonly ProtectedBranch[],
  named: NamedEntries,
): RuleVerdict<ProtectedBranch> {
  const compared = rules.map((rule) => comparable(rule, named));
  const expected = expectedRule(declared, named);
  const matching = matchingRules(compared, declared.branch);
  const found = matching.find(({ name, inherited }) => name === declared.branch && !inherited);
  const opened = matching
    .map((rule): Opened<ProtectedBranch> => {
      const isOwn = rule === found;
      const opens = [
        ...opensBeyond(rule, expected),
        ...(isOwn ? [...unowned(declared, rules), ...loosens(rule, expected)] : []),
      ];
      return { rule, opens, isOwn };
    })
    .filter(({ opens }) => opens.length > 0);
  const closes = found ? [...opensBeyond(expected, found), ...loosens(expected, found)] : [];
  const guard = compared.find(({ name }) => name === declared.guard);
  return verdictOf(
    { found, opened, closes, isProtected: matching.length > 0 },
    {
      isGuarded: declared.guard === undefined || (guard !== undefined && isClosed(guard)),
      isKnown: ![named.push, named.merge, named.unprotect].includes(undefined),
    },
  );
}

function expectedRule(
  { branch, push, merge, unprotect, forcePush }: DeclaredRule,
  named: NamedEntries,
): ProtectedBranch {
  return {
    name: branch,
    push_access_levels: [{ access_level: levelOf(push) }, ...(named.push ?? [])],
    merge_access_levels: [{ access_level: levelOf(merge) }, ...(named.merge ?? [])],
    unprotect_access_levels: [{ access_level: levelOf(unprotect) }, ...(named.unprotect ?? [])],
    allow_force_push: forcePush,
  };
}

/** One matching rule that asks for code owners is enough. */
const unowned = ({ codeOwners, branch }: DeclaredRule, rules: readonly ProtectedBranch[]): string[] =>
  codeOwners && !codeOwnerRule(rules, branch) ? ["push without the approval of code owners"] : [];

/** Tells whether somebody may take one rule away who may not take the other. */
const loosens = (wide: ProtectedBranch, narrow: ProtectedBranch): string[] =>
  opensMore("unprotect", unprotecters(wide), unprotecters(narrow));

/** A rule without the names that cannot be compared. */
const comparable = (rule: ProtectedBranch, { push, merge, unprotect }: NamedEntries): ProtectedBranch => ({
  ...rule,
  push_access_levels: push ? rule.push_access_levels : rule.push_access_levels.filter(isRole),
  merge_access_levels: merge ? rule.merge_access_levels : rule.merge_access_levels.filter(isRole),
  unprotect_access_levels: unprotect ? rule.unprotect_access_levels : rule.unprotect_access_levels?.filter(isRole),
});
