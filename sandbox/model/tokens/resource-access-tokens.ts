import { randomBytes } from "node:crypto";
import { addDays } from "../clock";
import { GitLabError } from "../gitlab-error";
import type { Group } from "../groups/namespace";
import { groupLevel, groupMemberLevel, memberLevel, projectLevel } from "../members/access";
import { AccessLevel } from "../members/access-level";
import type { Project } from "../projects/project";
import type { Store } from "../store";
import type { User } from "../users/user";
import { type AccessToken, RESOURCE_SCOPES } from "./access-token";
import { insertToken } from "./access-tokens";

/** The owner of a project or group access token. */
export type Resource =
  | { readonly source: "project"; readonly project: Project }
  | { readonly source: "group"; readonly group: Group };

export interface NewResourceToken {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly description?: string | null;
  /** `YYYY-MM-DD`; a past date is accepted, the token is dead at birth. @default the instance's maximum lifetime */
  readonly expiresAt?: string;
  /** @default 40, Maintainer */
  readonly accessLevel?: number;
}

export function resourceId(resource: Resource): number {
  return resource.source === "project" ? resource.project.id : resource.group.id;
}

/** The role a user holds in the resource, administrators counting as Owner. */
export function resourceLevel(store: Store, user: User, resource: Resource): number {
  return resource.source === "project"
    ? projectLevel(store, user, resource.project)
    : groupLevel(store, user, resource.group);
}

/** Tells whether the user may manage the resource's tokens: Maintainer of a project, Owner of a group. */
export function canManageTokens(store: Store, user: User, resource: Resource): boolean {
  const needed = resource.source === "project" ? AccessLevel.Maintainer : AccessLevel.Owner;
  return resourceLevel(store, user, resource) >= needed;
}

/** All tokens of the resource, active and inactive, oldest first. */
export function resourceTokens(store: Store, resource: Resource): AccessToken[] {
  const bots = store.botsOf(`${resource.source}:${resourceId(resource)}`);
  return bots.flatMap((bot) => store.tokensOfUser(bot.id)).sort((a, b) => a.id - b.id);
}

export function findResourceToken(store: Store, resource: Resource, tokenId: number): AccessToken | undefined {
  const token = store.tokens.get(tokenId);
  const bot = token && store.users.get(token.userId)?.botOf;
  return bot?.source === resource.source && bot.id === resourceId(resource) ? token : undefined;
}

/** The role of the bot behind a token. */
export function tokenLevel(store: Store, token: AccessToken): number {
  const bot = store.users.get(token.userId)?.botOf;
  return (bot && store.memberships.get(bot.source, bot.id, token.userId)?.accessLevel) ?? AccessLevel.NoAccess;
}

/**
 * Makes a token with a bot of its own (GitLab's ResourceAccessTokens::CreateService).
 * Errors: 400 with GitLab's sentence when the caller may not, the role is above the caller's, a scope is unknown or
 * the date is beyond the instance's maximum.
 */
export function createResourceToken(
  store: Store,
  caller: User,
  resource: Resource,
  options: NewResourceToken,
): { token: AccessToken; value: string } {
  const accessLevel = options.accessLevel ?? AccessLevel.Maintainer;
  if (caller.botOf || !canManageTokens(store, caller, resource)) {
    throw GitLabError.badRequest(`User does not have permission to create ${resource.source} access token`);
  }
  if (resourceLevel(store, caller, resource) < accessLevel) {
    throw GitLabError.badRequest("Access level of the token contains permissions not held by the creating user");
  }
  requireScopes(options.scopes);
  const expiresAt = options.expiresAt ?? defaultExpiry(store);
  requireWithinLifetime(store, expiresAt);
  const bot = createBot(store, caller, resource, options.name);
  store.memberships.set({
    userId: bot.id,
    source: resource.source,
    sourceId: resourceId(resource),
    accessLevel,
    // GitLab lets the membership outlive the token: an expired token can still be rotated.
    expiresAt: null,
    createdAt: bot.createdAt,
    createdById: caller.id,
  });
  return insertToken(store, {
    userId: bot.id,
    name: options.name,
    description: options.description ?? null,
    scopes: options.scopes,
    expiresAt,
  });
}

const DEFAULT_ROTATION_DAYS = 7;

/**
 * Revokes a token and makes its successor for the same user, at once and without a grace period.
 * Errors: 400 "Token already revoked", or a date beyond the maximum. An expired token can be rotated.
 * @param expiresAt `YYYY-MM-DD`; left out: one week, or never where the instance does not enforce expiry
 */
export function rotateToken(
  store: Store,
  token: AccessToken,
  expiresAt?: string,
): { token: AccessToken; value: string } {
  if (token.revoked) throw GitLabError.badRequest("Token already revoked");
  const week = addDays(store.clock.today(), DEFAULT_ROTATION_DAYS);
  const expiry = expiresAt ?? (store.settings.require_personal_access_token_expiry ? week : null);
  requireWithinLifetime(store, expiry);
  revokeToken(store, token);
  const { userId, name, description, scopes, familyId } = token;
  return insertToken(store, { userId, name, description, scopes, familyId, expiresAt: expiry });
}

/** A non-administrator needs at least the token's own role. */
export function requireRotatable(store: Store, caller: User, resource: Resource, token: AccessToken): void {
  if (caller.admin || caller.id === token.userId) return;
  const level =
    resource.source === "project"
      ? memberLevel(store, caller, resource.project)
      : groupMemberLevel(store, caller, resource.group);
  if (level >= tokenLevel(store, token)) return;
  throw GitLabError.badRequest("Not eligible to rotate tokens with permissions not held by the user");
}

/** Revokes; the record stays for the retention time. Revoking twice changes nothing. */
export function revokeToken(store: Store, token: AccessToken): void {
  if (token.revoked) return;
  token.revoked = true;
  token.revokedAt = store.clock.timestamp();
}

/** GitLab's reuse detection: a revoked token that tries to rotate takes its whole family with it. */
export function revokeFamily(store: Store, token: AccessToken): void {
  for (const relative of store.tokensOfFamily(token.familyId)) revokeToken(store, relative);
}

function requireScopes(scopes: readonly string[]): void {
  if (scopes.length === 0) throw GitLabError.badRequest("Scopes can't be blank");
  if (!scopes.every((scope) => RESOURCE_SCOPES.includes(scope))) {
    throw GitLabError.badRequest("Scopes can only contain available scopes");
  }
}

function requireWithinLifetime(store: Store, expiresAt: string | null): void {
  if (expiresAt === null) {
    if (!store.settings.require_personal_access_token_expiry) return;
    throw GitLabError.badRequest("Expires at can't be blank");
  }
  const last = addDays(store.clock.today(), store.settings.max_personal_access_token_lifetime);
  if (expiresAt > last) throw GitLabError.badRequest(`Expires at must be before ${last}`);
}

function defaultExpiry(store: Store): string | null {
  if (!store.settings.require_personal_access_token_expiry) return null;
  return addDays(store.clock.today(), store.settings.max_personal_access_token_lifetime);
}

function createBot(store: Store, caller: User, resource: Resource, name: string): User {
  const id = resourceId(resource);
  const username = `${resource.source}_${id}_bot_${randomBytes(16).toString("hex")}`;
  return store.users.insert({
    id: store.users.nextId(),
    username,
    name,
    email: `${username}@noreply.${new URL(store.url).hostname}`,
    admin: false,
    state: "active",
    external: caller.external,
    userType: "project_bot",
    botOf: { source: resource.source, id },
    createdAt: store.clock.timestamp(),
    attributes: {},
  });
}
