import type { Store } from "../store";
import type { AccessToken } from "./access-token";
import { digestOf, newTokenValue } from "./value";

/** Stores a token of any kind. @param familyId the token it was rotated out of; left out: its own family */
export function insertToken(
  store: Store,
  fields: Pick<AccessToken, "userId" | "name" | "description" | "scopes" | "expiresAt"> & { familyId?: number },
): { token: AccessToken; value: string } {
  const id = store.tokens.nextId();
  const value = newTokenValue("glpat-", fields.userId);
  const token = store.tokens.insert({
    ...fields,
    id,
    familyId: fields.familyId ?? id,
    digest: digestOf(value),
    createdAt: store.clock.timestamp(),
    revoked: false,
    revokedAt: null,
    lastUsedAt: null,
  });
  return { token, value };
}
