import { TagProtection, type TagProtectionConfig } from "@cdktf/provider-gitlab/lib/tag-protection";
import { Construct } from "constructs";
import type { AccessLevel } from "../gitlab/access-level";
import { BranchPattern } from "../gitlab/branch-pattern";
import type { Problem } from "../gitlab/problem";
import { projectPathProblem } from "../gitlab/project-path";
import type { TagCreation } from "../gitlab/rule";
import type { TagOptions } from "../gitlab/tag-options";
import { tagRuleIdentity } from "../state/identity";
import type { FleetTag } from "./fleet";
import { listProblem } from "./list-problem";
import { entryOf, type Listed, nameOf } from "./listed";
import { PushToken } from "./push-token";
import { type Stack, stackOf } from "./stack";
import { strayedRule } from "./strayed-rule";
import type { Thing } from "./thing";
import { untraced } from "./untraced";
import { check, parsed } from "./validation";

export interface TagRuleProps extends Partial<TagOptions<Listed>> {
  /** Full path of the target project. */
  readonly project: string;
  /** A tag, or a pattern with `*`. */
  readonly tag: string | BranchPattern;
  /**
   * Those who may create such tags: a role and every higher one, `no one`, or `bot`: nobody but the {@link bots} (Premium).
   * @default "maintainer"
   */
  readonly create?: AccessLevel | "bot";
  /** The tokens whose bots `create: bot` lets in. @default - none */
  readonly bots?: readonly PushToken[];
  /** Terraform addresses that must stand before the rule opens the tags. @default - the bots */
  readonly after?: readonly string[];
}

/**
 * One protected-tag rule and its guard. Nobody updates or deletes a protected tag by a push.
 *
 * The provider changes no such rule: it takes it away and makes another one, and takes over one that exists already. The guard is another
 * rule that matches the same tags and lets nobody in: GitLab takes the most permissive of all matching rules.
 * @see https://docs.gitlab.com/user/project/protected_tags/
 */
export class TagRule extends Construct implements FleetTag {
  readonly project: string;
  readonly tag: string;
  readonly create: AccessLevel | "bot";
  /** The tokens whose bots it lets in by name. */
  readonly bots: readonly PushToken[];
  /** Terraform address of the rule. */
  readonly address: string;
  readonly identity: string;
  /** The decisions of the rule; undefined when the tag is no pattern, which fails the synth. */
  readonly rule: TagCreation | undefined;
  /** Name of the guard rule in GitLab, or undefined when there is none. */
  readonly guard: string | undefined;
  /** The guard rule as Terraform has it. */
  readonly guardThing: Thing | undefined;

  constructor(scope: Construct, id: string, props: TagRuleProps) {
    super(scope, id);
    const stack = stackOf(this);
    this.project = props.project;
    this.tag = String(props.tag);
    this.create = props.create ?? "maintainer";
    const list = [...(this.create === "bot" ? (props.bots ?? []) : []), ...(props.allowedToCreate ?? [])];
    this.bots = list.filter((listed) => listed instanceof PushToken);
    this.rule = this.parseRule(props.tag, list);
    this.guard = props.guard === false ? undefined : this.rule?.pattern.companion();
    this.guardThing = this.guard === undefined ? undefined : this.addGuard(this.guard);
    this.identity = tagRuleIdentity(this.project, this.tag);

    const resource = this.addResource("Default", {
      tag: this.tag,
      createAccessLevel: this.level,
      ...(list.length > 0 ? { allowedToCreate: list.map((listed) => tagEntryOf(stack, listed)) } : {}),
    });
    const after = props.after ?? this.bots.map(({ address }) => address);
    const before = [...(this.guardThing ? [this.guardThing.address] : []), ...after];
    if (before.length > 0) resource.addOverride("depends_on", before);
    this.address = addressOf(resource);
    stack.fleet.tags.push(this);

    check(this, projectPathProblem(props.project));
    check(this, this.botProblem(stack, list) ?? listProblem(stack, this.project, "create", list));
    check(this, strayedRule(stack, this.address, this.project, this.tag));
    check(this, this.lateGuardProblem(stack, list));
  }

  /** The level beside the list: the default one, maintainer, would stay in force, so "bot" must say "no one". */
  private get level(): AccessLevel {
    return this.create === "bot" ? "no one" : this.create;
  }

  private parseRule(tag: string | BranchPattern, list: readonly Listed[]): TagCreation | undefined {
    const pattern = parsed(this, tag, BranchPattern.parseTag);
    if (!pattern) return undefined;
    return {
      pattern,
      push: this.level,
      bots: this.bots.map((bot) => ({ id: bot.node.path, role: bot.role })),
      pushers: list.filter((listed) => !(listed instanceof PushToken)).map(nameOf),
    };
  }

  private addGuard(tag: string): Thing {
    const resource = this.addResource("Guard", { tag, createAccessLevel: "no one" });
    return { address: addressOf(resource), identity: tagRuleIdentity(this.project, tag) };
  }

  private addResource(id: string, config: Omit<TagProtectionConfig, "project">): TagProtection {
    const resource = untraced(() => new TagProtection(this, id, { project: this.project, ...config }));
    stackOf(this).renderLiterally(resource);
    return resource;
  }

  private botProblem(stack: Stack, list: readonly Listed[]): Problem | undefined {
    if (this.create !== "bot") return undefined;
    if (stack.edition === "free") {
      return {
        got: "create: bot",
        where: "on the free edition",
        allowed: "developer, maintainer, no one",
        fix: "write create: developer (the bot is let in by its role), or set the edition to premium if you have it. GitLab lists users in a rule on Premium only",
      };
    }
    if (list.length > 0) return undefined;
    return {
      got: "create: bot without a bot",
      allowed: "one token or more",
      fix: "hand the pusher's tokens to `bots`",
    };
  }

  /** Terraform would replace the rule without waiting for a guard that is new in the same deploy. */
  private lateGuardProblem(stack: Stack, list: readonly Listed[]): Problem | undefined {
    const before = stack.deployed.rule(stack.deployedAt(this) ?? "");
    if (!before || !this.guardThing || stack.deployedAt(this.guardThing)) return undefined;
    if (before.push === this.level && before.listed === list.length) return undefined;
    return {
      got: `a new guard and other creators (create ${before.push} → ${this.level}, by name ${before.listed} → ${list.length}) in one deploy`,
      allowed: "one after the other",
      fix: `keep them, deploy the guard, then change them: ${this.tag} would be open while the rule is replaced`,
    };
  }
}

const addressOf = (resource: TagProtection): string => `gitlab_tag_protection.${resource.friendlyUniqueId}`;

/**
 * The entry for somebody. A bot by its number, where the state knows it: what a rotation makes unknown would replace the rule, though the
 * bot stays.
 */
function tagEntryOf(stack: Stack, listed: Listed): { userId?: number; groupId?: number } {
  const userId = listed instanceof PushToken ? listed.knownUserId : undefined;
  return userId === undefined ? entryOf(stack, listed) : { userId };
}
