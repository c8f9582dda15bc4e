import { type Who, whoOf } from "../../../estate/who";
import { type AccessLevel, levelOf } from "../../../gitlab/access-level";
import {
  guardsOf as guardsAmong,
  letsPush,
  matchingRules,
  type ProtectedBranch,
} from "../../../gitlab/protected-branch";
import { DEVELOPER } from "../../../gitlab/role";
import type { Attributes, Change, Plan } from "../../stacks/plan";
import { botOf } from "../effects/bot-in-words";
import { code, isReplaced, nameOf } from "../effects/change-in-words";
import { declaredRule, entriesOf, NEW_BOT, namesIn } from "../effects/declared-rule";
import { guardsOf, RULE, waitingIn } from "../effects/rule-effects";
import { TOKEN } from "../effects/token-effects";
import { whoIs } from "../effects/who-in-words";
import { type Existing, homeOf } from "../existing/existing";

/** Those who gain and who lose push to a branch, or to what a pattern matches, by a deploy; by all rules that match it. */
export interface Access {
  readonly stack: string;
  /** Full path of the project. */
  readonly target: string;
  readonly branch: string;
  readonly gains: readonly string[];
  readonly loses: readonly string[];
}

/** Nothing of a target whose rules GitLab did not show. */
export function accessOf(plan: Plan, { homes }: Existing): Access[] {
  const ours = plan.changes.filter(({ type, deposed }) => !deposed && (type === RULE || type === TOKEN));
  const targets = new Map(ours.map((change) => [homeOf(sideOf(change)), String(sideOf(change).project)] as const));
  return [...targets].flatMap(([home, target]) => {
    const { rules, names } = homes.get(home ?? "") ?? {};
    if (!rules) return [];
    const own = ours.filter((change) => homeOf(sideOf(change)) === home);
    const sides = sidesOf(rules, own, names);
    const tokens = own.filter(({ type }) => type === TOKEN).sort((a, b) => nameOf(a).localeCompare(nameOf(b), "en"));
    return branchesOf(plan, own, rules).flatMap((branch) => {
      const [today, then] = sides.map((side) => pushersOf(branch, side, tokens)) as [Pushers, Pushers];
      const access = { stack: plan.stack, target, branch, gains: beyond(then, today), loses: beyond(today, then) };
      return access.gains.length + access.loses.length > 0 ? [access] : [];
    });
  });
}

/** One line of it. */
export const accessText = ({ target, branch, gains, loses }: Access): string => {
  const parts = [
    ...(gains.length > 0 ? [`gained by ${gains.join(" and ")}`] : []),
    ...(loses.length > 0 ? [`lost by ${loses.join(" and ")}`] : []),
  ];
  return `push to ${code(branch)} of ${code(target)}: ${parts.join(", ")}`;
};

/** The attributes that tell what a change is about. */
export const sideOf = ({ before, after }: Change): Attributes => after ?? before ?? {};

/** The rules of a project, whom they let in beside what they list, and which side of a change counts. */
interface Side {
  readonly rules: readonly ProtectedBranch[];
  readonly of: (token: Change) => Attributes | null;
  /** Addresses of the tokens whose bots a rule lists, by its name. */
  readonly listed: ReadonlyMap<string, readonly string[]>;
}

/** Today, and after the deploy. */
export function sidesOf(
  rules: readonly ProtectedBranch[],
  own: readonly Change[],
  told: ReadonlyMap<string, string> = new Map(),
): [Side, Side] {
  const changes = own.filter(({ type, actions }) => type === RULE && actions.join() !== "forget");
  const names = new Map([...told, ...namesIn(rules.flatMap(entriesOf))]);
  const declared = changes.flatMap((change) =>
    change.after ? [{ change, rule: declaredRule(change.after, names) }] : [],
  );
  const away = new Set(changes.flatMap(({ before, after }) => [before?.branch, after?.branch]));
  const then = [
    ...rules.filter(({ name, inherited }) => inherited || !away.has(name)),
    ...declared.map(({ rule }) => rule),
  ];
  const listed = declared.map(({ change, rule }) => [rule.name, change.references.allowed_to_push ?? []] as const);
  return [
    { rules, of: ({ before }) => before, listed: new Map() },
    { rules: then, of: ({ after }) => after, listed: new Map(listed) },
  ];
}

/**
 * Those of the plan's rules; where bots come or go, those of all rules that are there. Nobody thinks of a branch by its guard: one whose rule
 * waits for the next deploy is told by that rule's name, the others go without saying.
 */
function branchesOf(plan: Plan, own: readonly Change[], rules: readonly ProtectedBranch[]): string[] {
  const waiting = new Map(
    [...waitingIn(plan)].flatMap(([guard, branch]) =>
      guard.type === RULE ? [[sideOf(guard).branch, branch] as const] : [],
    ),
  );
  const isGuard = new Set([
    ...[...guardsOf(plan).keys()].map((guard) => sideOf(guard).branch),
    ...[...guardsAmong(rules)].map(({ name }) => name),
  ]);
  const named = own.flatMap(({ type, before, after }) => (type === RULE ? [before?.branch, after?.branch] : []));
  const comesOrGoes = own.some((change) => change.type === TOKEN && (!change.before || !change.after));
  const all = [...named, ...(comesOrGoes ? rules.map(({ name }) => name) : [])];
  const told = all.filter((name) => !isGuard.has(name as string)).map((name) => waiting.get(name) ?? name);
  return [...new Set(told)].filter((name) => typeof name === "string");
}

/** Those who may push to a branch. */
interface Pushers {
  /** The least role; undefined: no role suffices. */
  readonly level: number | undefined;
  /** Others, by what tells them apart, in words. */
  readonly named: ReadonlyMap<string, string>;
}

function pushersOf(branch: string, { rules, of, listed }: Side, tokens: readonly Change[]): Pushers {
  const matching = matchingRules(rules, branch);
  const bots = new Set(tokens.flatMap(({ before, after }) => [before?.user_id, after?.user_id]));
  const who = matching.length === 0 ? DEVELOPERS : whoOf(matching.flatMap((rule) => rule.push_access_levels));
  const people = who.filter((each) => !(each.kind === "user" && (each.id === NEW_BOT || bots.has(each.id))));
  const levels = people.flatMap((each) => (each.kind === "role" && each.level <= OWNER ? [each.level] : []));
  const isLetIn = (token: Change): boolean => {
    const attributes = of(token);
    if (!attributes) return false;
    const level = levelOf(attributes.access_level as AccessLevel);
    // A rotation keeps the bot, whose number the plan does not know then.
    const userId = (attributes.user_id ?? (isReplaced(token) ? undefined : token.before?.user_id)) as
      | number
      | undefined;
    const isListed = ({ name }: ProtectedBranch) =>
      listed.get(name)?.some((each) => `${each}.`.startsWith(`${token.address}.`));
    return matching.length === 0
      ? level >= DEVELOPER
      : matching.some((rule) => letsPush(rule, { level, userId: userId ?? NOBODY }) === "yes" || isListed(rule));
  };
  return {
    level: levels.length > 0 ? Math.min(...levels) : undefined,
    named: new Map([
      ...people
        .filter((each) => !(each.kind === "role" && each.level <= OWNER))
        .map((each) => [keyOf(each), whoIs(each)] as const),
      ...tokens.filter(isLetIn).map((token) => [token.address, botOf(token)] as const),
    ]),
  };
}

const DEVELOPERS: readonly Who[] = [{ kind: "role", level: DEVELOPER }];
const OWNER = 50;
/** No user has it. */
const NOBODY = -2;

const keyOf = (who: Who): string => (who.kind === "role" ? `role ${who.level}` : `${who.kind} ${who.id}`);

/** Those who are among some and not among others. */
function beyond(some: Pushers, others: Pushers): string[] {
  const isWider = some.level !== undefined && (others.level === undefined || some.level < others.level);
  const isWhole = others.level === undefined;
  const role = isWider ? [isWhole ? whoIs({ kind: "role", level: some.level }) : "Developers"] : [];
  return [...role, ...[...some.named].flatMap(([key, words]) => (others.named.has(key) ? [] : [words]))];
}
