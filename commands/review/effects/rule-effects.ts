import { ACCESS_LEVELS, type AccessLevel, opensMoreThan } from "../../../gitlab/access-level";
import { guardedBy, guardsAmong, isLoneGuard, type KnownRule } from "../../../gitlab/guard";
import { type Attributes, type Change, happens, nameIn, type Plan } from "../../stacks/plan";
import { changed, code, isReplaced, listed, nameOf, step, together, word } from "./change-in-words";
import type { Found } from "./effect";

export const RULE = "gitlab_branch_protection";
export const TAG_RULE = "gitlab_tag_protection";

/** The guards of a plan, each with its rule. */
export type Guards = ReadonlyMap<Change, Change>;

export function guardsOf({ changes }: Plan): Guards {
  const guards = [RULE, TAG_RULE].flatMap((kind) => {
    const rules = changes.filter(({ type, deposed }) => type === kind && !deposed).map(asKnown);
    return [...guardsAmong(rules)];
  });
  return new Map(guards.map(([guard, rule]) => [guard.change, rule.change]));
}

/** The branches and tags of guards whose rules wait for the next deploy, by the guards. */
export function waitingIn({ changes }: Plan): ReadonlyMap<Change, string> {
  const waiting = [RULE, TAG_RULE].flatMap((kind) => {
    const rules = changes.filter(({ type, deposed }) => type === kind && !deposed).map(asKnown);
    const guards = guardsAmong(rules);
    return rules.filter((rule) => isLoneGuard(rule, guards));
  });
  return new Map(waiting.map(({ change, branch }) => [change, guardedBy(branch) ?? branch]));
}

/** A guard that a deploy makes alone. */
export const waitingEffect = (change: Change, guarded: string): Found => ({
  kind: "closed",
  what: `${asGuard(nameOf(change))}, before ${code(guarded)}: that waits for the next deploy, and stays as it is until then`,
});

const asGuard = (name: string): string => name.replace(/^(tag )?rule/, "$1guard");

/** Closed is what is so before and after. */
function asKnown(change: Change): KnownRule & { readonly change: Change } {
  const { before, after } = change;
  const { project, branch, tag } = after ?? before ?? {};
  const sides = [before, after].filter((side) => side !== null);
  const closed = sides.every((side) =>
    change.type === TAG_RULE ? letsNobodyCreate(side) : isClosed(side) && side.merge_access_level === "no one",
  );
  return { name: nameIn(change), project: String(project), branch: String(tag ?? branch), closed, change };
}

export const titleOf = (change: Change, guards: Guards): string =>
  guards.has(change) ? asGuard(nameOf(change)) : nameOf(change);

export function ruleEffects(change: Change, guards: Guards): Found[] {
  const { before, after, actions } = change;
  const guarded = guards.get(change);
  const name = titleOf(change, guards);
  if (guarded) return guardEffects(change, guarded, name);
  if (!isReplaced(change) && actions[0] === "delete") return [{ kind: "destroyed", what: name, danger: OPENED }];
  if (before && after)
    return [{ ...steppedFrom(before, after, change), danger: opening(before, after, change, guards) }];
  const rule = after ?? {};
  const danger = together(
    rule.allow_force_push === true ? "force pushes allowed: whoever may push can rewrite it" : undefined,
    rule.unprotect_access_level === "developer" ? "every Developer may take the rule away" : undefined,
    deployKeys(rule).length > 0 ? "deploy keys may push: whoever holds one, without a token" : undefined,
  );
  return [{ kind: isClosed(rule) ? "closed" : "opened", what: `${name}: ${whoOf(change, rule)}`, danger }];
}

const deployKeys = (rule: Attributes): Attributes[] =>
  entries(rule, "allowed_to_push").filter(({ deploy_key_id }) => deploy_key_id);

/** A guard that comes with its rule is no news. */
export function guardEffects(change: Change, guarded: Change, name: string): Found[] {
  const { before, after } = change;
  if (!before && guarded.actions.join() === "create") return [];
  if (isReplaced(change)) return [{ kind: "replaced", what: name }];
  // Of tags there is no other word: who may create them is all that a rule says.
  const made = change.type === TAG_RULE ? "closed" : "created";
  return [{ kind: before ? (after ? "changed" : "destroyed") : made, what: name }];
}

function steppedFrom(before: Attributes, after: Attributes, change: Change): Found {
  const steps = changed(change).map((key) => step(change, key));
  const what = `${nameOf(change)}: ${steps.join(", ") || "the same once more"}`;
  if (widened(before, after).length > 0) return { kind: "opened", what };
  const isNarrower = widened(after, before).length > 0 && !letsInUnknown(after);
  return { kind: isNarrower ? "closed" : "changed", what };
}

/** The danger of a change that opens the branch, for good or while it is made. */
function opening(before: Attributes, after: Attributes, change: Change, guards: Guards): string | undefined {
  const wider = widened(before, after);
  const isMoved = before.project !== after.project || before.branch !== after.branch;
  return together(
    wider.length > 0 ? `branch opened wider (${wider.join(", ")})` : undefined,
    isMoved ? `${OPENED}: ${code(before.branch)} of ${code(before.project)}` : undefined,
    !isMoved && isReplaced(change) && !isGuarded(change, guards)
      ? "branch left open for a moment: the rule is replaced without a guard"
      : undefined,
  );
}

const OPENED = "branch opened: without another rule every Developer may push, force-push and delete it";

/** Tells whether a guard stands before and after. */
export const isGuarded = (rule: Change, guards: Guards): boolean =>
  [...guards].some(([guard, its]) => its === rule && !happens(guard));

/** Nobody may push. */
const isClosed = (rule: Attributes): boolean =>
  rule.push_access_level === "no one" &&
  rule.allow_force_push !== true &&
  entries(rule, "allowed_to_push").length === 0;

/** A bot that comes with the same deploy has no id yet. */
const letsInUnknown = (after: Attributes): boolean =>
  ["push", "merge", "unprotect"]
    .flatMap((who) => entries(after, `allowed_to_${who}`))
    .some((entry) => identity(entry).length === 0 && !entry.access_level);

/** In what `after` lets in more than `before`. */
function widened(before: Attributes, after: Attributes): string[] {
  const levels = ["push", "merge", "unprotect"].filter((who) => {
    const [from, to] = [before, after].map((rule) => rule[`${who}_access_level`] ?? DEFAULT_LEVEL);
    return isLevel(from) && isLevel(to) && opensMoreThan(to, from);
  });
  const lists = ["push", "merge", "unprotect"].filter((who) => {
    const [from, to] = [entries(before, `allowed_to_${who}`), entries(after, `allowed_to_${who}`)];
    const known = new Set(from.flatMap(identity));
    return to.length > from.length || to.flatMap(identity).some((each) => !known.has(each));
  });
  return [
    ...levels,
    ...lists.map((who) => `people who may ${who}`),
    ...(after.allow_force_push === true && before.allow_force_push !== true ? ["force push"] : []),
    ...(before.code_owner_approval_required === true && after.code_owner_approval_required === false
      ? ["no code owner's approval"]
      : []),
  ];
}

/** GitLab's, where a rule does not say. */
const DEFAULT_LEVEL: AccessLevel = "maintainer";

export const isLevel = (value: unknown): value is AccessLevel => ACCESS_LEVELS.some((level) => level === value);

/** Nobody may create a tag. */
export const letsNobodyCreate = (rule: Attributes): boolean =>
  rule.create_access_level === "no one" && entries(rule, "allowed_to_create").length === 0;

export const entries = (attributes: Attributes, key: string): Attributes[] =>
  Array.isArray(attributes[key]) ? (attributes[key] as Attributes[]) : [];

/** The one whom an entry lets in; nothing while that is unknown. */
export const identity = (entry: Attributes): string[] =>
  ["user_id", "group_id", "deploy_key_id"].flatMap((key) => (entry[key] ? [`${key} ${entry[key]}`] : []));

function whoOf(change: Change, after: Attributes): string {
  const level = (who: string) => after[`${who}_access_level`] ?? DEFAULT_LEVEL;
  const people = (who: string) => {
    const named = entries(after, `allowed_to_${who}`);
    return named.length > 0 ? ` and ${listed(change, `allowed_to_${who}`, named)}` : "";
  };
  const unprotect = level("unprotect") === DEFAULT_LEVEL ? "" : `, unprotect ${word(level("unprotect"))}`;
  const force = after.allow_force_push === true ? ", force push" : "";
  return `push ${word(level("push"))}${people("push")}, merge ${word(level("merge"))}${people("merge")}${unprotect}${people("unprotect")}${force}`;
}
