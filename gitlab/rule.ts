import { type AccessLevel, admits, type BotRole, opensMoreThan } from "./access-level";
import type { BranchPattern } from "./branch-pattern";

/** A bot as a rule names it: who it is and which role it has in the project. */
export interface RuleBot {
  /** Anything that tells bots apart. */
  readonly id: string;
  readonly role: BotRole;
}

/** One protected-branch rule, exact or wildcard, as far as it decides who may push, merge and force-push. */
export interface Rule {
  readonly pattern: BranchPattern;
  readonly push: AccessLevel;
  /** Bots listed by `user_id` beside the push level (Premium). */
  readonly bots: readonly RuleBot[];
  readonly merge: AccessLevel;
  readonly allowForcePush: boolean;
}

/**
 * What `wide` lets happen on a branch that `narrow` forbids there, in words; empty when nothing.
 *
 * GitLab asks every rule that matches a branch and takes the most permissive answer, so an exact name does not override a wildcard.
 * @see https://docs.gitlab.com/user/project/repository/branches/protected/
 */
export function opensBeyond(wide: Rule, narrow: Rule): string[] {
  const opened: string[] = [];
  if (opensMoreThan(wide.push, narrow.push)) opened.push(`push (${wide.push} instead of ${allowed(narrow)})`);
  const strangers = wide.bots.filter((bot) => !letsIn(narrow, bot));
  if (strangers.length > 0) opened.push(`push (${strangers.map(({ id }) => `the bot of ${id}`).join(", ")})`);
  if (opensMoreThan(wide.merge, narrow.merge)) opened.push(`merge (${wide.merge} instead of ${narrow.merge})`);
  if (wide.allowForcePush && !narrow.allowForcePush) opened.push("force push");
  return opened;
}

/** Whether `bot` may push to a branch under this rule alone. */
export const letsIn = (rule: Rule, bot: RuleBot): boolean =>
  admits(rule.push, bot.role) || rule.bots.some(({ id }) => id === bot.id);

const allowed = (rule: Rule): string => (rule.bots.length > 0 ? "the bot only" : rule.push);
