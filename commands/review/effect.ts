import { ACCESS_LEVELS, type AccessLevel, opensMoreThan } from "../../gitlab/access-level";
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

/** All that a plan does: tokens first, then what carries them and where they are let in. */
export const effectsOf = (plan: Plan): Effect[] =>
  plan.changes
    .filter(happens)
    .sort((a, b) => rank(a) - rank(b) || nameOf(a).localeCompare(nameOf(b), "en"))
    .flatMap((change) => {
      const found = describe(change, plan);
      return found.map((each) => ({ stack: plan.stack, pusher: pusherOf(change), ...each }));
    });

function describe(change: Change, plan: Plan): Found[] {
  const adopted: Found[] = change.importing
    ? [{ kind: "adopted", what: `${nameOf(change)}, by ${code(change.importing)}` }]
    : [];
  if (change.importing && !happens({ ...change, importing: undefined })) return adopted;
  const [action] = change.actions;
  if (change.deposed) return [{ kind: "destroyed", what: `what an earlier replacement left of ${nameOf(change)}` }];
  if (action === "no-op")
    return [{ kind: "changed", what: `${nameOf(change)}: moved from ${code(change.previousAddress)}` }];
  if (action === "forget") return [...adopted, { kind: "forgotten", what: `${nameOf(change)}: it stays in GitLab` }];
  return [...adopted, ...(TYPES[change.type] ?? other)(change, plan)];
}

/** By the order of {@link TYPES}, guards after rules, and all others last. */
function rank(change: Change): number {
  const types = Object.keys(TYPES);
  const index = types.indexOf(change.type);
  return index < 0 ? types.length : index + (isGuard(change) ? 0.5 : 0);
}

const TYPES: Readonly<Record<string, (change: Change, plan: Plan) => Found[]>> = {
  gitlab_project_access_token: tokenEffects,
  gitlab_project_variable: variableEffects,
  gitlab_group_variable: variableEffects,
  gitlab_branch_protection: ruleEffects,
  terraform_data: dataEffects,
};

/** Attributes that follow from the others. */
const FOLLOWING = new Set(["id", "user_id", "branch_protection_id", "created_at", "active", "revoked"]);

function tokenEffects(change: Change): Found[] {
  const { before, after, actions } = change;
  const name = nameOf(change);
  if (isReplaced(change)) {
    const danger = `token replaced instead of rotated (${reasonOf(change)}): its bot is lost, a new one comes`;
    return [{ kind: "replaced", what: name, danger }];
  }
  if (actions[0] === "delete") {
    return [{ kind: "destroyed", what: name, danger: "bot lost: what pushes with this token is refused from then on" }];
  }
  if (!before) {
    const { access_level: role, expires_at: expires } = after ?? {};
    return [{ kind: "created", what: `${name}, role ${word(role)}, until ${word(expires)}` }];
  }
  const extended = `${word(before.expires_at)} → ${word(after?.expires_at)}`;
  const others = changed(change).filter((key) => key !== "expires_at");
  // The provider rotates at every update, whatever it is for.
  const what = before.expires_at === after?.expires_at ? `${name}, its date stays` : `${name}: ${extended}`;
  return [{ kind: "rotated", what: others.length > 0 ? `${what} (${others.join(", ")})` : what }];
}

function variableEffects(change: Change): Found[] {
  const { before, after, actions } = change;
  const name = nameOf(change);
  const carries = carriedBy(change);
  if (isReplaced(change)) {
    const danger = `variable replaced (${reasonOf(change)}): jobs that start meanwhile find none`;
    return [{ kind: "replaced", what: name, danger }];
  }
  if (actions[0] === "delete") return [{ kind: "destroyed", what: name }];
  const loosened = ["protected", "masked"].filter((key) => before?.[key] !== false && after?.[key] === false);
  const danger =
    loosened.length > 0 ? `variable no longer ${loosened.join(" and ")}: more people can read it` : undefined;
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

/** Which slot's token a variable holds from then on, by the reference in the configuration. */
function carriedBy({ references }: Change): string {
  const token = references.value?.find((reference) => reference.startsWith("gitlab_project_access_token."));
  if (!token) return ", with a value of its own";
  return `, holds slot ${/_TokenB_[0-9A-F]{8}/.test(token) ? 2 : 1}`;
}

function ruleEffects(change: Change, plan: Plan): Found[] {
  const { before, after, actions } = change;
  const name = nameOf(change);
  if (isGuard(change)) {
    // A guard that comes with its rule is no news.
    if (!before && plan.changes.some((each) => each.actions.join() === "create" && guards(change, each))) return [];
    if (isReplaced(change)) return [{ kind: "replaced", what: name }];
    return [{ kind: before ? (after ? "changed" : "destroyed") : "created", what: name }];
  }
  if (!isReplaced(change) && actions[0] === "delete") {
    const danger = "branch opened: without another rule every Developer may push, force-push and delete it";
    return [{ kind: "destroyed", what: name, danger }];
  }
  if (!before || !after) {
    const isClosed = after?.push_access_level === "no one" && entries(after, "allowed_to_push").length === 0;
    return [{ kind: isClosed ? "closed" : "opened", what: `${name}: ${whoOf(after ?? {})}` }];
  }
  const [wider, narrower] = [widened(before, after), widened(after, before)];
  const steps = changed(change).map((key) => step(change, key));
  const what = `${name}: ${steps.join(", ") || "the same once more"}`;
  const kind = wider.length > 0 ? "opened" : narrower.length > 0 ? "closed" : "changed";
  const dangers = [
    ...(wider.length > 0 ? [`branch opened wider (${wider.join(", ")})`] : []),
    ...(standsAway(change) && !isGuarded(change, plan)
      ? ["branch left open for a moment: the rule is replaced without a guard"]
      : []),
  ];
  return [{ kind, what, danger: dangers.join("; ") || undefined }];
}

/** The provider takes a rule away and makes it anew when a level changes. */
const standsAway = (change: Change): boolean =>
  isReplaced(change) || changed(change).some((key) => /_access_level$/.test(key));

/** Whether a guard stands before and after. */
const isGuarded = (rule: Change, { changes }: Plan): boolean =>
  changes.some((each) => guards(each, rule) && !happens(each));

/** Whether one change is about the guard of the rule in another. */
const guards = (guard: Change, rule: Change): boolean =>
  isGuard(guard) && guard.name.replace(HASH, "") === `${rule.name.replace(HASH, "")}_Guard`;

const HASH = /_[0-9A-F]{8}$/;
const isGuard = ({ name }: Change): boolean => /_Guard_[0-9A-F]{8}$/.test(name);

/** In what `after` lets in more than `before`. */
function widened(before: Attributes, after: Attributes): string[] {
  const levels = ["push", "merge", "unprotect"].filter((who) => {
    const [from, to] = [before[`${who}_access_level`], after[`${who}_access_level`]];
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

const isLevel = (value: unknown): value is AccessLevel => ACCESS_LEVELS.some((level) => level === value);

const entries = (attributes: Attributes, key: string): Attributes[] =>
  Array.isArray(attributes[key]) ? (attributes[key] as Attributes[]) : [];

/** Whom an entry lets in; nothing while that is unknown. */
const identity = (entry: Attributes): string[] =>
  ["user_id", "group_id", "deploy_key_id"].flatMap((key) => (entry[key] ? [`${key} ${entry[key]}`] : []));

function whoOf(after: Attributes): string {
  const people = entries(after, "allowed_to_push").length;
  const push = `push ${word(after.push_access_level)}${people > 0 ? ` and ${people} named` : ""}`;
  const force = after.allow_force_push === true ? ", force push" : "";
  return `${push}, merge ${word(after.merge_access_level)}${force}`;
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

/** The attributes somebody decided on that change. */
function changed({ before, after, unknown }: Change): string[] {
  const keys = Object.keys({ ...before, ...after });
  return keys.filter(
    (key) => !FOLLOWING.has(key) && !unknown.has(key) && JSON.stringify(before?.[key]) !== JSON.stringify(after?.[key]),
  );
}

/** `push_access_level maintainer → developer`; lists by their length, as their entries may be unknown. */
function step({ before, after }: Change, key: string): string {
  const shown = (value: unknown) => (Array.isArray(value) ? `${value.length} entries` : word(value));
  return `${key} ${shown(before?.[key])} → ${shown(after?.[key])}`;
}

/** What a change is about, as an operator knows it. */
function nameOf(change: Change): string {
  const { project, group, branch, key, name, environment_scope: scope } = change.after ?? change.before ?? {};
  switch (change.type) {
    case "gitlab_project_access_token":
      return `slot ${isSecondSlot(change) ? 2 : 1} ${code(name)} of ${code(project)}`;
    case "gitlab_branch_protection":
      return `${isGuard(change) ? "guard" : "rule"} ${code(branch)} of ${code(project)}`;
    case "gitlab_project_variable":
    case "gitlab_group_variable":
      return `variable ${code(key)} of ${code(project ?? group)}${scope === "*" ? "" : ` for ${code(scope)}`}`;
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
