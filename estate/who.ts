import type { AccessEntry } from "../gitlab/protected-branch";
import { DEVELOPER, INSTANCE_ADMIN, MAINTAINER, OWNER, roleName } from "../gitlab/role";

/** One of those whom a rule lets in: a role with every higher one, or somebody by name. */
export type Who =
  | { readonly kind: "role"; readonly level: number }
  | { readonly kind: "user" | "group" | "deploy key"; readonly id: number; readonly name: string | undefined };

/** Those whom lists of a rule let in, each once, the widest role alone; nobody is an empty list. */
export function whoOf(entries: readonly AccessEntry[]): Who[] {
  const all = entries.flatMap(one);
  const levels = all.flatMap((who) => (who.kind === "role" ? [who.level] : []));
  const byName = new Map(all.flatMap((who) => (who.kind === "role" ? [] : [[`${who.kind} ${who.id}`, who] as const])));
  return [...roles(levels), ...byName.values()];
}

/** A role includes the higher ones; instance admins are let in by nothing else. */
function roles(levels: readonly number[]): Who[] {
  const members = levels.filter((level) => level <= OWNER);
  const kept = [
    ...(members.length > 0 ? [Math.min(...members)] : []),
    ...levels.filter((level) => level > OWNER).slice(0, 1),
  ];
  return kept.map((level) => ({ kind: "role", level }));
}

function one(entry: AccessEntry): Who[] {
  const name = entry.access_level_description;
  if (entry.user_id) return [{ kind: "user", id: entry.user_id, name }];
  if (entry.group_id) return [{ kind: "group", id: entry.group_id, name }];
  if (entry.deploy_key_id) return [{ kind: "deploy key", id: entry.deploy_key_id, name }];
  return entry.access_level ? [{ kind: "role", level: entry.access_level }] : [];
}

const LEVELS: Readonly<Record<number, string>> = {
  [DEVELOPER]: "Developers and up",
  [MAINTAINER]: "Maintainers and up",
  [INSTANCE_ADMIN]: "instance admins",
};

/** `Developers and up, user Ann (7)`; `nobody` of an empty list. */
export const whoText = (all: readonly Who[]): string => all.map(oneText).join(", ") || "nobody";

function oneText(who: Who): string {
  if (who.kind === "role") return LEVELS[who.level] ?? `${roleName(who.level)} and up`;
  return `${who.kind} ${who.name === undefined ? who.id : `${who.name} (${who.id})`}`;
}
