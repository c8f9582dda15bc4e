import type { App } from "cdktf";
import { CiPusher, type Named, PusherStack, type PusherStackProps } from "../constructs";
import type { InventoryFile } from "./load";
import type { Pusher, Someone } from "./schema";

export interface DeclareOptions {
  /** The GitLab the inventory is for, as in `GITLAB_BASE_URL`. @default "https://gitlab.com" */
  readonly baseUrl?: string;
  /** The instant dates are checked against. @default - the machine's clock */
  readonly now?: Date;
  /** The state, as it was read before. @default - as of a PusherStack */
  readonly state?: PusherStackProps["state"];
}

/** Declares the stack of one inventory file. */
export function declareStack(
  app: App,
  { stack: name, content, locate }: InventoryFile,
  options: DeclareOptions = {},
): PusherStack {
  const stack = new PusherStack(app, name, {
    ...options,
    was: content.was,
    edition: content.edition,
    lifetimeLimit: content.token_lifetime_limit,
    deletionProtection: content.deletion_protection,
    locate: (path) => locate(inventoryPath(path)),
  });
  for (const [id, pusher] of Object.entries(content.pushers)) declarePusher(stack, id, pusher);
  return stack;
}

function declarePusher(
  stack: PusherStack,
  id: string,
  { target, was, token, variable, branches, tags, unprotected_branches: unprotectedBranches }: Pusher,
): CiPusher {
  const { in: homes, import: importVariable, ...settings } = variable;
  return new CiPusher(stack, id, {
    target,
    was,
    unprotectedBranches,
    token: {
      name: token.name,
      role: token.role,
      expires: token.expires as string | [string] | [string, string],
      allowInterruption: token.allow_interruption,
    },
    variable: {
      ...settings,
      in: homes?.map((home) => (typeof home === "string" ? { project: home } : home)),
      importFrom: importVariable,
    },
    branches: Object.fromEntries(
      Object.entries(branches).map(([branch, rule]) => [
        branch,
        {
          push: rule.push,
          merge: rule.merge,
          unprotect: rule.unprotect,
          allowedToPush: rule.allowed_to_push.map(listed),
          allowedToMerge: rule.allowed_to_merge.map(listed),
          allowedToUnprotect: rule.allowed_to_unprotect.map(named),
          allowForcePush: rule.force_push,
          codeOwnerApproval: rule.code_owner_approval,
          guard: rule.guard,
          importFrom: rule.import,
          with: rule.with,
        },
      ]),
    ),
    tags: Object.fromEntries(
      Object.entries(tags).map(([tag, { create, allowed_to_create: allowed, guard, with: companions }]) => [
        tag,
        { create, allowedToCreate: allowed.map(listed), guard, with: companions },
      ]),
    ),
  });
}

const listed = (each: "bot" | Someone): "bot" | Named => (each === "bot" ? each : named(each));

const named = (each: Someone): Named => ("deploy_key" in each ? { deployKey: each.deploy_key } : each);

/** Where the file says what a construct is made of, by the construct's path below the stack. */
function inventoryPath([pusher, part]: readonly string[]): PropertyKey[] {
  if (pusher === undefined) return [];
  const [kind = "", name = ""] = (part ?? "").split(" ");
  const inside: Record<string, PropertyKey[]> = {
    Token: ["token", "expires", 0],
    TokenB: ["token", "expires", 1],
    Variable: ["variable"],
    Rule: ["branches", name.replaceAll(":", "/")],
    Tag: ["tags", name.replaceAll(":", "/")],
  };
  return ["pushers", pusher, ...(inside[kind] ?? [])];
}
