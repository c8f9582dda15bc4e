import { markedPath } from "../../../gitlab/token-mark";
import { type Change, happens, type Plan } from "../../stacks/plan";
import { code, isReplaced, nameOf, reasonOf } from "./change-in-words";
import type { Effect, EffectKind, Found } from "./effect";
import { type Guards, guardsOf, RULE, ruleEffects, TAG_RULE, titleOf } from "./rule-effects";
import { lostCreators, tagRuleEffects } from "./tag-rule-effects";
import { tokenEffects } from "./token-effects";
import { variableEffects } from "./variable-effects";

/** All that a plan does: tokens first, then what carries them and where they are let in. */
export function effectsOf(plan: Plan): Effect[] {
  const guards = guardsOf(plan);
  const changes = plan.changes
    .filter(happens)
    .sort((a, b) => rank(a, guards) - rank(b, guards) || nameOf(a).localeCompare(nameOf(b), "en"))
    .flatMap((change): Effect[] => {
      const found = describe(change, guards);
      return found.map((each) => ({ stack: plan.stack, pusher: pusherOf(change), ...each }));
    });
  const others = [
    ...Object.keys(plan.outputs).map((name) => `output ${code(name)}`),
    ...plan.invocations.map(({ address }) => `action ${code(address)}`),
  ];
  const late = lostCreators(plan).map((each): Effect => ({ stack: plan.stack, pusher: null, ...each }));
  return [
    ...changes,
    ...late,
    ...others.map((what): Effect => ({ stack: plan.stack, pusher: null, kind: "changed", what })),
  ];
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
  return [...moved, ...(TYPES[change.type] ?? other)(change, guards)];
}

/** A rule is forgotten so that its branch or tags stay closed. What else is, nobody renews or revokes any more. */
const forgotten = ({ type }: Change, name: string): Found => ({
  kind: "forgotten",
  what: `${name}: it stays in GitLab`,
  danger: type === RULE || type === TAG_RULE ? undefined : "it lives on, and nobody looks after it",
});

/** By the order of {@link TYPES}, guards after rules, and all others last. */
function rank(change: Change, guards: Guards): number {
  const types = Object.keys(TYPES);
  const index = types.indexOf(change.type);
  return index < 0 ? types.length : index + (guards.has(change) ? 0.5 : 0);
}

const TYPES: Readonly<Record<string, (change: Change, guards: Guards) => Found[]>> = {
  gitlab_project_access_token: tokenEffects,
  gitlab_project_variable: variableEffects,
  gitlab_group_variable: variableEffects,
  [RULE]: ruleEffects,
  [TAG_RULE]: tagRuleEffects,
  terraform_data: dataEffects,
};

const DELETION_PROTECTION = "deletion_protection";

function dataEffects(change: Change): Found[] {
  if (change.name !== DELETION_PROTECTION) return other(change);
  if (change.after) return [{ kind: change.before ? "changed" : "created", what: "deletion protection" }];
  const danger = "deletion protection turned off: taking a rule out, or a destroy, opens its branch";
  return [{ kind: "destroyed", what: "deletion protection", danger }];
}

/** A resource this tool does not make. */
function other(change: Change): Found[] {
  if (isReplaced(change)) return [{ kind: "replaced", what: `${nameOf(change)} (${reasonOf(change)})` }];
  const kinds: Readonly<Record<string, EffectKind>> = { create: "created", delete: "destroyed" };
  return [{ kind: kinds[change.actions[0] ?? ""] ?? "changed", what: nameOf(change) }];
}

/** The pusher a resource belongs to: its token's mark says so, else the name cdktf gave it. */
function pusherOf({ before, after, type, name }: Change): string | null {
  if (type === "terraform_data" && name === DELETION_PROTECTION) return null;
  const mark = markedPath((after ?? before)?.description as string | undefined);
  const marked = mark && /^[^/]*\/([\w-]+)(?:[/:]|$)/.exec(mark)?.[1];
  return marked ?? /^(.+?)_(?:Rule|Tag|Token|Variable)/.exec(name)?.[1] ?? name;
}
