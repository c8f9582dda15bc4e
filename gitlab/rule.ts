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
  /** Users, groups and deploy keys listed beside the push level, `user anna` (Premium). @default - none */
  readonly pushers?: readonly string[];
  readonly merge: AccessLevel;
  /** Bots, users and groups listed beside the merge level (Premium). @default - none */
  readonly mergers?: readonly string[];
  readonly allowForcePush: boolean;
}

/** Those who may push to a branch, or create a tag. */
export type Access = Pick<Rule, "push" | "bots" | "pushers">;

/** One protected-tag rule, exact or wildcard: who may create the tags it matches stands where who may push does. */
export type TagCreation = Access & Pick<Rule, "pattern">;

/**
 * Lists what `wide` lets happen on a branch that `narrow` forbids there, in words; empty when nothing.
 *
 * GitLab asks every rule that matches a branch and takes the most permissive answer, so an exact name does not override a wildcard.
 * @see https://docs.gitlab.com/user/project/repository/branches/protected/
 */
export function opensBeyond(wide: Rule, narrow: Rule): string[] {
  const opened = accessBeyond(wide, narrow, "push");
  if (opensMoreThan(wide.merge, narrow.merge)) opened.push(`merge (${wide.merge} instead of ${narrow.merge})`);
  const mergers = strangers(wide.mergers, narrow.mergers, narrow.merge);
  if (mergers.length > 0) opened.push(`merge (${mergers.join(", ")})`);
  if (wide.allowForcePush && !narrow.allowForcePush) opened.push("force push");
  return opened;
}

/** The same for tags, whose rules add up in the same way. */
export const opensTagsBeyond = (wide: Access, narrow: Access): string[] => accessBeyond(wide, narrow, "create");

function accessBeyond(wide: Access, narrow: Access, right: string): string[] {
  const opened: string[] = [];
  if (opensMoreThan(wide.push, narrow.push)) opened.push(`${right} (${wide.push} instead of ${allowed(narrow)})`);
  const bots = wide.bots.filter((bot) => !letsIn(narrow, bot)).map(({ id }) => `the bot of ${id}`);
  const people = [...bots, ...strangers(wide.pushers, narrow.pushers, narrow.push)];
  if (people.length > 0) opened.push(`${right} (${people.join(", ")})`);
  return opened;
}

/** Tells whether `bot` may push to a branch, or create a tag, under this rule alone. */
export const letsIn = (rule: Rule | Access, bot: RuleBot): boolean =>
  admits(rule.push, bot.role) || rule.bots.some(({ id }) => id === bot.id);

/** Those listed in `wide` alone. Whom a list may name is a Developer at least; a deploy key has no role. */
const strangers = (wide: readonly string[] = [], narrow: readonly string[] = [], level: AccessLevel): string[] =>
  wide.filter((name) => !narrow.includes(name) && (level !== "developer" || name.startsWith("deploy key")));

function allowed({ push, bots, pushers = [] }: Access): string {
  const names = [...(bots.length > 0 ? ["the bot"] : []), ...pushers];
  if (names.length === 0) return push;
  return push === "no one" ? `${names.join(", ")} only` : [push, ...names].join(", ");
}
