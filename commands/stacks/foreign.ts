/**
 * Something that a plan does and that this tool does not review: inventories make no such thing, code beside them can. A plan with one is
 * shown, and left to `cdktf deploy`.
 */
export interface Foreign {
  readonly what: "resource" | "data source" | "output" | "action";
  /** The name that Terraform has for it, or the output's. */
  readonly address: string;
  /** Terraform's: `["create"]`, `["delete", "create"]`, `["read"]`, … */
  readonly actions: readonly string[];
  /** A verb in the third person and the rest, of a resource whose kind is reviewed. @default - its kind is not */
  readonly because?: string;
}

/** The kinds of resource that the stacks of an inventory are made of. */
const REVIEWED: ReadonlySet<string> = new Set([
  "gitlab_project_access_token",
  "gitlab_project_variable",
  "gitlab_group_variable",
  "gitlab_branch_protection",
  "gitlab_tag_protection",
]);

/** Data sources that find people and groups by name. A plan lists those alone that are read when it is applied. */
const READ: ReadonlySet<string> = new Set(["gitlab_user", "gitlab_group_ids"]);

/** The resource that every destroy of a stack fails at, by a command of its own. */
export const isDeletionProtection = ({ address }: { readonly address: string }): boolean =>
  address === "terraform_data.deletion_protection";

/** A resource of a plan, with what the configuration says of it. */
export interface PlannedResource {
  readonly mode?: string;
  readonly address: string;
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
  /** Commands that Terraform runs beside the change. */
  readonly provisioners?: unknown;
  /** The one of the stack's provider configurations that it is made with. */
  readonly provider?: string;
}

/** The same as something foreign; undefined of what is reviewed. */
export function asForeign(resource: PlannedResource): Foreign | undefined {
  const { mode, address, type, name, actions, provisioners, provider } = resource;
  if (mode === "data") return READ.has(type) ? undefined : { what: "data source", address, actions };
  const foreign = (because?: string): Foreign => ({ what: "resource", address, actions, because });
  if (isDeletionProtection(resource)) return undefined;
  if (!REVIEWED.has(type)) return foreign();
  if (address !== `${type}.${name}`) return foreign("is in a module or one of several instances");
  if (provisioners !== undefined) return foreign("runs commands");
  if (provider !== undefined && provider !== "gitlab") return foreign("has a provider configuration of its own");
  return undefined;
}
