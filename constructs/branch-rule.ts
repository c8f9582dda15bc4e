import { BranchProtection } from "@cdktf/provider-gitlab/lib/branch-protection";
import type { Construct } from "constructs";
import type { AccessLevel, UnprotectLevel } from "../gitlab/access-level";
import { BranchProtection19, type Entry19 } from "./branch-protection-19";
import type { ListEntry } from "./listed";
import type { Stack } from "./stack";

/** A rule as it is decided, whatever the provider calls it. */
export interface BranchRule {
  readonly project: string;
  readonly branch: string;
  readonly push: AccessLevel;
  readonly merge: AccessLevel;
  readonly unprotect: UnprotectLevel;
  /** Those who are let in by name, beside the levels. @default - nobody */
  readonly listed?: Readonly<Record<"push" | "merge" | "unprotect", readonly ListEntry[]>>;
  readonly allowForcePush: boolean;
  /** @default - nothing is said, as there are none on Free */
  readonly codeOwnerApproval?: boolean;
}

/** The resource of a rule in the spelling of the stack's provider. Its Terraform address is the same in all of them. */
export function branchRule(scope: Construct, id: string, stack: Stack, rule: BranchRule): BranchProtection {
  if (stack.provider === 18) return ofProvider18(scope, id, rule);
  return stack.package === "ce" ? onCommunity(scope, id, rule) : onEnterprise(scope, id, stack, rule);
}

const common = ({ project, branch, allowForcePush, codeOwnerApproval }: BranchRule) => ({
  project,
  branch,
  allowForcePush,
  ...(codeOwnerApproval === undefined ? {} : { codeOwnerApprovalRequired: codeOwnerApproval }),
});

function ofProvider18(scope: Construct, id: string, rule: BranchRule): BranchProtection {
  const { push = [], merge = [], unprotect = [] } = rule.listed ?? {};
  return new BranchProtection(scope, id, {
    ...common(rule),
    // The default level, maintainer, would stay in force beside a list.
    pushAccessLevel: rule.push,
    mergeAccessLevel: rule.merge,
    unprotectAccessLevel: rule.unprotect,
    ...(push.length > 0 ? { allowedToPush: [...push] } : {}),
    ...(merge.length > 0 ? { allowedToMerge: [...merge] } : {}),
    ...(unprotect.length > 0 ? { allowedToUnprotect: [...unprotect] } : {}),
  });
}

const onCommunity = (scope: Construct, id: string, rule: BranchRule): BranchProtection =>
  new BranchProtection19(scope, id, {
    ...common(rule),
    pushAccessLevel: rule.push,
    mergeAccessLevel: rule.merge,
  });

function onEnterprise(scope: Construct, id: string, stack: Stack, rule: BranchRule): BranchProtection {
  const { push = [], merge = [], unprotect = [] } = rule.listed ?? {};
  return new BranchProtection19(scope, id, {
    ...common(rule),
    allowedToPush: together(rule.push, push),
    allowedToMerge: together(rule.merge, merge),
    // Without a licence GitLab decides who may take a rule away.
    ...(stack.edition === "premium" ? { allowedToUnprotect: together(rule.unprotect, unprotect) } : {}),
  });
}

/**
 * A level and those beside it in one list. A list that names somebody lets in nobody else, so that `no one` beside them goes without saying;
 * the provider could not add it again if somebody took it out.
 */
const together = <Level extends AccessLevel>(level: Level, listed: readonly ListEntry[]): Entry19<Level>[] =>
  level === "no one" && listed.length > 0 ? [...listed] : [{ accessLevel: level }, ...listed];
