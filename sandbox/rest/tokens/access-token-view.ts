import { has } from "../../model/instance/release";
import type { Store } from "../../model/store";
import { type AccessToken, isActive } from "../../model/tokens/access-token";
import type { Call } from "../call";
import { day, flag, moment, oneOf, text } from "../parameters";

/** The fields every kind of access token shows. */
export function presentToken(store: Store, token: AccessToken): Record<string, unknown> {
  return {
    id: token.id,
    name: token.name,
    revoked: token.revoked,
    created_at: token.createdAt,
    ...(has(store.version, "17.7") ? { description: token.description } : {}),
    scopes: token.scopes,
    user_id: token.userId,
    last_used_at: token.lastUsedAt,
    active: isActive(token, store.clock),
    expires_at: token.expiresAt,
  };
}

const SORTS = [
  "created_asc",
  "created_desc",
  "expires_asc",
  "expires_desc",
  "last_used_asc",
  "last_used_desc",
  "name_asc",
  "name_desc",
] as const;

/** GitLab's list filters, as the query asks for them. */
export function filterTokens(call: Call, tokens: readonly AccessToken[]): AccessToken[] {
  const query = call.read({
    revoked: flag(),
    state: oneOf(["active", "inactive"]),
    search: text(),
    created_after: moment(),
    created_before: moment(),
    last_used_after: moment(),
    last_used_before: moment(),
    expires_after: day(),
    expires_before: day(),
    sort: oneOf(SORTS),
  });
  const { clock } = call.store;
  const needle = query.search?.toLowerCase();
  const within = (at: string | null, after?: Date, before?: Date): boolean =>
    (!after || (at !== null && new Date(at) >= after)) && (!before || (at !== null && new Date(at) <= before));
  const found = tokens
    .filter((token) => query.revoked === undefined || token.revoked === query.revoked)
    .filter((token) => query.state === undefined || isActive(token, clock) === (query.state === "active"))
    .filter((token) => needle === undefined || token.name.toLowerCase().includes(needle))
    .filter((token) => within(token.createdAt, query.created_after, query.created_before))
    .filter((token) => within(token.lastUsedAt, query.last_used_after, query.last_used_before))
    .filter((token) => !query.expires_after || (token.expiresAt !== null && token.expiresAt >= query.expires_after))
    .filter((token) => !query.expires_before || (token.expiresAt !== null && token.expiresAt <= query.expires_before));
  return query.sort === undefined ? found : sorted(found, query.sort);
}

function sorted(tokens: AccessToken[], sort: (typeof SORTS)[number]): AccessToken[] {
  const keys: Record<string, (token: AccessToken) => string> = {
    created: (token) => token.createdAt,
    expires: (token) => token.expiresAt ?? "9999",
    last_used: (token) => token.lastUsedAt ?? "",
    name: (token) => token.name,
  };
  const key = keys[sort.replace(/_(asc|desc)$/, "")]!;
  const direction = sort.endsWith("_desc") ? -1 : 1;
  return tokens.sort((a, b) => direction * (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.id - b.id));
}
