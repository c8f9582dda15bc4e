import { type Who, whoOf } from "../../../estate/who";
import { ACCESS_LEVELS, type AccessLevel, levelOf } from "../../../gitlab/access-level";
import type { AccessEntry } from "../../../gitlab/protected-branch";

/** Somebody whom a rule lets in beside its level. */
export type Name = Exclude<Who, { readonly kind: "role" }>;

/** A list of a rule in the words of an inventory. */
export interface Said {
  readonly level: AccessLevel;
  readonly names: readonly Name[];
  /** Tells whether Terraform's provider reads another level there, or none, so that a deploy makes the rule anew. */
  readonly isRead: boolean;
}

/** A level and names; undefined: a list that says more than one level, or one that an inventory does not know. */
export function saidBy(entries: readonly AccessEntry[]): Said | undefined {
  const who = whoOf(entries);
  const [role, ...more] = who.flatMap((each) => (each.kind === "role" ? [each.level] : []));
  const level = role === undefined ? "no one" : ACCESS_LEVELS.find((each) => levelOf(each) === role);
  if (level === undefined || more.length > 0) return undefined;
  // The provider takes the first entry that is neither a user's nor a group's.
  const read = entries.find(({ user_id, group_id }) => !user_id && !group_id)?.access_level;
  return { level, names: who.filter(isName), isRead: read === levelOf(level) };
}

/** Entries of GitLab's for those whom a list lets in. */
export const entriesOf = (who: readonly Who[]): AccessEntry[] =>
  who.map((each) => {
    if (each.kind === "role") return { access_level: each.level };
    const entry = { access_level: null, access_level_description: each.name };
    if (each.kind === "user") return { ...entry, user_id: each.id };
    return each.kind === "group" ? { ...entry, group_id: each.id } : { ...entry, deploy_key_id: each.id };
  });

const isName = (who: Who): who is Name => who.kind !== "role";
