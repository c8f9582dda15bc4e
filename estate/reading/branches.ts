import {
  type AccessEntry,
  guardsOf,
  letsPush,
  matchingRules,
  type ProtectedBranch,
  type RuleSubject,
  unprotecters,
} from "../../gitlab/protected-branch";
import { DEVELOPER } from "../../gitlab/role";
import type { BranchPicture, TagPicture, TokenPicture } from "../estate";
import type { TagRule } from "../reader";
import { type Who, whoOf } from "../who";

/** Pictures of the default branch, of the branches that each rule is for, and of those that no rule matches: who may do what. */
export function branchPictures(
  rules: readonly ProtectedBranch[],
  defaultBranch: string | null,
  tokens: readonly TokenPicture[],
): BranchPicture[] {
  const guards = guardsOf(rules);
  const named = rules.map((rule) => ({
    ...covered(rules, rule.name, tokens),
    inherited: rule.inherited === true,
    guard: guards.has(rule),
  }));
  const hasOwn = rules.some(({ name }) => name === defaultBranch);
  const isWhole = rules.some(({ name }) => /^\*+$/.test(name));
  return [
    ...(defaultBranch === null || hasOwn
      ? []
      : [{ ...covered(rules, defaultBranch, tokens), kind: "default" as const }]),
    ...named,
    ...(isWhole ? [] : [{ ...open("*", tokens), kind: "others" as const }]),
  ];
}

export const tagPictures = (rules: readonly TagRule[]): TagPicture[] =>
  rules.map(({ name, create_access_levels: entries }) => ({ name, create: whoOf(entries) }));

/** By all rules that match a branch, or every branch of a pattern: the most permissive one decides, but for code owners. */
function covered(rules: readonly ProtectedBranch[], name: string, tokens: readonly TokenPicture[]): BranchPicture {
  const matching = matchingRules(rules, name);
  if (matching.length === 0) return open(name, tokens);
  const all = (entries: (rule: ProtectedBranch) => readonly AccessEntry[] | undefined): Who[] =>
    whoOf(matching.flatMap((rule) => entries(rule) ?? []));
  const isTold = matching.some((rule) => rule.unprotect_access_levels !== undefined);
  const codeOwners = matching.map((rule) => rule.code_owner_approval_required);
  return {
    name,
    kind: "rule",
    protected: true,
    inherited: false,
    guard: false,
    push: all((rule) => rule.push_access_levels),
    merge: all((rule) => rule.merge_access_levels),
    unprotect: isTold ? all((rule) => rule.unprotect_access_levels && unprotecters(rule)) : undefined,
    forcePush: matching.some((rule) => rule.allow_force_push),
    codeOwners: codeOwners.every((asked) => asked === undefined) ? undefined : codeOwners.includes(true),
    tokens: tokens
      .filter((token) => matching.some((rule) => letsPush(rule, subjectOf(token)) === "yes"))
      .map(({ id }) => id),
  };
}

/** A branch without a rule: every Developer may push to it, and rewrite it. */
function open(name: string, tokens: readonly TokenPicture[]): BranchPicture {
  const developers = [{ kind: "role" as const, level: DEVELOPER }];
  return {
    name,
    kind: "rule",
    protected: false,
    inherited: false,
    guard: false,
    push: developers,
    merge: developers,
    unprotect: undefined,
    forcePush: true,
    codeOwners: undefined,
    tokens: tokens.filter(({ level }) => level !== undefined && level >= DEVELOPER).map(({ id }) => id),
  };
}

/** As rules see the token's user. */
export const subjectOf = ({ userId, level }: TokenPicture): RuleSubject => ({ userId, level });
