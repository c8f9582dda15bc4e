import type { Attributes, Change, Plan } from "../../stacks/plan";
import { VARIABLE } from "../existing/existing";
import { changed, code, isReplaced, nameOf, reasonOf, step, together, word } from "./change-in-words";
import type { Found } from "./effect";
import { TOKEN } from "./token-effects";

export function variableEffects(change: Change): Found[] {
  const { before, after, actions } = change;
  const name = nameOf(change);
  const carries = carriedBy(change);
  const danger = loosened(before, after);
  if (isReplaced(change)) {
    const gap = `variable replaced (${reasonOf(change)}): jobs that start meanwhile find none`;
    const others = changed(change).filter((key) => !change.replacedFor.includes(key));
    const what = [name, ...others.map((key) => step(change, key))].join(", ");
    return [{ kind: "replaced", what, danger: together(gap, danger) }];
  }
  if (actions[0] === "delete") return [{ kind: "destroyed", what: name }];
  if (!before) return [{ kind: "created", what: `${name}${carries}`, danger }];
  const keys = changed(change);
  const settings: Found[] =
    keys.length > 0
      ? [{ kind: "changed", what: `${name}: ${keys.map((key) => step(change, key)).join(", ")}`, danger }]
      : [];
  // What is left of an update without another reason is its value.
  const switched = change.unknown.has("value") || keys.length === 0;
  return [...(switched ? [{ kind: "switched", what: `${name}${carries}` } as const] : []), ...settings];
}

/**
 * The danger of a variable that is new in a project or group, by which others come to push; undefined of the target itself. A token that a plan does not show may
 * be for anything.
 */
export function newSource(
  { type, actions, importing, before, after, references }: Change,
  plan: Plan,
): string | undefined {
  if (!VARIABLE.test(type) || after === null || !(actions.includes("create") || importing)) return undefined;
  const home = after.project ?? after.group;
  if (!importing && before && home === (before.project ?? before.group)) return undefined;
  const token = plan.changes.find(
    (each) =>
      each.type === TOKEN && references.value?.some((reference) => `${reference}.`.startsWith(`${each.address}.`)),
  );
  const target = (token?.after ?? token?.before)?.project;
  if (target === undefined || target === home) return undefined;
  const jobs = after.protected === true ? "a job there on a protected branch or tag" : "a job there";
  return `new source: Maintainers of ${code(home)}, and whoever runs ${jobs}, may push to ${code(target)}`;
}

/** The danger that more people or jobs come to a variable's value. Hidden is a choice, the others are what a token needs. */
function loosened(before: Attributes | null, after: Attributes | null): string | undefined {
  const isLost = (key: string, was: unknown) => was === true && after?.[key] === false;
  const lost = [
    ...["protected", "masked"].filter((key) => isLost(key, before?.[key] ?? true)),
    ...(isLost("hidden", before?.hidden) ? ["hidden"] : []),
  ];
  const scope = after?.environment_scope;
  const isWider = before !== null && scope !== before.environment_scope && String(scope).includes("*");
  return together(
    lost.length > 0 ? `variable no longer ${lost.join(" and ")}: more people can read it` : undefined,
    isWider ? `variable for more environments (${word(before.environment_scope)} → ${word(scope)})` : undefined,
  );
}

/** The slot whose token a variable holds from then on, in words, by the reference in the configuration. */
function carriedBy({ references }: Change): string {
  const token = references.value?.find((reference) => reference.startsWith("gitlab_project_access_token."));
  if (!token) return ", with a value of its own";
  return `, holds slot ${/_TokenB_[0-9A-F]{8}/.test(token) ? 2 : 1}`;
}
