import { oneLine } from "../../../gitlab/printable";
import type { Attributes, Change } from "../../stacks/plan";
import { codeSpan } from "../markdown";

/** The name of what a change is about, as an operator knows it. */
export function nameOf(change: Change): string {
  const {
    project,
    group,
    branch,
    tag,
    key,
    name,
    environment_scope: scope,
  } = told(change, change.after ?? change.before);
  switch (change.type) {
    case "gitlab_project_access_token":
      return `slot ${isSecondSlot(change) ? 2 : 1} ${code(name)} of ${code(project)}`;
    case "gitlab_branch_protection":
      return `rule ${code(branch)} of ${code(project)}`;
    case "gitlab_tag_protection":
      return `tag rule ${code(tag)} of ${code(project)}`;
    case "gitlab_project_variable":
    case "gitlab_group_variable":
      return `variable ${code(key)} of ${project === undefined ? "group " : ""}${code(project ?? group)}${scope === "*" ? "" : ` for ${code(scope)}`}`;
    default:
      return code(change.address);
  }
}

/** The word for what is not known yet: it may be anything, which people should see. */
const UNKNOWN = "something that is known after the deploy only";

const told = ({ unknown }: Change, attributes: Attributes | null): Attributes => ({
  ...Object.fromEntries([...unknown].map((key) => [key, UNKNOWN])),
  ...attributes,
});

export const isSecondSlot = ({ address }: Change): boolean => /_TokenB_[0-9A-F]{8}$/.test(address);

export const isReplaced = ({ actions }: Change): boolean => actions.includes("create") && actions.includes("delete");

export const reasonOf = (change: Change): string =>
  change.replacedFor.map((key) => step(change, key)).join(", ") || "it is gone or unusable in GitLab";

/** The attributes somebody decided on that change. */
export function changed({ before, after, unknown }: Change): string[] {
  const keys = Object.keys({ ...before, ...after });
  return keys.filter(
    (key) => !FOLLOWING.has(key) && !unknown.has(key) && comparable(before?.[key]) !== comparable(after?.[key]),
  );
}

/** Of those whom a rule lets in by name: who it is, in any order. What GitLab adds to an entry is unknown until the deploy. */
const comparable = (value: unknown): string | undefined =>
  JSON.stringify(isListOfEntries(value) ? value.map((entry) => subject(entry) ?? "unknown").sort() : value);

const isListOfEntries = (value: unknown): value is readonly Attributes[] =>
  Array.isArray(value) && value.some((each) => typeof each === "object" && each !== null);

/** Attributes that follow from the others. */
const FOLLOWING = new Set(["id", "user_id", "branch_protection_id", "created_at", "active", "revoked"]);

/** `push_access_level maintainer → developer`; people by name where GitLab told it. */
export function step(change: Change, key: string): string {
  const shown = (value: unknown) => (Array.isArray(value) ? listed(change, key, value) : word(value));
  return `${key} ${shown(change.before?.[key])} → ${shown(change.after?.[key])}`;
}

/** Texts, or those whom a rule lets in by name, with `and` between them. */
export function listed({ references }: Change, key: string, list: readonly unknown[]): string {
  const isBot = references[key]?.some((reference) => reference.startsWith("gitlab_project_access_token."));
  const unknown = isBot ? "a bot whose token is made or rotated" : "somebody who is known after the deploy only";
  const people = list.map((each) =>
    typeof each === "object" && each !== null ? whoIs(each as Attributes, unknown) : word(each),
  );
  return people.join(" and ") || "none";
}

/**
 * The one whom an entry of a rule lets in, by name where that is known.
 * @param unknown what to say of somebody who has no number yet, as a bot that comes with the same deploy
 */
function whoIs(entry: Attributes, unknown: string): string {
  if (typeof entry.bot === "string") return entry.bot;
  const found = subject(entry);
  if (found === undefined || !isByNumber(entry)) return found ?? unknown;
  return byName(found, typeof entry.name === "string" ? entry.name : undefined);
}

/** `user Dana (7)`; of somebody whose name GitLab did not show that too. @param numbered `user 7` */
export function byName(numbered: string, name: string | undefined): string {
  if (name === undefined) return `${numbered} (name not seen)`;
  const at = numbered.lastIndexOf(" ");
  return `${numbered.slice(0, at)} ${word(name)} (${numbered.slice(at + 1)})`;
}

const KINDS = { user_id: "user", group_id: "group", deploy_key_id: "deploy key" } as const;

const isByNumber = (entry: Attributes): boolean => Object.keys(KINDS).some((key) => entry[key]);

/** `user 7`, or a level; undefined of somebody who has no number yet. */
function subject(entry: Attributes): string | undefined {
  const known = Object.entries(KINDS).find(([key]) => entry[key]);
  if (known) return `${known[1]} ${word(entry[known[0]])}`;
  return entry.access_level ? word(entry.access_level) : undefined;
}

/** Dangers of one effect, or undefined where there is none. */
export const together = (...dangers: readonly (string | undefined)[]): string | undefined =>
  dangers.filter((each) => each !== undefined).join("; ") || undefined;

/** A name from GitLab or the inventory as Markdown's code, on one line. */
export const code = (value: unknown): string => codeSpan(text(value));

/** The same, bare where it is nothing but words. */
export const word = (value: unknown): string => (/^[\w .:,-]*$/.test(text(value)) ? text(value) : code(value));

const text = (value: unknown): string =>
  value === undefined || value === null
    ? "none"
    : oneLine(String(typeof value === "object" ? JSON.stringify(value) : value).replace(/\s+/g, " "));
