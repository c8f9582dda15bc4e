import type { Clock } from "../clock";
import type { Source } from "../members/member";

/** A name and a secret that read a project, or the projects of a group, for no user. Only the secret's digest is kept. */
export interface DeployToken {
  readonly id: number;
  readonly source: Source;
  readonly sourceId: number;
  readonly name: string;
  readonly username: string;
  readonly digest: string;
  readonly scopes: readonly string[];
  /** ISO 8601; it lives through that day. null = never ends. */
  readonly expiresAt: string | null;
}

/** In GitLab's order, by which it shows them. */
export const DEPLOY_TOKEN_SCOPES: readonly string[] = [
  "read_repository",
  "read_registry",
  "write_registry",
  "read_package_registry",
  "write_package_registry",
  "read_virtual_registry",
  "write_virtual_registry",
];

export function isDeployTokenExpired({ expiresAt }: DeployToken, clock: Clock): boolean {
  return expiresAt !== null && expiresAt.slice(0, 10) < clock.today();
}
