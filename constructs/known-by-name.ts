import { createHash } from "node:crypto";
import { samePath } from "../gitlab/project-path";
import { Expression } from "./expression";
import { literal } from "./literal";
import type { Stack } from "./stack";

/** Data sources, and what they take the name and give the number as. `gitlab_group` would put the group's runner token into the state. */
const SOURCES = {
  user: { type: "gitlab_user", name: "username", id: "user_id" },
  group: { type: "gitlab_group_ids", name: "group", id: "group_id" },
} as const;

/** The number of a user or group that is known by name, for which Terraform asks GitLab at each plan. */
export function idOf(stack: Stack, kind: keyof typeof SOURCES, name: string): Expression {
  const source = SOURCES[kind];
  const address = `data.${source.type}.${labelOf(name)}`;
  stack.addOverride(address, { [source.name]: literal(name) });
  return Expression.attribute(address, source.id);
}

/** A name as Terraform's addresses take it; different ones stay different. */
function labelOf(name: string): string {
  const digest = createHash("sha256").update(samePath(name)).digest("hex").slice(0, 8).toUpperCase();
  return `Known_${samePath(name)
    .replace(/[^a-z0-9]/g, "_")
    .slice(0, 60)}_${digest}`;
}
