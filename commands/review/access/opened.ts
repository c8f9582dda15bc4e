import { type Opening, openings, openingText, type ProtectedBranch } from "../../../gitlab/protected-branch";
import { happens, type Plan } from "../../stacks/plan";
import { NEW_BOT } from "../effects/declared-rule";
import type { Effect } from "../effects/effect";
import { guardsOf, RULE, titleOf } from "../effects/rule-effects";
import { type Existing, homeOf } from "../existing/existing";
import { sideOf, sidesOf } from "./access";

/**
 * Effects of rules that open after a deploy what another one closes, whoever made them: where the plan changes one of the two. Nothing of a
 * target whose rules GitLab did not show.
 */
export function openedEffects(plan: Plan, { homes }: Existing): Effect[] {
  const guards = guardsOf(plan);
  const rules = plan.changes.filter(({ type, deposed }) => !deposed && type === RULE);
  return rules
    .filter((change) => happens(change) && change.after !== null && !guards.has(change))
    .flatMap((change) => {
      const home = homeOf(sideOf(change));
      const today = homes.get(home ?? "")?.rules;
      if (!today) return [];
      const [, then] = sidesOf(
        today,
        rules.filter((each) => homeOf(sideOf(each)) === home),
      );
      return openings(then.rules.filter(isTold).map(withoutNewBots))
        .filter((opening) => isOf(opening, String(sideOf(change).branch)))
        .map((opening): Effect => {
          const danger = `opened although a rule closes it: ${openingText(opening)}`;
          return { stack: plan.stack, pusher: null, kind: "opened", what: titleOf(change, guards), danger };
        });
    });
}

const isOf = ({ opener, closed }: Opening, name: string): boolean =>
  [opener, closed].some((rule) => rule.name === name && !rule.inherited);

/** A GitLab may tell less of a rule to whoever may see less. */
const isTold = ({ push_access_levels: push, merge_access_levels: merge }: Partial<ProtectedBranch>): boolean =>
  push !== undefined && merge !== undefined;

/** A rule without the bots that come with the deploy: who gains push by those is told elsewhere. */
const withoutNewBots = (rule: ProtectedBranch): ProtectedBranch => ({
  ...rule,
  push_access_levels: rule.push_access_levels.filter(({ user_id: user }) => user !== NEW_BOT),
  merge_access_levels: rule.merge_access_levels.filter(({ user_id: user }) => user !== NEW_BOT),
});
