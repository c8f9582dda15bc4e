import { DEVELOPER } from "../../gitlab/role";
import { markedPath } from "../../gitlab/token-mark";
import type { TokenPicture } from "../estate";
import type { TokenRecord } from "../identities";

/** The owner of a token. */
export type Owner = Pick<TokenPicture, "kind" | "home" | "username">;

const PUSHING_SCOPES = ["write_repository", "api"];

/** Tells whether a living token may push anywhere at all: by its scopes and, where that is told, its role. */
export function canPush({ active, scopes, access_level: level }: TokenRecord): boolean {
  const isMember = level === undefined || level === null || level >= DEVELOPER;
  return active && isMember && scopes.some((scope) => PUSHING_SCOPES.includes(scope));
}

export function tokenPicture(record: TokenRecord, owner: Owner): TokenPicture {
  return {
    id: record.id,
    name: record.name,
    ...owner,
    userId: record.user_id,
    scopes: record.scopes,
    level: record.access_level ?? undefined,
    createdAt: record.created_at,
    expiresAt: record.expires_at,
    lastUsedAt: record.last_used_at,
    slot: markedPath(record.description),
  };
}

/** The owner of a token, by the name that GitLab gives to bots. */
export function ownerOf(username: string, isBot: boolean | undefined): Owner {
  const [, kind] = /^(project|group)_\d+_bot/.exec(username) ?? [];
  return isBot && kind
    ? { kind: kind as "project" | "group", home: undefined, username }
    : { kind: "personal", home: undefined, username };
}
