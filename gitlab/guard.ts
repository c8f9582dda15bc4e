import { BranchPattern } from "./branch-pattern";

/** A protected-branch rule as a state or a plan has it. */
export interface KnownRule {
  /** The resource's name, which cdktf gave it. */
  readonly name: string;
  readonly project: string;
  readonly branch: string;
  /** Tells whether it lets nobody in, for anything. */
  readonly closed: boolean;
}

/** The name that cdktf gives a guard; and, because of its branch, a rule for `main_Guard` or `bodyGuard`. */
const GUARD_NAME = /Guard_[0-9A-F]{8}$/;

/**
 * The guards among rules, each with the rule it belongs to. A name alone makes no guard: it lets nobody in, under the name that is the
 * companion of the rule's.
 */
export function guardsAmong<R extends KnownRule>(rules: readonly R[]): Map<R, R> {
  const byCompanion = new Map(rules.flatMap((rule) => companionOf(rule).map((name): [string, R] => [name, rule])));
  return new Map(
    rules.flatMap((guard): [R, R][] => {
      if (!guard.closed || !GUARD_NAME.test(guard.name)) return [];
      const rule = byCompanion.get(placeOf(guard));
      return rule ? [[guard, rule]] : [];
    }),
  );
}

/** Tells whether a rule is a guard whose own rule is not among those that are known, as it waits for the next deploy. */
export const isLoneGuard = <R extends KnownRule>(rule: R, guards: ReadonlyMap<R, R>): boolean =>
  rule.closed && GUARD_NAME.test(rule.name) && !guards.has(rule) && guardedBy(rule.branch) !== undefined;

/** The branch or pattern that a guard of this name is for: `main` of `mai*n`, `release/*` of `release/**`; undefined: it is no guard's name. */
export function guardedBy(name: string): string | undefined {
  const guarded = name.includes("**") ? name.replace("**", "*") : name.replace("*", "");
  const pattern = BranchPattern.read(guarded);
  return pattern instanceof BranchPattern && pattern.companion() === name ? guarded : undefined;
}

function companionOf({ project, branch }: KnownRule): string[] {
  const pattern = BranchPattern.read(branch);
  return pattern instanceof BranchPattern ? [placeOf({ project, branch: pattern.companion() })] : [];
}

const placeOf = ({ project, branch }: Pick<KnownRule, "project" | "branch">): string => `${project}:${branch}`;
