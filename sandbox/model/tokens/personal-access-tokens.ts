import { addDays } from "../clock";
import { GitLabError } from "../gitlab-error";
import type { Store } from "../store";
import type { User } from "../users/user";
import { type AccessToken, PERSONAL_SCOPES } from "./access-token";
import { insertToken } from "./access-tokens";

export interface NewPersonalToken {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly description?: string | null;
  /** `YYYY-MM-DD`, or null for a token that never expires. @default the instance's maximum lifetime */
  readonly expiresAt?: string | null;
}

/** Makes a personal access token; the value is in the answer and nowhere else. */
export function createPersonalToken(
  store: Store,
  user: User,
  options: NewPersonalToken,
): { token: AccessToken; value: string } {
  const unknown = options.scopes.filter((scope) => !PERSONAL_SCOPES.includes(scope));
  if (unknown.length > 0) throw GitLabError.message(400, { scopes: ["can only contain available scopes"] });
  const longest = addDays(store.clock.today(), store.settings.max_personal_access_token_lifetime);
  return insertToken(store, {
    userId: user.id,
    name: options.name,
    description: options.description ?? null,
    scopes: options.scopes,
    expiresAt: options.expiresAt === undefined ? longest : options.expiresAt,
  });
}
