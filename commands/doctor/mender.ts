import type { Names } from "./names";

/** Those who can mend a cause: the author of the job, or somebody to ask. */
export type Mender = keyof typeof MENDERS;

/** Each in words. */
export const MENDERS = {
  self: "whoever writes the job: you can do it yourself",
  source: (n: Names) => `a Maintainer of ${n.source}`,
  target: (n: Names) => `a Maintainer of ${n.target}`,
  group: (n: Names) => `an Owner of the group above ${n.target}`,
  keeper: (n: Names) => `whoever keeps the pushers' inventory, or a Maintainer of ${n.target}`,
  runner: "whoever operates the runner",
  admin: "an administrator of this GitLab",
} as const;
