import type { DefaultBranchProtection } from "../instance/settings";
import { AccessLevel } from "../members/access-level";
import type { Store } from "../store";
import type { Group, Namespace } from "./namespace";

const rules = (push: number, merge: number, more: Partial<DefaultBranchProtection> = {}): DefaultBranchProtection => ({
  allowed_to_push: [{ access_level: push }],
  allowed_to_merge: [{ access_level: merge }],
  allow_force_push: false,
  developer_can_initial_push: false,
  ...more,
});

const { Developer, Maintainer } = AccessLevel;

/** The level of those that say nothing. */
export const FULLY_PROTECTED = 2;

/** The rules that each level stands for (`Gitlab::Access::BranchProtection`). */
export const PROTECTION_LEVELS: Readonly<Record<number, DefaultBranchProtection>> = {
  0: rules(Developer, Developer, { allow_force_push: true }),
  1: rules(Developer, Maintainer),
  [FULLY_PROTECTED]: rules(Maintainer, Maintainer),
  3: rules(Maintainer, Developer),
  4: rules(Maintainer, Maintainer, { developer_can_initial_push: true }),
};

/** A group's own rules of new default branches, else the instance's; those of the groups above it do not count. */
export function branchProtectionOf(store: Store, namespace: Namespace | undefined): DefaultBranchProtection {
  const own = namespace?.kind === "group" ? (namespace as Group).branchProtection : undefined;
  return own?.defaults ?? store.settings.default_branch_protection_defaults;
}

/** Tells whether a new default branch gets a rule at all: not where Developers may do everything. */
export function protects({ allowed_to_push, allowed_to_merge, allow_force_push }: DefaultBranchProtection): boolean {
  const developers = (list: DefaultBranchProtection["allowed_to_push"]): boolean =>
    list.some(({ access_level }) => access_level === Developer);
  if (allowed_to_push.length === 0) return false;
  return !(allow_force_push && developers(allowed_to_push) && developers(allowed_to_merge));
}
