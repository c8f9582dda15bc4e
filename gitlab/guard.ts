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

function companionOf({ project, branch }: KnownRule): string[] {
  const pattern = BranchPattern.read(branch);
  return pattern instanceof BranchPattern ? [placeOf({ project, branch: pattern.companion() })] : [];
}

const placeOf = ({ project, branch }: Pick<KnownRule, "project" | "branch">): string => `${project}:${branch}`;
