import type { ProjectPicture, TokenPicture } from "../../../estate/estate";
import { whoOf, whoText } from "../../../estate/who";
import { type AccessLevel, admits, levelOf, UNPROTECT_LEVELS, type UnprotectLevel } from "../../../gitlab/access-level";
import { BranchPattern } from "../../../gitlab/branch-pattern";
import { isWhole, openings, type ProtectedBranch } from "../../../gitlab/protected-branch";
import { type Bot, getsInToday, needsName, pushesUnder } from "./bot";
import { type Name, type Said, saidBy } from "./said";

/** A rule that an inventory can say, and what it says of it. */
export interface Takeable {
  readonly rule: ProtectedBranch;
  readonly push: Said;
  readonly merge: Said;
  readonly unprotect: SaidUnprotect;
  /** The default branch's is taken over without `import`. */
  readonly import: boolean;
}

/** Those who may take a rule away. */
interface SaidUnprotect {
  readonly level: UnprotectLevel;
  readonly names: readonly Name[];
}

/** A rule that stays as it is, and that no deploy knows of. */
export interface LeftRule {
  readonly name: string;
  readonly today: string;
  readonly why: string;
}

export const OPENS =
  "it opens what a narrower rule closes, which a synth refuses: close it or narrow it by hand, then declare it";

/** A rule as one of the pushers of its target declares it. */
export interface TakenRule extends Takeable {
  /** Tells whether the pusher's bot gets in by name. */
  readonly bot: boolean;
  /** Places of the other pushers whose bots do. */
  readonly with: readonly string[];
  /** Before → after of what a deploy changes, and whom the rule names. */
  readonly notes: readonly string[];
}

export interface Judged<T> {
  readonly takeable: readonly T[];
  readonly left: readonly LeftRule[];
}

/** The rules of a target that an inventory can say, and the others with why. */
export function judgedRules(
  project: ProjectPicture | undefined,
  isPremium: boolean,
  isDeclared: (branch: string) => boolean,
): Judged<Takeable> {
  const { rules, branches, defaultBranch } = project ?? {};
  if (!rules || !branches) return { takeable: [], left: [] };
  const opening = new Set(
    openings(rules)
      .filter(isWhole)
      .map(({ opener }) => opener),
  );
  const guards = new Set(branches.filter(({ guard }) => guard).map(({ name }) => name));
  const judged = rules
    .filter(({ name }) => !guards.has(name) && !isDeclared(name))
    .map((rule) => ({ rule, said: opening.has(rule) ? OPENS : saidOf(rule, isPremium) }));
  return {
    takeable: judged.flatMap(({ rule, said }) =>
      typeof said === "string" ? [] : [{ rule, ...said, import: rule.name !== defaultBranch }],
    ),
    left: judged.flatMap(({ rule, said }) => (typeof said === "string" ? [leftRule(rule, said)] : [])),
  };
}

/** A rule in the words of an inventory, or the reason why there are none. */
function saidOf(rule: ProtectedBranch, isPremium: boolean): Pick<Takeable, "push" | "merge" | "unprotect"> | string {
  if (rule.inherited) return "it is the group's";
  if (BranchPattern.problem(rule.name)) return "no inventory takes its name";
  const [push, merge] = [saidBy(rule.push_access_levels), saidBy(rule.merge_access_levels)];
  if (push === undefined || merge === undefined) return "it lets in two levels, or one that no inventory knows";
  if (merge.names.some(isKey)) return "it lists deploy keys to merge";
  if (!isPremium && push.names.length > 0) return "it lists deploy keys, which a deploy can do on Premium only";
  const unprotect = unprotectOf(rule);
  if (unprotect === undefined)
    return `others may unprotect it than an inventory can say: ${whoText(whoOf(rule.unprotect_access_levels ?? []))}`;
  return { push, merge, unprotect };
}

/** Somebody may always take a rule away: beside names alone stands the level that adds the fewest. */
function unprotectOf({ unprotect_access_levels: entries = [] }: ProtectedBranch): SaidUnprotect | undefined {
  const said = saidBy(entries);
  if (said === undefined || said.names.some(isKey)) return undefined;
  const fewest = said.names.length > 0 ? "admin" : "maintainer";
  return { level: UNPROTECT_LEVELS.find((level) => level === said.level) ?? fewest, names: said.names };
}

const isKey = ({ kind }: Name): boolean => kind === "deploy key";

const leftRule = (rule: ProtectedBranch, why: string): LeftRule => ({ name: rule.name, today: todayText(rule), why });

/** Tells whether a rule lets a bot of a target in by name. */
export const namesBot = ({ rule, push }: Takeable, bot: Bot, isPremium: boolean): boolean =>
  isPremium && needsName(rule.push_access_levels, push.level, bot, pushesUnder(bot, rule.name));

/** A rule's pusher, and the others whose bots it names. */
export interface Home {
  readonly owner: Bot;
  /** Tells whether the owner's bot is among those who are named. */
  readonly bot: boolean;
  readonly companions: readonly Bot[];
}

/**
 * The pusher that declares a rule: the last one whose bot it names, since only those above can be its companions; else the first one that
 * its level lets in, or may leave out.
 */
export function homeOf(level: AccessLevel, named: readonly Bot[], bots: readonly Bot[]): Home | undefined {
  const last = named.at(-1);
  if (last) return { owner: last, bot: true, companions: named.slice(0, -1) };
  const mayRefuse = level === "no one" || level === "admin";
  const owner = bots.find(({ role }) => mayRefuse || admits(level, role));
  return owner && { owner, bot: false, companions: [] };
}

/** The rules that each pusher of a target declares, by its place; what none can declare is left to the first. */
export function sharedOut(
  { takeable, left }: Judged<Takeable>,
  bots: readonly Bot[],
  isPremium: boolean,
  tokens: readonly TokenPicture[],
): { readonly taken: ReadonlyMap<string, readonly TakenRule[]>; readonly left: readonly LeftRule[] } {
  const taken = new Map<string, TakenRule[]>();
  const out: LeftRule[] = [...left];
  for (const each of takeable) {
    const named = bots.filter((bot) => namesBot(each, bot, isPremium));
    const home = homeOf(each.push.level, named, bots);
    if (!home) {
      out.push(leftRule(each.rule, `a ${bots[0]?.role ?? "developer"}'s bot is not let in`));
      continue;
    }
    const { owner, bot, companions } = home;
    const rule = {
      ...each,
      bot,
      with: companions.map(({ place }) => place),
      notes: notesOf(each, named, bots, tokens),
    };
    taken.set(owner.place, [...(taken.get(owner.place) ?? []), rule]);
  }
  return { taken, left: out };
}

function notesOf(
  { rule, push, merge, unprotect }: Takeable,
  named: readonly Bot[],
  bots: readonly Bot[],
  tokens: readonly TokenPicture[],
): string[] {
  const { unprotect_access_levels: may } = rule;
  const whoPush = whoText(whoOf(rule.push_access_levels));
  const doubtful = bots.filter(
    (bot) =>
      !named.includes(bot) &&
      bot.replaces.length > 0 &&
      !admits(push.level, bot.role) &&
      getsInToday(rule.push_access_levels, bot) === "unknown",
  );
  return [
    ...pushNotes(whoPush, push.names, named),
    ...doubtful.map(() => "whether the token that is replaced may push there is not known; the bot may not"),
    ...(merge.names.length > 0 ? [`merge: ${whoText(whoOf(rule.merge_access_levels))}`] : []),
    ...unprotectNotes(may && whoOf(may), unprotect),
    ...oldBotNotes([...push.names, ...merge.names, ...unprotect.names], tokens),
    ...(push.isRead && merge.isRead
      ? []
      : ["a deploy makes it anew, behind its guard, to set its levels as they are here"]),
  ];
}

/** Notes on whom a list names, and that it gets the bots. */
export function pushNotes(today: string, names: readonly Name[], named: readonly Bot[], right = "push"): string[] {
  if (named.length === 0) return names.length > 0 ? [`${right}: ${today}`] : [];
  return [`${right}: ${today} → the same, and by name ${named.length > 1 ? "the bots" : "the bot"}`];
}

function unprotectNotes(today: ReturnType<typeof whoOf> | undefined, said: SaidUnprotect): string[] {
  if (today === undefined) return [];
  if (today.length === 0) return ["unprotect: none is set → maintainer"];
  const isSaid = today.some((who) => who.kind === "role" && who.level === levelOf(said.level));
  if (!isSaid)
    return [
      `unprotect: ${whoText(today)} → ${whoText([{ kind: "role", level: levelOf(said.level) }, ...today])}; only they can deploy it`,
    ];
  if (said.level === "maintainer" && said.names.length === 0) return [];
  return [`unprotect: ${whoText(today)}${said.level === "admin" ? "; only they can deploy it" : ""}`];
}

/** Bots that go with their tokens: GitLab refuses a rule that names somebody who is no member. @param tokens made by hand */
export const oldBotNotes = (names: readonly Name[], tokens: readonly TokenPicture[]): string[] =>
  tokens
    .filter(
      ({ kind, userId }) => kind !== "personal" && names.some((name) => name.kind === "user" && name.id === userId),
    )
    .map(
      ({ id, name, userId }) =>
        `user ${userId} is the bot of token ${name} (${id}): take it out here, deploy, then revoke the token`,
    );

const todayText = (rule: ProtectedBranch): string =>
  `push: ${whoText(whoOf(rule.push_access_levels))}; merge: ${whoText(whoOf(rule.merge_access_levels))}${rule.allow_force_push ? "; force push" : ""}`;
