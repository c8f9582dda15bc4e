import type { Named } from "../gitlab/named";
import { samePath } from "../gitlab/project-path";
import type { Expression } from "./expression";
import { idOf } from "./known-by-name";
import { PushToken } from "./push-token";
import type { Stack } from "./stack";

/** Somebody whom a rule can list: the bot of a token, or somebody else. */
export type Listed = PushToken | Named;

/** The name of somebody listed, in words: `the bot of ops/gitops/Token`, `user anna`, `group xlink/release`, `deploy key 12`. */
export function nameOf(listed: Listed): string {
  if (listed instanceof PushToken) return `the bot of ${listed.node.path}`;
  if ("user" in listed) return `user ${typeof listed.user === "string" ? samePath(listed.user) : listed.user}`;
  if ("group" in listed) return `group ${typeof listed.group === "string" ? samePath(listed.group) : listed.group}`;
  return `deploy key ${listed.deployKey}`;
}

/** An entry of a rule's list, as the provider takes it. */
export interface ListEntry {
  readonly userId?: number;
  readonly groupId?: number;
  readonly deployKeyId?: number;
}

/** The entry for somebody. Terraform asks GitLab for the number of whoever is known by name. */
export function entryOf(stack: Stack, listed: Listed): ListEntry {
  if (listed instanceof PushToken) return { userId: numberOf(listed.userId) };
  if ("user" in listed)
    return { userId: typeof listed.user === "number" ? listed.user : numberOf(idOf(stack, "user", listed.user)) };
  if ("group" in listed)
    return { groupId: typeof listed.group === "number" ? listed.group : numberOf(idOf(stack, "group", listed.group)) };
  return { deployKeyId: listed.deployKey };
}

const numberOf = (id: Expression): number => id.as<number>();
