/**
 * Who a protected-branch rule lets in, as the provider spells it. A level lets in its role and every higher one.
 * @see https://docs.gitlab.com/api/protected_branches/ (0 no one, 30 developer, 40 maintainer, 60 admin)
 */
export const ACCESS_LEVELS = ["no one", "developer", "maintainer", "admin"] as const;
export type AccessLevel = (typeof ACCESS_LEVELS)[number];

/** Who may take a rule away or change it; somebody always may. */
export const UNPROTECT_LEVELS = ["developer", "maintainer", "admin"] as const;
export type UnprotectLevel = (typeof UNPROTECT_LEVELS)[number];

/** The roles a push bot may have. Owner is left out on purpose: nothing a push needs. */
export const BOT_ROLES = ["developer", "maintainer"] as const;
export type BotRole = (typeof BOT_ROLES)[number];

const API_LEVELS: Record<AccessLevel, number> = { "no one": 0, developer: 30, maintainer: 40, admin: 60 };
const ROLE_RANK: Record<BotRole, number> = { developer: 30, maintainer: 40 };
const LOWEST_RANK_LET_IN: Record<AccessLevel, number> = {
  developer: 30,
  maintainer: 40,
  admin: 60,
  "no one": Number.POSITIVE_INFINITY,
};

/** A level as GitLab's API writes it. */
export const levelOf = (level: AccessLevel): number => API_LEVELS[level];

/** Whether a rule of `level` lets a member with `role` in. */
export const admits = (level: AccessLevel, role: BotRole): boolean => ROLE_RANK[role] >= LOWEST_RANK_LET_IN[level];

/** Whether `level` lets somebody in whom `other` keeps out: developer opens more than maintainer, which opens more than admin. */
export const opensMoreThan = (level: AccessLevel, other: AccessLevel): boolean =>
  LOWEST_RANK_LET_IN[level] < LOWEST_RANK_LET_IN[other];
