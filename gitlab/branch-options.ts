import type { AccessLevel, UnprotectLevel } from "./access-level";
import type { Named } from "./named";

/**
 * The choices of a protected-branch rule: what an inventory says, a pusher hands on and the resource is made from.
 * @typeParam Who what those are known by whom the rule lets in by name
 */
export interface BranchOptions<Who> {
  /** Those who may push: a role and every higher one, `no one`, or `bot`: nobody but the bots of the pusher (Premium). */
  readonly push: AccessLevel | "bot";
  /**
   * Those who may merge: a role and every higher one, or `no one`.
   * @default "maintainer"
   */
  readonly merge?: AccessLevel;
  /**
   * Those who may change the rule or take it away: a role and every higher one (Premium). The operator has to be among them.
   * @default "maintainer"
   */
  readonly unprotect?: UnprotectLevel;
  /** Those whom the rule lets push by name, beside the level (Premium). @default - nobody */
  readonly allowedToPush?: readonly Who[];
  /** Those whom the rule lets merge by name, beside the level; no deploy keys (Premium). @default - nobody */
  readonly allowedToMerge?: readonly Who[];
  /** Those who may change the rule or take it away by name, beside the level; no bots and no deploy keys (Premium). @default - nobody */
  readonly allowedToUnprotect?: readonly Named[];
  /**
   * Lets those who may push also rewrite the branch.
   * @default false
   */
  readonly allowForcePush?: boolean;
  /**
   * Merge requests need a code owner's approval, and nobody pushes past it (Premium).
   * @default false
   */
  readonly codeOwnerApproval?: boolean;
  /**
   * A second rule that closes the branch while GitLab's provider has this one taken away, which it does whenever a level changes.
   * @default true
   */
  readonly guard?: boolean;
  /**
   * The rule exists already and is adopted, which takes two deploys: the first makes the guard, the second takes the rule over. Take it
   * out again after that. Not needed for the default branch, whose rule the provider always takes over.
   * @default false
   */
  readonly adopt?: boolean;
}
