import { ACCESS_LEVELS, type AccessLevel, opensMoreThan } from "../../gitlab/access-level";
import { guardsAmong, type KnownRule } from "../../gitlab/guard";
import { markedPath } from "../../gitlab/token-mark";
import { printable } from "../printable";
import { type Attributes, type Change, happens, type Plan } from "../stacks/plan";

/** What happens, in our words. */
export type EffectKind =
  | "created"
  | "rotated"
  | "switched"
  | "opened"
  | "closed"
  | "changed"
  | "replaced"
  | "adopted"
  | "destroyed"
  | "forgotten";

/** One thing a deploy does. */
export interface Effect {
  readonly stack: string;
  /** The pusher's id, or the resource's name where no pusher has it; null for the stack as a whole. */
  readonly pusher: string | null;
  readonly kind: EffectKind;
  /** What it happens to, with Markdown's code spans. Never a secret. */
  readonly what: string;
  /** Why people should look twice. @default - no reason */
  readonly danger?: string;
}

type Found = Pick<Effect, "kind" | "what" | "danger">;

/** The guards of a plan, each with its rule. */
type Guards = ReadonlyMap<Change, Change>;

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
  return [...changes, ...others.map((what): Effect => ({ stack: plan.stack, pusher: null, kind: "changed", what }))];
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

/** A rule is forgotten so that its branch stays closed. What else is, nobody renews or revokes any more. */
const forgotten = ({ type }: Change, name: string): Found => ({
  kind: "forgotten",
  what: `${name}: it stays in GitLab`,
  danger: type === RULE ? undefined : "it lives on, and nobody looks after it",
});

/** By the order of {@link TYPES}, guards after rules, and all others last. */
function rank(change: Change, guards: Guards): number {
  const types = Object.keys(TYPES);
  const index = types.indexOf(change.type);
  return index < 0 ? types.length : index + (guards.has(change) ? 0.5 : 0);
}

const RULE = "gitlab_branch_protection";

const TYPES: Readonly<Record<string, (change: Change, guards: Guards) => Found[]>> = {
  gitlab_project_access_token: tokenEffects,
  gitlab_project_variable: variableEffects,
  gitlab_group_variable: variableEffects,
  [RULE]: ruleEffects,
  terraform_data: dataEffects,
};

/** Attributes that follow from the others. */
const FOLLOWING = new Set(["id", "user_id", "branch_protection_id", "created_at", "active", "revoked"]);

function tokenEffects(change: Change): Found[] {
  const { before, after, actions } = change;
  const name = nameOf(change);
  if (isReplaced(change)) {
    const danger = `token replaced instead of rotated (${reasonOf(change)}): its bot is lost, a new one comes`;
    return [{ kind: "replaced", what: name, danger: together(danger, moreThanPush(after)) }];
  }
  if (actions[0] === "delete") {
    return [{ kind: "destroyed", what: name, danger: "bot lost: what pushes with this token is refused from then on" }];
  }
  if (!before) {
    const { access_level: role, expires_at: expires } = after ?? {};
    return [
      { kind: "created", what: `${name}, role ${word(role)}, until ${word(expires)}`, danger: moreThanPush(after) },
    ];
  }
  const extended = `${word(before.expires_at)} → ${word(after?.expires_at)}`;
  const others = changed(change).filter((key) => key !== "expires_at");
  // The provider rotates at every update, whatever it is for.
  const what = before.expires_at === after?.expires_at ? `${name}, its date stays` : `${name}: ${extended}`;
  const steps = others.map((key) => step(change, key)).join(", ");
  const danger = others.includes("scopes") ? moreThanPush(after) : undefined;
  return [{ kind: "rotated", what: steps === "" ? what : `${what} (${steps})`, danger }];
}

/** A push needs `write_repository` and nothing else. */
function moreThanPush(after: Attributes | null): string | undefined {
  const scopes = Array.isArray(after?.scopes) ? after.scopes.filter((scope) => scope !== "write_repository") : [];
  return scopes.length > 0 ? `token that may do more than push (${scopes.map(word).join(", ")})` : undefined;
}

function variableEffects(change: Change): Found[] {
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

/** How more people or jobs come to a variable's value. Hidden is a choice, the others are what a token needs. */
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

/** Which slot's token a variable holds from then on, by the reference in the configuration. */
function carriedBy({ references }: Change): string {
  const token = references.value?.find((reference) => reference.startsWith("gitlab_project_access_token."));
  if (!token) return ", with a value of its own";
  return `, holds slot ${/_TokenB_[0-9A-F]{8}/.test(token) ? 2 : 1}`;
}

function ruleEffects(change: Change, guards: Guards): Found[] {
  const { before, after, actions } = change;
  const name = titleOf(change, guards);
  if (guards.has(change)) {
    // A guard that comes with its rule is no news.
    if (!before && guards.get(change)?.actions.join() === "create") return [];
    if (isReplaced(change)) return [{ kind: "replaced", what: name }];
    return [{ kind: before ? (after ? "changed" : "destroyed") : "created", what: name }];
  }
  if (!isReplaced(change) && actions[0] === "delete") return [{ kind: "destroyed", what: name, danger: OPENED }];
  if (!before || !after) {
    const danger =
      after?.allow_force_push === true ? "force pushes allowed: whoever may push can rewrite it" : undefined;
    return [{ kind: isClosed(after ?? {}) ? "closed" : "opened", what: `${name}: ${whoOf(after ?? {})}`, danger }];
  }
  const [wider, narrower] = [widened(before, after), widened(after, before)];
  const steps = changed(change).map((key) => step(change, key));
  const what = `${name}: ${steps.join(", ") || "the same once more"}`;
  const isNarrower = narrower.length > 0 && !letsInUnknown(after);
  const kind = wider.length > 0 ? "opened" : isNarrower ? "closed" : "changed";
  const isMoved = before.project !== after.project || before.branch !== after.branch;
  const danger = together(
    wider.length > 0 ? `branch opened wider (${wider.join(", ")})` : undefined,
    isMoved ? `${OPENED}: ${code(before.branch)} of ${code(before.project)}` : undefined,
    !isMoved && standsAway(change) && !isGuarded(change, guards)
      ? "branch left open for a moment: the rule is replaced without a guard"
      : undefined,
  );
  return [{ kind, what, danger }];
}

const OPENED = "branch opened: without another rule every Developer may push, force-push and delete it";

/** The provider takes a rule away and makes it anew when a level changes. */
const standsAway = (change: Change): boolean =>
  isReplaced(change) || changed(change).some((key) => /_access_level$/.test(key));

/** Whether a guard stands before and after. */
const isGuarded = (rule: Change, guards: Guards): boolean =>
  [...guards].some(([guard, its]) => its === rule && !happens(guard));

function guardsOf({ changes }: Plan): Guards {
  const rules = changes.filter(({ type, deposed }) => type === RULE && !deposed).map(asKnown);
  return new Map([...guardsAmong(rules)].map(([guard, rule]) => [guard.change, rule.change]));
}

/** Closed is what is so before and after. */
function asKnown(change: Change): KnownRule & { readonly change: Change } {
  const { before, after, name } = change;
  const { project, branch } = after ?? before ?? {};
  const sides = [before, after].filter((side) => side !== null);
  const closed = sides.every((side) => isClosed(side) && side.merge_access_level === "no one");
  return { name, project: String(project), branch: String(branch), closed, change };
}

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

const isLevel = (value: unknown): value is AccessLevel => ACCESS_LEVELS.some((level) => level === value);

const entries = (attributes: Attributes, key: string): Attributes[] =>
  Array.isArray(attributes[key]) ? (attributes[key] as Attributes[]) : [];

/** Whom an entry lets in; nothing while that is unknown. */
const identity = (entry: Attributes): string[] =>
  ["user_id", "group_id", "deploy_key_id"].flatMap((key) => (entry[key] ? [`${key} ${entry[key]}`] : []));

function whoOf(after: Attributes): string {
  const level = (who: string) => after[`${who}_access_level`] ?? DEFAULT_LEVEL;
  const people = (who: string) => {
    const named = entries(after, `allowed_to_${who}`).length;
    return named > 0 ? ` and ${named} named` : "";
  };
  const unprotect = level("unprotect") === DEFAULT_LEVEL ? "" : `, unprotect ${word(level("unprotect"))}`;
  const force = after.allow_force_push === true ? ", force push" : "";
  return `push ${word(level("push"))}${people("push")}, merge ${word(level("merge"))}${people("merge")}${unprotect}${people("unprotect")}${force}`;
}

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

const isReplaced = ({ actions }: Change): boolean => actions.includes("create") && actions.includes("delete");

const reasonOf = (change: Change): string =>
  change.replacedFor.map((key) => step(change, key)).join(", ") || "it is gone or unusable in GitLab";

/** Dangers of one effect, or undefined where there is none. */
const together = (...dangers: readonly (string | undefined)[]): string | undefined =>
  dangers.filter((each) => each !== undefined).join("; ") || undefined;

/** The attributes somebody decided on that change. */
function changed({ before, after, unknown }: Change): string[] {
  const keys = Object.keys({ ...before, ...after });
  return keys.filter(
    (key) => !FOLLOWING.has(key) && !unknown.has(key) && JSON.stringify(before?.[key]) !== JSON.stringify(after?.[key]),
  );
}

/** `push_access_level maintainer → developer`; people by their number, as they may be unknown. */
function step({ before, after }: Change, key: string): string {
  const shown = (value: unknown) => {
    if (!Array.isArray(value)) return word(value);
    const isPlain = value.length > 0 && value.every((each) => typeof each === "string");
    return isPlain ? value.map(word).join(" and ") : `${value.length} entries`;
  };
  return `${key} ${shown(before?.[key])} → ${shown(after?.[key])}`;
}

const titleOf = (change: Change, guards: Guards): string =>
  guards.has(change) ? nameOf(change).replace(/^rule/, "guard") : nameOf(change);

/** What a change is about, as an operator knows it. */
function nameOf(change: Change): string {
  const { project, group, branch, key, name, environment_scope: scope } = change.after ?? change.before ?? {};
  switch (change.type) {
    case "gitlab_project_access_token":
      return `slot ${isSecondSlot(change) ? 2 : 1} ${code(name)} of ${code(project)}`;
    case "gitlab_branch_protection":
      return `rule ${code(branch)} of ${code(project)}`;
    case "gitlab_project_variable":
    case "gitlab_group_variable":
      return `variable ${code(key)} of ${project === undefined ? "group " : ""}${code(project ?? group)}${scope === "*" ? "" : ` for ${code(scope)}`}`;
    default:
      return code(change.address);
  }
}

const isSecondSlot = ({ name }: Change): boolean => /_TokenB_[0-9A-F]{8}$/.test(name);

/** The pusher a resource belongs to: its token's mark says so, else the name cdktf gave it. */
function pusherOf({ before, after, type, name }: Change): string | null {
  if (type === "terraform_data" && name === DELETION_PROTECTION) return null;
  const mark = markedPath((after ?? before)?.description as string | undefined);
  const marked = mark && /^[^/]*\/([\w-]+)(?:[/:]|$)/.exec(mark)?.[1];
  return marked ?? /^(.+?)_(?:Rule|Token|Variable)/.exec(name)?.[1] ?? name;
}

/** A name from GitLab or the inventory as Markdown's code, on one line. */
const code = (value: unknown): string => `\`${text(value).replaceAll("`", "'")}\``;

/** The same, bare where it is nothing but words. */
const word = (value: unknown): string => (/^[\w .:,-]*$/.test(text(value)) ? text(value) : code(value));

const text = (value: unknown): string =>
  value === undefined || value === null
    ? "none"
    : printable(String(typeof value === "object" ? JSON.stringify(value) : value).replace(/\s+/g, " "));
