import type { Clock } from "../clock";

/** A personal, project or group access token. The value itself is never kept, only its digest, as in GitLab. */
export interface AccessToken {
  readonly id: number;
  /** SHA-256 of the value. */
  readonly digest: string;
  /** The person, or the bot, it authenticates. */
  readonly userId: number;
  readonly name: string;
  readonly description: string | null;
  readonly scopes: readonly string[];
  /** `YYYY-MM-DD`; dead at 00:00 UTC of that day. null = never. */
  readonly expiresAt: string | null;
  readonly createdAt: string;
  revoked: boolean;
  revokedAt: string | null;
  lastUsedAt: string | null;
  /** A token and all that were rotated out of it share one family. */
  readonly familyId: number;
}

export function isExpired(token: AccessToken, clock: Clock): boolean {
  return token.expiresAt !== null && token.expiresAt <= clock.today();
}

export function isActive(token: AccessToken, clock: Clock): boolean {
  return !token.revoked && !isExpired(token, clock);
}

/** The UTC day a token stopped working; undefined while it works. */
export function inactiveSince(token: AccessToken, clock: Clock): string | undefined {
  const days: string[] = [];
  if (token.revoked && token.revokedAt) days.push(token.revokedAt.slice(0, 10));
  if (token.expiresAt !== null && isExpired(token, clock)) days.push(token.expiresAt);
  return days.sort()[0];
}

const REPOSITORY_SCOPES = ["read_repository", "write_repository"] as const;

/** Scopes a personal token may ask for; `sudo` and `admin_mode` only for administrators. */
export const PERSONAL_SCOPES: readonly string[] = [
  "api",
  "read_user",
  "read_api",
  ...REPOSITORY_SCOPES,
  "read_registry",
  "write_registry",
  "read_virtual_registry",
  "write_virtual_registry",
  "sudo",
  "admin_mode",
  "create_runner",
  "manage_runner",
  "ai_features",
  "k8s_proxy",
  "self_rotate",
  "read_service_ping",
];

/** Scopes a project or group access token may ask for. */
export const RESOURCE_SCOPES: readonly string[] = [
  "api",
  "read_api",
  ...REPOSITORY_SCOPES,
  "read_registry",
  "write_registry",
  "read_virtual_registry",
  "write_virtual_registry",
  "create_runner",
  "manage_runner",
  "ai_features",
  "k8s_proxy",
  "self_rotate",
  "read_observability",
  "write_observability",
];
