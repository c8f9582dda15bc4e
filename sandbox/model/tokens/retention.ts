import { addDays } from "../clock";
import type { Store } from "../store";
import type { User } from "../users/user";
import { inactiveSince, isActive } from "./access-token";

const lastSweep = new WeakMap<Store, string>();

/**
 * Deletes bots whose last token has been inactive for longer than
 * `inactive_resource_access_tokens_delete_after_days`, with their tokens and memberships, as GitLab's daily worker
 * does. Cheap to call often: it works once per UTC day of the sandbox's clock.
 */
export function sweepInactiveTokens(store: Store): void {
  const today = store.clock.today();
  if (lastSweep.get(store) === today) return;
  lastSweep.set(store, today);
  const kept = store.settings.inactive_resource_access_tokens_delete_after_days;
  if (kept === null) return;
  const limit = addDays(today, -kept);
  for (const user of store.users.all()) {
    if (user.botOf && isForgotten(store, user, limit)) deleteBot(store, user);
  }
}

/** Removes a bot with everything that names it. */
export function deleteBot(store: Store, bot: User): void {
  for (const token of store.tokensOfUser(bot.id)) store.tokens.delete(token);
  store.memberships.removeUser(bot.id);
  for (const rule of store.protectedBranches.all()) {
    rule.push = rule.push.filter((entry) => entry.userId !== bot.id);
    rule.merge = rule.merge.filter((entry) => entry.userId !== bot.id);
    rule.unprotect = rule.unprotect.filter((entry) => entry.userId !== bot.id);
  }
  store.users.delete(bot);
}

function isForgotten(store: Store, bot: User, limit: string): boolean {
  const tokens = store.tokensOfUser(bot.id);
  if (tokens.some((token) => isActive(token, store.clock))) return false;
  return tokens.every((token) => inactiveSince(token, store.clock)! < limit);
}
