/** The least role that may push at all. @see https://docs.gitlab.com/user/permissions/ */
export const DEVELOPER = 30;
export const MAINTAINER = 40;

const ROLES: Readonly<Record<number, string>> = {
  5: "Minimal Access",
  10: "Guest",
  15: "Planner",
  20: "Reporter",
  [DEVELOPER]: "Developer",
  [MAINTAINER]: "Maintainer",
  50: "Owner",
};

/** A member's access level in GitLab's words. */
export const roleName = (level: number): string => ROLES[level] ?? (level === 0 ? "no role" : `access level ${level}`);
