import type { ObservedToken } from "../../estate/observed";

/**
 * The state of GitLab's tokens for a slot:
 * - `active`: one living token of the inventory's date
 * - `not deployed`: the living token has another date, and none of the inventory's date was ever made
 * - `rotated elsewhere`: the token of the inventory's date was rotated by something else than a deploy of it; its successor lives
 * - `bot removed`: the token lives, but its bot is no member of the project any more, so it cannot push
 * - `expired`, `revoked`: dead
 * - `unknown`: GitLab has no such token
 */
export type SlotState =
  | "active"
  | "not deployed"
  | "rotated elsewhere"
  | "bot removed"
  | "expired"
  | "revoked"
  | "unknown";

export interface Verdict {
  readonly state: SlotState;
  /** The token the verdict is about; none when the state is `unknown`. */
  readonly token?: ObservedToken;
}

/**
 * Judges a slot by all tokens with its mark, living and dead.
 *
 * The inventory knows a token by its date only, and Terraform's state by its id: where the state is not at hand, the token of the
 * inventory's date that was made last is taken for Terraform's, as every deploy leaves it.
 * @param expires the inventory's date, `YYYY-MM-DD`
 * @param managed id of the token in Terraform's state; null when the state has none, undefined when there is no state to ask
 */
export function judge(tokens: readonly ObservedToken[], expires: string, managed?: number | null): Verdict {
  const newestFirst = [...tokens].sort((a, b) => b.id - a.id);
  const own = ownToken(newestFirst, expires, managed);
  if (!own) return { state: "unknown" };
  if (own.active) return { state: livingState(own, newestFirst, expires, managed), token: own };
  return { state: own.revoked ? "revoked" : "expired", token: own };
}

function ownToken(
  newestFirst: readonly ObservedToken[],
  expires: string,
  managed: number | null | undefined,
): ObservedToken | undefined {
  if (managed !== undefined) {
    const known = newestFirst.find(({ id }) => id === managed);
    if (!known?.revoked) return known;
    return newestFirst.find((token) => token.active && token.user_id === known.user_id) ?? known;
  }
  const living = newestFirst.filter(({ active }) => active);
  const dated = (token: ObservedToken) => token.expires_at === expires;
  return living.find(dated) ?? living[0] ?? newestFirst[0];
}

function livingState(
  own: ObservedToken,
  tokens: readonly ObservedToken[],
  expires: string,
  managed: number | null | undefined,
): SlotState {
  if (!own.access_level) return "bot removed";
  // A rotation keeps the bot. A deploy rotates to another date only, so a predecessor of the inventory's date was not rotated by one.
  const rotated =
    typeof managed === "number"
      ? own.id !== managed
      : tokens.some((other) => other.revoked && other.user_id === own.user_id && other.expires_at === expires);
  if (rotated) return "rotated elsewhere";
  return own.expires_at === expires ? "active" : "not deployed";
}
