/** The least role that may push at all. @see https://docs.gitlab.com/user/permissions/ */
export const DEVELOPER = 30;
export const MAINTAINER = 40;
/** The highest role that a member can have. */
export const OWNER = 50;
/** No role: the instance's own administrators, whom a rule can let in alone. */
export const INSTANCE_ADMIN = 60;

const ROLES: Readonly<Record<number, string>> = {
  5: "Minimal Access",
  10: "Guest",
  15: "Planner",
  20: "Reporter",
  [DEVELOPER]: "Developer",
  [MAINTAINER]: "Maintainer",
  [OWNER]: "Owner",
};

/** A member's access level in GitLab's words. */
export const roleName = (level: number): string => ROLES[level] ?? (level === 0 ? "no role" : `access level ${level}`);
