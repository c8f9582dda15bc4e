import { DEVELOPER, INSTANCE_ADMIN, MAINTAINER } from "./role";

/**
 * Levels of those whom a protected-branch rule lets in, as the provider spells it. A level lets in its role and every higher one.
 * @see https://docs.gitlab.com/api/protected_branches/
 */
export const ACCESS_LEVELS = ["no one", "developer", "maintainer", "admin"] as const;
export type AccessLevel = (typeof ACCESS_LEVELS)[number];

/** Levels of those who may take a rule away or change it; somebody always may. */
export const UNPROTECT_LEVELS = ["developer", "maintainer", "admin"] as const;
export type UnprotectLevel = (typeof UNPROTECT_LEVELS)[number];

/** The roles a push bot may have. Owner is left out on purpose: nothing a push needs. */
export const BOT_ROLES = ["developer", "maintainer"] as const;
export type BotRole = (typeof BOT_ROLES)[number];

const LEVELS: Readonly<Record<AccessLevel, number>> = {
  "no one": 0,
  developer: DEVELOPER,
  maintainer: MAINTAINER,
  admin: INSTANCE_ADMIN,
};

/** A level as GitLab's API writes it. */
export const levelOf = (level: AccessLevel): number => LEVELS[level];

/** The lowest role that a level lets in. */
const lowestLetIn = (level: AccessLevel): number => (level === "no one" ? Number.POSITIVE_INFINITY : LEVELS[level]);

/** Tells whether a rule of `level` lets a member with `role` in. */
export const admits = (level: AccessLevel, role: BotRole): boolean => LEVELS[role] >= lowestLetIn(level);

/** Tells whether `level` lets somebody in whom `other` keeps out: developer opens more than maintainer, which opens more than admin. */
export const opensMoreThan = (level: AccessLevel, other: AccessLevel): boolean =>
  lowestLetIn(level) < lowestLetIn(other);
