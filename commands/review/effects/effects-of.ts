import { markedPath } from "../../../gitlab/token-mark";
import type { InventoryFile } from "../../../inventory/load";
import { isDeletionProtection } from "../../stacks/foreign";
import { type Change, happens, nameIn, type Plan } from "../../stacks/plan";
import { type Existing, NOTHING_ASKED, standingOf, VARIABLE } from "../existing/existing";
import { wayOut } from "../existing/way-out";
import { code, nameOf, together } from "./change-in-words";
import type { Effect, Found } from "./effect";
import { foreignEffect } from "./foreign-effect";
import { withNames } from "./named-entries";
import { type Guards, guardsOf, RULE, ruleEffects, TAG_RULE, titleOf, waitingEffect, waitingIn } from "./rule-effects";
import { inTheWay, isAsDeclared, leftBehind, takenOver } from "./standing-effects";
import { lostCreators, tagRuleEffects } from "./tag-rule-effects";
import { TOKEN, tokenEffects } from "./token-effects";
import { newSource, variableEffects } from "./variable-effects";

/**
 * All that a plan does: tokens first, then what carries them and where they are let in.
 * @param beside what GitLab has already, and the inventory that could adopt it; @default - nothing is known of it
 */
export function effectsOf(given: Plan, beside: Beside = UNKNOWN): Effect[] {
  const plan = withNames(given, beside.existing);
  const guards = guardsOf(plan);
  const waiting = waitingIn(plan);
  const changes = plan.changes
    .filter(happens)
    .sort((a, b) => rank(a, guards) - rank(b, guards) || nameOf(a).localeCompare(nameOf(b), "en"))
    .flatMap((change): Effect[] => {
      const guarded = waiting.get(change);
      const isMade = guarded !== undefined && !change.before && !standingOf(change, beside.existing);
      const found = isMade ? [waitingEffect(change, guarded)] : withStanding(plan, change, guards, beside);
      return found.map((each) => ({ stack: plan.stack, pusher: pusherOf(change), ...each }));
    });
  const late = lostCreators(plan).map((each): Effect => ({ stack: plan.stack, pusher: null, ...each }));
  return [
    ...changes,
    ...late,
    ...plan.foreign.map((each): Effect => ({ stack: plan.stack, pusher: null, ...foreignEffect(each) })),
  ];
}

/** The knowledge beside a plan. */
export interface Beside {
  readonly existing: Existing;
  /** Read when something is to be adopted. */
  readonly inventory: () => readonly InventoryFile[];
}

const UNKNOWN: Beside = { existing: NOTHING_ASKED, inventory: () => [] };

/** The effects on something, and on what GitLab has already where it is made. */
function withStanding(plan: Plan, change: Change, guards: Guards, { existing, inventory }: Beside): Found[] {
  const found = fromSource(describe(change, guards), newSource(change, plan));
  const standing = standingOf(change, existing);
  if (!standing) return found;
  const name = titleOf(change, guards);
  // What is replaced goes where it is: that stays told.
  const before = change.before ? found : [];
  if (standing.kind === "taken over") {
    const effect = takenOver(change, name, standing);
    const isShut = guards.has(change) || [...guards.values()].includes(change);
    const gap = isShut ? undefined : "left open for a moment: what stands is taken away without a guard";
    return [...before, { ...effect, danger: together(effect.danger, gap, ...found.map((each) => each.danger)) }];
  }
  if (isAsDeclared(change, standing) && isBrokenOff(plan, guards, existing)) return [...before, leftBehind(name)];
  const pusher = pusherOf(change);
  const guarded = guards.get(change)?.after ?? undefined;
  const whole = createdVariables(plan, pusher).every((each) => standingOf(each, existing));
  const place = { stack: plan.stack, pusher, after: change.after ?? {}, guarded, whole };
  return [...before, inTheWay(change, name, standing, wayOut(place, inventory()))];
}

/** The danger of a new source is one of what its variable comes with, last. */
const fromSource = (found: readonly Found[], danger: string | undefined): Found[] =>
  found.map((each, i) => (i < found.length - 1 ? each : { ...each, danger: together(danger, each.danger) }));

const createdVariables = ({ changes }: Plan, pusher: string | null): Change[] =>
  changes.filter((each) => VARIABLE.test(each.type) && each.actions.includes("create") && pusherOf(each) === pusher);

/**
 * Tells whether an earlier deploy of the stack left something that its state does not know: a closed rule with the name of a guard, or a
 * variable with our own description, nobody makes by hand.
 */
function isBrokenOff({ changes }: Plan, guards: Guards, existing: Existing): boolean {
  return changes.some((change) => {
    const standing = standingOf(change, existing);
    const isMarked =
      guards.has(change) || (VARIABLE.test(change.type) && /gitlab-ci-pusher/.test(String(change.after?.description)));
    return standing !== undefined && isMarked && isAsDeclared(change, standing);
  });
}

function describe(change: Change, guards: Guards): Found[] {
  const name = titleOf(change, guards);
  const { importing, previousAddress } = change;
  const moved: Found[] = [
    ...(importing ? [{ kind: "adopted", what: `${name}, by ${code(importing)}` } as const] : []),
    ...(previousAddress ? [{ kind: "changed", what: `${name}: moved from ${code(previousAddress)}` } as const] : []),
  ];
  if (!happens({ ...change, importing: undefined, previousAddress: undefined })) return moved;
  if (change.deposed) return [{ kind: "destroyed", what: `what an earlier replacement left of ${name}` }];
  if (change.actions[0] === "forget") return [...moved, forgotten(change, name)];
  return [...moved, ...TYPES[change.type]!(change, guards)];
}

/** A rule is forgotten so that its branch or tags stay closed. What else is, nobody renews or revokes any more. */
const forgotten = ({ type }: Change, name: string): Found => ({
  kind: "forgotten",
  what: `${name}: it stays in GitLab`,
  danger: type === RULE || type === TAG_RULE ? undefined : "it lives on, and nobody looks after it",
});

/** The place by the order of {@link TYPES}, guards after rules. */
function rank(change: Change, guards: Guards): number {
  return Object.keys(TYPES).indexOf(change.type) + (guards.has(change) ? 0.5 : 0);
}

const TYPES: Readonly<Record<string, (change: Change, guards: Guards) => Found[]>> = {
  [TOKEN]: tokenEffects,
  gitlab_project_variable: variableEffects,
  gitlab_group_variable: variableEffects,
  [RULE]: ruleEffects,
  [TAG_RULE]: tagRuleEffects,
  terraform_data: protectionEffects,
};

function protectionEffects(change: Change): Found[] {
  if (change.after) return [{ kind: change.before ? "changed" : "created", what: "deletion protection" }];
  const danger = "deletion protection turned off: taking a rule out, or a destroy, opens its branch";
  return [{ kind: "destroyed", what: "deletion protection", danger }];
}

/** The pusher a resource belongs to: its token's mark says so, else the name cdktf gave it. */
function pusherOf(change: Change): string | null {
  if (isDeletionProtection(change)) return null;
  const { before, after } = change;
  const name = nameIn(change);
  const mark = markedPath((after ?? before)?.description as string | undefined);
  const marked = mark && /^[^/]*\/([\w-]+)(?:[/:]|$)/.exec(mark)?.[1];
  return marked ?? /^(.+?)_(?:Rule|Tag|Token|Variable)/.exec(name)?.[1] ?? name;
}
