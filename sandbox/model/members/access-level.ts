/** GitLab's access levels, as the API numbers them. */
export const AccessLevel = {
  NoAccess: 0,
  MinimalAccess: 5,
  Guest: 10,
  Planner: 15,
  Reporter: 20,
  Developer: 30,
  Maintainer: 40,
  Owner: 50,
  /** Only in branch and tag rules: "Admin" means instance administrators. */
  Admin: 60,
} as const;

/** Levels a member, or a project access token, may have. */
export const MEMBER_LEVELS: readonly number[] = [
  AccessLevel.Guest,
  AccessLevel.Planner,
  AccessLevel.Reporter,
  AccessLevel.Developer,
  AccessLevel.Maintainer,
  AccessLevel.Owner,
];

/** Levels a branch or tag rule may have; `unprotect` and `create` take a subset. */
export const RULE_LEVELS: readonly number[] = [
  AccessLevel.NoAccess,
  AccessLevel.Developer,
  AccessLevel.Maintainer,
  AccessLevel.Admin,
];

const DESCRIPTIONS = new Map<number, string>([
  [AccessLevel.NoAccess, "No one"],
  [AccessLevel.Developer, "Developers + Maintainers"],
  [AccessLevel.Maintainer, "Maintainers"],
  [AccessLevel.Admin, "Instance admins"],
]);

/** The `access_level_description` of a role entry in a rule. */
export function ruleLevelDescription(level: number): string {
  return DESCRIPTIONS.get(level) ?? String(level);
}
