import type { App } from "cdktf";
import { CiPusher, PusherStack, type PusherStackProps } from "../constructs";
import type { InventoryFile } from "./load";

export interface DeclareOptions {
  /** The GitLab the inventory is for, as in `GITLAB_BASE_URL`. @default "https://gitlab.com" */
  readonly baseUrl?: string;
  /** The instant dates are checked against. @default - the machine's clock */
  readonly now?: Date;
  /** The major version of the provider. @default - as of a PusherStack */
  readonly provider?: PusherStackProps["provider"];
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
    package: content.package,
    lifetimeLimit: content.token_lifetime_limit,
    deletionProtection: content.deletion_protection,
    locate: (path) => locate(inventoryPath(path)),
  });
  for (const [id, pusher] of Object.entries(content.pushers)) new CiPusher(stack, id, pusher);
  return stack;
}

/** The place in the file that says what a construct is made of, by the construct's path below the stack. */
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
