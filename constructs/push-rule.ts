import type { BranchProtection } from "@cdktf/provider-gitlab/lib/branch-protection";
import { Annotations } from "cdktf";
import { Construct } from "constructs";
import { type AccessLevel, levelOf, type UnprotectLevel } from "../gitlab/access-level";
import type { BranchOptions } from "../gitlab/branch-options";
import { BranchPattern } from "../gitlab/branch-pattern";
import type { Problem } from "../gitlab/problem";
import { projectPathProblem } from "../gitlab/project-path";
import type { Rule } from "../gitlab/rule";
import { ruleIdentity } from "../state/identity";
import { type BranchRule, branchRule } from "./branch-rule";
import type { FleetRule } from "./fleet";
import { listProblem } from "./list-problem";
import { entryOf, type Listed, nameOf } from "./listed";
import { thingsOf } from "./moves";
import { PushToken } from "./push-token";
import { type Stack, stackOf } from "./stack";
import { strayedRule } from "./strayed-rule";
import type { Thing, ToldThing } from "./thing";
import { untraced } from "./untraced";
import { check, parsed } from "./validation";

export interface PushRuleProps extends Partial<BranchOptions<Listed>> {
  /** Full path of the target project. */
  readonly project: string;
  /** A branch, or a pattern with `*`. It need not exist yet. */
  readonly branch: string | BranchPattern;
  /**
   * Those who may push: a role and every higher one, `no one`, or `bot`: nobody but the {@link bots} (Premium).
   * @default "maintainer"
   */
  readonly push?: AccessLevel | "bot";
  /** The tokens whose bots `push: bot` lets in. @default - none */
  readonly bots?: readonly PushToken[];
  /** Terraform addresses that must stand before the rule opens the branch. @default - the bots */
  readonly after?: readonly string[];
}

/**
 * One protected-branch rule and its guard.
 *
 * The provider deletes and re-creates a rule at creation on the default branch and at each change of a level. The guard is another
 * rule that matches the same branch and lets nobody in. GitLab takes the most permissive of all matching rules, so the guard
 * restricts nothing while this rule stands and keeps the branch closed while it is away.
 * @see https://docs.gitlab.com/user/project/repository/branches/protected/
 */
export class PushRule extends Construct implements FleetRule {
  readonly project: string;
  readonly branch: string;
  readonly push: AccessLevel | "bot";
  readonly unprotect: UnprotectLevel;
  /** The tokens whose bots it lets push by name. */
  readonly bots: readonly PushToken[];
  /** Terraform address of the rule. */
  readonly address: string;
  readonly identity: string;
  /** The decisions of the rule; undefined when the branch is no pattern, which fails the synth. */
  readonly rule: Rule | undefined;
  /** Name of the guard rule in GitLab, or undefined when there is none. */
  readonly guard: string | undefined;
  /** The guard rule as Terraform has it. */
  readonly guardThing: Thing | undefined;
  /** Tells whether it exists already and is adopted. */
  readonly adopts: boolean;
  /** Tells whether the rule itself waits for the next deploy, because it is adopted and its guard does not stand yet. */
  readonly deferred: boolean;

  constructor(scope: Construct, id: string, props: PushRuleProps) {
    super(scope, id);
    const stack = stackOf(this);
    this.project = props.project;
    this.branch = String(props.branch);
    this.push = props.push ?? "maintainer";
    this.unprotect = props.unprotect ?? "maintainer";
    this.adopts = props.adopt ?? false;
    const merge = props.merge ?? "maintainer";
    const lists = listsOf(props);
    this.bots = lists.push.filter((listed) => listed instanceof PushToken);
    this.rule = this.parseRule(props, merge, lists);

    const pattern = this.rule?.pattern;
    this.guard = props.guard === false ? undefined : pattern?.companion();
    this.guardThing = this.guard === undefined ? undefined : this.addGuard(this.guard);
    this.identity = ruleIdentity(this.project, this.branch);
    // A rule that is managed already stays declared: leaving it out would destroy it. Otherwise adopting may replace the rule, and
    // Terraform would not wait for a new guard before it takes the rule away. What is only compared is declared, to be compared in full.
    const declared = { address: this.declaredAddress, identity: this.identity };
    const { guardThing: guard } = this;
    this.deferred =
      stack.readsState &&
      this.adopts &&
      guard !== undefined &&
      stack.deployedAt(guard) === undefined &&
      stack.deployedAt(declared) === undefined;
    const before = [
      ...(guard ? [guard.address] : []),
      ...(props.after ?? tokensIn(props, lists).map(({ address }) => address)),
    ];
    this.address = declared.address;
    if (this.deferred) this.postpone();
    else this.addRule(props, merge, lists, before);
    stack.fleet.rules.push(this);

    check(this, projectPathProblem(props.project));
    check(this, this.botsProblem(stack, props));
    for (const [right, list] of Object.entries(lists)) {
      const isTold = right === "push" && this.push === "bot" && stack.edition === "free";
      if (!isTold) check(this, listProblem(stack, this.project, right, list));
    }
    check(this, this.unprotectProblem(stack));
    check(this, this.codeOwnersProblem(stack, props));
    check(this, () => this.hiddenStateProblem(stack));
    check(this, strayedRule(stack, this.address, this.project, this.branch));
    check(this, this.takenLevelProblem(stack, merge, lists));
    if (guard) check(this, this.lateGuardProblem(stack, guard, merge));
    else check(this, () => this.earlyEndProblem(stack, merge));
  }

  /** Tells whether the provider changes levels without taking the rule away. */
  private get changesInPlace(): boolean {
    const { provider, package: installed } = stackOf(this);
    return provider === 19 && installed === "ee";
  }

  private get declaredAddress(): string {
    return `gitlab_branch_protection.${stackOf(this).getLogicalId(this.node)}`;
  }

  private parseRule(props: PushRuleProps, merge: AccessLevel, lists: Lists): Rule | undefined {
    const pattern = parsed(this, props.branch, BranchPattern.parse);
    if (!pattern) return undefined;
    return {
      pattern,
      push: this.push === "bot" ? "no one" : this.push,
      bots: this.bots.map((bot) => ({ id: bot.node.path, role: bot.role })),
      pushers: lists.push.filter((listed) => !(listed instanceof PushToken)).map(nameOf),
      merge,
      mergers: lists.merge.map(nameOf),
      allowForcePush: props.allowForcePush ?? false,
    };
  }

  private addRule(props: PushRuleProps, merge: AccessLevel, lists: Lists, before: readonly string[]): void {
    const stack = stackOf(this);
    const entries = (list: readonly Listed[]) => list.map((listed) => entryOf(stack, listed));
    const resource = this.addResource("Default", {
      branch: this.branch,
      push: this.push === "bot" ? "no one" : this.push,
      merge,
      unprotect: this.unprotect,
      listed: { push: entries(lists.push), merge: entries(lists.merge), unprotect: entries(lists.unprotect) },
      allowForcePush: props.allowForcePush ?? false,
      codeOwnerApproval: stack.edition === "premium" ? (props.codeOwnerApproval ?? false) : undefined,
    });
    if (before.length > 0) resource.addOverride("depends_on", before);
    if (this.adopts) stack.adopt(this, `${this.project}:${this.branch}`);
  }

  private addGuard(branch: string): Thing {
    const resource = this.addResource("Guard", {
      branch,
      push: "no one",
      merge: "no one",
      unprotect: "maintainer",
      allowForcePush: false,
    });
    return { address: addressOf(resource), identity: ruleIdentity(this.project, branch) };
  }

  private addResource(id: string, rule: Omit<BranchRule, "project">): BranchProtection {
    const stack = stackOf(this);
    const resource = untraced(() => branchRule(this, id, stack, { project: this.project, ...rule }));
    stack.renderLiterally(resource);
    return resource;
  }

  /** The guard and the rule as GitLab would tell of them. Terraform may replace what it adopts: the rule only once its guard stands. */
  declared(): ToldThing[] {
    if (!this.rule) return [];
    const { guard, guardThing } = this;
    const closed = { push: "no one", merge: "no one", unprotect: "maintainer", allowForcePush: false } as const;
    const open = { ...this.rule, unprotect: this.unprotect };
    return [
      ...(guard && guardThing ? [this.declaredAs(guardThing, guard, closed)] : []),
      ...(this.deferred ? [] : [{ ...this.declaredAs(this, this.branch, open), after: guardThing }]),
    ];
  }

  private declaredAs(
    { address, identity }: Thing,
    branch: string,
    {
      push,
      merge,
      unprotect,
      allowForcePush,
    }: Pick<Rule, "push" | "merge" | "allowForcePush"> & {
      readonly unprotect: UnprotectLevel;
    },
  ): ToldThing {
    // Provider 19 writes no level beside people where nobody else is let in, and puts one right in place.
    const isIn = (levels: unknown, level: AccessLevel) =>
      letsInOnly(levels, level) || (this.changesInPlace && level === "no one" && namesPeopleOnly(levels));
    return {
      address,
      identity,
      id: `${this.project}:${branch}`,
      path: ["projects", this.project, "protected_branches", branch],
      isOurs: (found) =>
        isIn(found.push_access_levels, push) &&
        isIn(found.merge_access_levels, merge) &&
        // Where GitLab tells: on Premium.
        (isNothing(found.unprotect_access_levels) || letsInOnly(found.unprotect_access_levels, unprotect)) &&
        found.allow_force_push === allowForcePush,
    };
  }

  /** Leaves the rule to the deploy after the one that makes its guard. */
  private postpone(): void {
    Annotations.of(this).addWarning(
      `${this.branch} of ${this.project} is adopted in two deploys: this one makes its guard, the next one takes the rule over. Deploy twice`,
    );
  }

  /** Adoption in two deploys needs to know whether the first one has been. */
  private hiddenStateProblem(stack: Stack): Problem | undefined {
    if (!this.deferred || !stack.hidesState) return undefined;
    return {
      got: "a rule to adopt with a guard, in a stack whose backend hides its state",
      allowed: "adoption without the guard there",
      fix: `set guard: false for the deploy that adopts ${this.branch}, then take both out`,
    };
  }

  private botsProblem(stack: Stack, { bots = [] }: PushRuleProps): Problem | undefined {
    if (this.push !== "bot") return undefined;
    if (stack.edition === "free") {
      return {
        got: "push: bot",
        where: "on the free edition",
        allowed: "developer, maintainer, no one",
        fix: "write push: developer (the bot is let in by its role), or set the edition to premium if you have it. GitLab lists users in a rule on Premium only",
      };
    }
    if (bots.length === 0)
      return {
        got: "push: bot without a bot",
        allowed: "one token or more",
        fix: "hand the pusher's tokens to `bots`",
      };
    return undefined;
  }

  private unprotectProblem(stack: Stack): Problem | undefined {
    if (this.unprotect === "maintainer" || stack.edition === "premium") return undefined;
    return {
      got: `unprotect: ${this.unprotect}`,
      where: "on the free edition",
      allowed: "maintainer, as GitLab has it there",
      fix: "leave it out, or set the edition to premium if you have it",
    };
  }

  /** Terraform would replace the rule without waiting for a guard that is new in the same deploy. */
  private lateGuardProblem(stack: Stack, guard: Thing, merge: AccessLevel): Problem | undefined {
    const steps = stack.deployedAt(guard) ? undefined : this.levelSteps(stack, merge);
    if (steps === undefined) return undefined;
    return {
      got: `a new guard and other levels (${steps}) in one deploy`,
      allowed: "one after the other",
      fix: `keep the levels, deploy the guard, then change them: ${this.branch} would be open while the rule is replaced`,
    };
  }

  /** Terraform would take the guard away without waiting for the rule to be replaced. */
  private earlyEndProblem(stack: Stack, merge: AccessLevel): Problem | undefined {
    const steps = this.levelSteps(stack, merge);
    const companion = this.rule && ruleIdentity(this.project, this.rule.pattern.companion());
    if (steps === undefined || companion === undefined || !stack.deployed.addressOf(companion)) return undefined;
    if (thingsOf(stack).some(({ identity }) => identity === companion)) return undefined;
    return {
      got: `guard: false and other levels (${steps}) in one deploy`,
      allowed: "one after the other",
      fix: `change the levels first, deploy, then give up the guard: ${this.branch} would be open while the rule is replaced`,
    };
  }

  /** Provider 19 takes the level that GitLab tells beside a name for one that is to be added, and leaves that out. */
  private takenLevelProblem(stack: Stack, merge: AccessLevel, lists: Lists): Problem | undefined {
    const before = this.changesInPlace ? stack.deployed.rule(stack.deployedAt(this) ?? "") : undefined;
    if (!before) return undefined;
    const rights = [
      ["push", before.push, this.push === "bot" ? "no one" : this.push, before.listed, lists.push],
      ["merge", before.merge, merge, before.listedToMerge, lists.merge],
      ["unprotect", before.unprotect, this.unprotect, before.listedToUnprotect, lists.unprotect],
    ] as const;
    const isAdded = (to: AccessLevel, list: readonly Listed[]) =>
      to === "maintainer" || (to === "no one" && list.length === 0);
    const taken = rights.find(([, from, to, named, list]) => from !== to && named > 0 && isAdded(to, list));
    if (!taken) return undefined;
    const [right, from, to] = taken;
    return {
      got: `${right} ${from} → ${to} in a rule that lists somebody to ${right}`,
      allowed:
        "a level that comes after the names are gone: provider 19 takes a name for that level, and would leave it out",
      fix: `deploy another level with nobody listed to ${right} first (${right}: admin lets in administrators alone), then ${right}: ${to}, then the names`,
    };
  }

  /** The levels that change, for which the provider replaces the rule; undefined when none does. */
  private levelSteps(stack: Stack, merge: AccessLevel): string | undefined {
    const before = this.changesInPlace ? undefined : stack.deployed.rule(stack.deployedAt(this) ?? "");
    if (!before?.push) return undefined;
    const { unprotect } = this;
    const steps = [
      ["push", before.push, this.push === "bot" ? "no one" : this.push],
      ["merge", before.merge, merge],
      ["unprotect", before.unprotect ?? unprotect, unprotect],
    ].filter(([, from, to]) => from !== to);
    return steps.map(([right, from, to]) => `${right} ${from} → ${to}`).join(", ") || undefined;
  }

  private codeOwnersProblem(stack: Stack, { codeOwnerApproval }: PushRuleProps): Problem | undefined {
    if (!codeOwnerApproval || stack.edition === "premium") return undefined;
    return {
      got: "code owner approval",
      where: "on the free edition",
      allowed: "none",
      fix: "leave it out, or set the edition to premium if you have it",
    };
  }
}

/** The lists of a rule, by what those on them may do. */
interface Lists {
  readonly push: readonly Listed[];
  readonly merge: readonly Listed[];
  readonly unprotect: readonly Listed[];
}

const listsOf = (props: PushRuleProps): Lists => ({
  push: [...(props.push === "bot" ? (props.bots ?? []) : []), ...(props.allowedToPush ?? [])],
  merge: props.allowedToMerge ?? [],
  unprotect: props.allowedToUnprotect ?? [],
});

const tokensIn = ({ bots = [] }: PushRuleProps, { push, merge, unprotect }: Lists): PushToken[] =>
  [...new Set([...bots, ...push, ...merge, ...unprotect])].filter((listed) => listed instanceof PushToken);

const addressOf = (resource: BranchProtection): string => `gitlab_branch_protection.${resource.friendlyUniqueId}`;

const isNothing = (levels: unknown): boolean => !Array.isArray(levels) || levels.length === 0;

/** Tells whether an answer's levels let nobody in by a role, and somebody by name. */
const namesPeopleOnly = (levels: unknown): boolean => !isNothing(levels) && rolesIn(levels).length === 0;

/** Tells whether an answer's levels name this role alone. Users beside it do not count: the provider puts the list right in place. */
function letsInOnly(levels: unknown, level: AccessLevel): boolean {
  const roles = rolesIn(levels);
  return roles.length > 0 && roles.every(({ access_level }) => access_level === levelOf(level));
}

type Entry = Readonly<Partial<Record<"access_level" | "user_id" | "group_id" | "deploy_key_id", unknown>>>;

const rolesIn = (levels: unknown): Entry[] =>
  (Array.isArray(levels) ? (levels as Entry[]) : []).filter(
    ({ user_id, group_id, deploy_key_id }) => !user_id && !group_id && !deploy_key_id,
  );
