import type { Attributes, Change, Plan } from "../../stacks/plan";
import { type Existing, homeOf } from "../existing/existing";
import { botOf } from "./bot-in-words";
import { subjectKey } from "./declared-rule";
import { RULE, TAG_RULE } from "./rule-effects";
import { TOKEN } from "./token-effects";

/** A plan whose rules say who the people, groups, keys and bots are that they list by number, as far as GitLab told. */
export function withNames(plan: Plan, { homes }: Existing): Plan {
  const bots = botsIn(plan.changes);
  const named = (change: Change): Change => {
    if (change.type !== RULE && change.type !== TAG_RULE) return change;
    const names = homes.get(homeOf(change.after ?? change.before ?? {}) ?? "")?.names;
    const side = (attributes: Attributes | null) =>
      attributes &&
      Object.fromEntries(
        Object.entries(attributes).map(([key, value]) => [
          key,
          isList(key, value) ? value.map((entry) => withName(entry, names, bots)) : value,
        ]),
      );
    return { ...change, before: side(change.before), after: side(change.after) };
  };
  return { ...plan, changes: plan.changes.map(named) };
}

/** Words for the bots of a plan's tokens, by the numbers of their users. */
export const botsIn = (changes: readonly Change[]): ReadonlyMap<unknown, string> =>
  new Map(
    changes
      .filter(({ type }) => type === TOKEN)
      .flatMap((token) =>
        [token.before?.user_id, token.after?.user_id].flatMap((id): [unknown, string][] =>
          id ? [[id, botOf(token)]] : [],
        ),
      ),
  );

/** Those whom the rules of some changes list by number. */
export const listedIn = (changes: readonly Change[]): Attributes[] =>
  changes
    .filter(({ type }) => type === RULE || type === TAG_RULE)
    .flatMap(({ before, after }) => [before, after])
    .flatMap((side) => Object.entries(side ?? {}))
    .flatMap(([key, value]) => (isList(key, value) ? value : []));

const isList = (key: string, value: unknown): value is readonly Attributes[] =>
  /^allowed_to_/.test(key) && Array.isArray(value) && value.every((each) => typeof each === "object" && each !== null);

function withName(
  entry: Attributes,
  names: ReadonlyMap<string, string> | undefined,
  bots: ReadonlyMap<unknown, string>,
): Attributes {
  const bot = entry.user_id ? bots.get(entry.user_id) : undefined;
  return bot === undefined ? { ...entry, name: names?.get(subjectKey(entry)) } : { ...entry, bot };
}
