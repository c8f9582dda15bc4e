import { BranchProtection } from "@cdktf/provider-gitlab/lib/branch-protection";
import type { Construct } from "constructs";
import type { AccessLevel, UnprotectLevel } from "../gitlab/access-level";
import type { ListEntry } from "./listed";

/** An entry of a list of provider 19: a level, or somebody. */
export type Entry19<Level> = ListEntry | { readonly accessLevel: Level };

/** A rule as provider 19 takes it: levels on Community Edition, lists on Enterprise Edition, never both. */
export interface BranchProtection19Config {
  readonly project: string;
  readonly branch: string;
  readonly pushAccessLevel?: AccessLevel;
  readonly mergeAccessLevel?: AccessLevel;
  readonly allowedToPush?: readonly Entry19<AccessLevel>[];
  readonly allowedToMerge?: readonly Entry19<AccessLevel>[];
  readonly allowedToUnprotect?: readonly Entry19<UnprotectLevel>[];
  readonly allowForcePush?: boolean;
  readonly codeOwnerApprovalRequired?: boolean;
}

/** `gitlab_branch_protection` of provider 19, which the bindings of 18.6.1 do not know. */
export class BranchProtection19 extends BranchProtection {
  private readonly lists: Readonly<Record<string, readonly Entry19<AccessLevel>[] | undefined>>;

  constructor(
    scope: Construct,
    id: string,
    { allowedToPush, allowedToMerge, allowedToUnprotect, ...config }: BranchProtection19Config,
  ) {
    super(scope, id, config);
    this.lists = {
      allowed_to_push: allowedToPush,
      allowed_to_merge: allowedToMerge,
      allowed_to_unprotect: allowedToUnprotect,
    };
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const lists = Object.entries(this.lists).map(([name, list]) => [name, list?.map(rendered)]);
    return { ...super.synthesizeAttributes(), ...Object.fromEntries(lists) };
  }
}

const NAMES = {
  accessLevel: "access_level",
  userId: "user_id",
  groupId: "group_id",
  deployKeyId: "deploy_key_id",
} as const;

const rendered = (entry: Entry19<AccessLevel>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(entry).map(([key, value]) => [NAMES[key as keyof typeof NAMES], value]));
