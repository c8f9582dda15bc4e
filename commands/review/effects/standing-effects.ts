import type { TagRule } from "../../../estate/reader";
import { type Who, whoOf } from "../../../estate/who";
import { type AccessEntry, type ProtectedBranch, unprotecters } from "../../../gitlab/protected-branch";
import type { Change } from "../../stacks/plan";
import type { Standing } from "../existing/existing";
import { declaredEntries, declaredRule, entriesOf, NEW_BOT, namesIn } from "./declared-rule";
import type { Found } from "./effect";
import { whoAre } from "./who-in-words";

/** The effect of something that GitLab has already in the way of a deploy. @param wayOut what cures it */
export function inTheWay(change: Change, name: string, standing: Standing, wayOut: string): Found {
  const { steps } = comparison(change, standing);
  return { kind: "exists", what: told(name, steps), danger: `exists already: ${wayOut}`, fails: true };
}

/** The same where it is what an earlier deploy of the stack made and could not note: a synth adopts it once the state has something. */
export const leftBehind = (name: string): Found => ({
  kind: "exists",
  what: name,
  danger:
    "exists already, exactly as declared, as after a deploy that broke off: this deploy stops at it, the next one adopts it: deploy twice",
});

/** A rule that the provider takes away, and makes what is declared in its place. */
export function takenOver(change: Change, name: string, standing: Standing): Found {
  const { steps, danger } = comparison(change, standing);
  return { kind: danger === undefined ? "changed" : "opened", what: `${told(name, steps)} (taken over)`, danger };
}

/** Tells whether what stands is what a deploy makes there; people whom a rule names beside its levels do not count, they are put right in place. */
export function isAsDeclared({ after }: Change, standing: Standing): boolean {
  if ("variable" in standing) return standing.variable.description === after?.description;
  if ("tagRule" in standing) return false;
  const then = declaredRule(after ?? {});
  return (
    rightsOf(standing.rule, then).every((right) => step(levelsOf(right)).length === 0) &&
    standing.rule.allow_force_push === then.allow_force_push
  );
}

const levelsOf = ([name, ...lists]: Right): Right => {
  const [today, then] = lists.map((list) =>
    list?.filter((entry) => !entry.user_id && !entry.group_id && !entry.deploy_key_id),
  );
  return [name, today, then];
};

const told = (name: string, steps: readonly string[]): string =>
  steps.length > 0 ? `${name}: ${steps.join(", ")}` : name;

/** From what stands to what is declared. */
interface Comparison {
  readonly steps: readonly string[];
  readonly danger?: string;
}

function comparison(change: Change, standing: Standing): Comparison {
  if ("variable" in standing) return { steps: [] };
  return "tagRule" in standing ? tagSteps(change, standing.tagRule) : ruleSteps(change, standing.rule);
}

const rightsOf = (today: ProtectedBranch, then: ProtectedBranch): readonly Right[] => [
  ["push", today.push_access_levels, then.push_access_levels],
  ["merge", today.merge_access_levels, then.merge_access_levels],
  ["unprotect", today.unprotect_access_levels && unprotecters(today), then.unprotect_access_levels],
];

function ruleSteps({ after }: Change, today: ProtectedBranch): Comparison {
  const then = declaredRule(after ?? {}, namesIn(entriesOf(today)));
  const rights = rightsOf(today, then);
  const isForced = !today.allow_force_push && then.allow_force_push;
  const isOwnerless = today.code_owner_approval_required === true && !then.code_owner_approval_required;
  const opened = [
    ...rights.filter(isWider).map(([right]) => right),
    ...(isForced ? ["force push"] : []),
    ...(isOwnerless ? ["no code owner's approval"] : []),
  ];
  return {
    steps: [
      ...rights.flatMap(step),
      ...setting("force push", ["refused", "allowed"], today.allow_force_push, then.allow_force_push),
      ...setting(
        "code owners",
        ["not", "required"],
        today.code_owner_approval_required,
        then.code_owner_approval_required,
      ),
    ],
    danger: opened.length > 0 ? `branch opened wider (${opened.join(", ")})` : undefined,
  };
}

function tagSteps({ after }: Change, { create_access_levels: today }: TagRule): Comparison {
  const right: Right = ["create", today, declaredEntries(after ?? {}, "create", namesIn(today))];
  return { steps: step(right), danger: isWider(right) ? "tags opened wider" : undefined };
}

/** Those who may do something, today and then; undefined where GitLab does not tell. */
type Right = readonly [
  name: string,
  today: readonly AccessEntry[] | undefined,
  then: readonly AccessEntry[] | undefined,
];

function step([name, today, then]: Right): string[] {
  if (!today || !then) return [];
  const [from, to] = [whoOf(today), whoOf(then)];
  const isSame = from.length === to.length && to.every((who) => isAmong(who, from));
  return isSame ? [] : [`${name} ${whoAre(from)} → ${whoAre(to)}`];
}

/** Tells whether it lets in somebody whom GitLab's rule does not, other than the bot that it is for. */
function isWider([, today, then]: Right): boolean {
  if (!today || !then) return false;
  const from = whoOf(today);
  return whoOf(then).some((who) => !isAmong(who, from) && !includes(from, who) && !isNewBot(who));
}

/** A role lets in every higher one. */
const includes = (from: readonly Who[], who: Who): boolean =>
  who.kind === "role" && from.some((each) => each.kind === "role" && each.level <= who.level);

const isAmong = (who: Who, all: readonly Who[]): boolean => all.some((each) => whoKey(each) === whoKey(who));

const whoKey = (who: Who): string => `${who.kind} ${who.kind === "role" ? who.level : who.id}`;

const isNewBot = (who: Who): boolean => who.kind === "user" && who.id === NEW_BOT;

function setting(
  name: string,
  [off, on]: readonly [string, string],
  today: boolean | undefined,
  then = false,
): string[] {
  if (today === undefined || today === then) return [];
  return [`${name}: ${today ? on : off} → ${then ? on : off}`];
}
