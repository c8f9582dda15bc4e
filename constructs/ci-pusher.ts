import { Construct } from "constructs";
import { type AccessLevel, admits, type BotRole } from "../gitlab/access-level";
import type { BranchOptions } from "../gitlab/branch-options";
import type { BranchPattern } from "../gitlab/branch-pattern";
import { DEFAULT_TOKEN_NAME } from "../gitlab/defaults";
import type { ExpiryDate } from "../gitlab/expiry-date";
import type { Named } from "../gitlab/named";
import { describe, type Problem } from "../gitlab/problem";
import { letsIn } from "../gitlab/rule";
import { carriedSlot, SLOTS, type SlotIndex, slotId, slotName, slotPath } from "../gitlab/slot";
import type { TagOptions } from "../gitlab/tag-options";
import { variableMark } from "../gitlab/token-mark";
import type { Listed } from "./listed";
import { PushRule } from "./push-rule";
import { PushToken } from "./push-token";
import { PushVariable, type PushVariableProps } from "./push-variable";
import { interruption } from "./rotation";
import { stackOf } from "./stack";
import { TagRule } from "./tag-rule";
import { check, ValidationError } from "./validation";
import type { VariableHome } from "./variable-home";

export interface CiPusherProps {
  /** Full path of the target project: where the push goes. */
  readonly target: string;
  /**
   * The id the pusher was first deployed under, when it has been renamed since. It stays: the descriptions of its tokens bear that id, and
   * another description would replace them.
   * @default - its id
   */
  readonly was?: string;
  readonly token: CiPusherToken;
  readonly variable?: CiPusherVariable;
  /** The rules of the target project's branches, by branch or pattern. @default - no rule is managed */
  readonly branches?: ByPattern<CiPusherBranch>;
  /** The rules of the target project's tags, by tag or pattern. @default - no rule is managed */
  readonly tags?: ByPattern<CiPusherTag>;
  /** The bot pushes to branches that no rule matches, so that rules may all refuse it. @default false */
  readonly unprotectedBranches?: boolean;
}

export interface CiPusherToken {
  /**
   * One date for one slot, a list of two for two; the position is the slot. The variable carries the slot with the later date. Bump the earlier
   * date to rotate: jobs that run keep a living token.
   */
  readonly expires: string | ExpiryDate | readonly (string | ExpiryDate)[];
  /**
   * Lets the next deploy rotate or give up the token that the variable carries, although jobs that run lose it. Take it out again.
   * @default false
   */
  readonly allowInterruption?: boolean;
  /** @default "developer" */
  readonly role?: BotRole;
  /** Name of the first slot's token; the second one's ends with `_B`. @default "GITLAB_CI_PUSHER" */
  readonly name?: string;
}

export interface CiPusherVariable
  extends Pick<PushVariableProps, "key" | "environment" | "protected" | "hidden" | "adopt"> {
  /** The source projects and groups. @default - the target project */
  readonly in?: readonly VariableHome[];
}

/** A branch rule of a pusher: it must let the bot in, or close the branch (`no one`). `bot` in a list is the pusher's own. */
export interface CiPusherBranch extends BranchOptions<"bot" | Named>, Companions {}

/** A tag rule of a pusher: it must let the bot in, or close the tags (`no one`). `bot` in a list is the pusher's own. */
export interface CiPusherTag extends TagOptions<"bot" | Named>, Companions {}

interface Companions {
  /** Ids of other pushers of the same stack whose bots are let in wherever `bot` is. @default - none */
  readonly with?: readonly string[];
}

/** Rules by what they match: a branch or tag, or a pattern, as it is written or as a value. */
export type ByPattern<Rule> = Readonly<Record<string, Rule>> | ReadonlyMap<BranchPattern, Rule>;

/**
 * One pusher: the token in the target project, the variable in each source, and the rules that let exactly that bot through.
 *
 * The ids of its children (`Token`, `TokenB`, `Variable …`, `Rule …`, `Tag …`) are part of the Terraform addresses: changing one kills a token.
 */
export class CiPusher extends Construct {
  /** The slots, in the order of the dates. */
  readonly tokens: readonly PushToken[];
  /** The slot whose value the variables carry: the one that expires last. */
  readonly carrier: PushToken;
  readonly variables: readonly PushVariable[];
  readonly rules: readonly PushRule[];
  readonly tags: readonly TagRule[];
  /** `stack/pusher`, as what it has in GitLab is marked: by the names under which they were first deployed. */
  private readonly mark: string;

  constructor(scope: Construct, id: string, props: CiPusherProps) {
    super(scope, id);
    const stack = stackOf(this);
    this.mark = `${stack.mark}/${props.was ?? id}`;
    if (props.was !== undefined) stack.formerIds.set(id, props.was);
    const dates = [props.token.expires].flat();
    this.tokens = dates.slice(0, SLOTS.length).map((expires, slot) => this.addToken(props, expires, slot as SlotIndex));
    this.carrier = this.latest();
    this.variables = this.homes(props).map((home) => this.addVariable(props, home));
    this.rules = rulesOf(props.branches).map(([branch, rule]) => this.addRule(props, branch, rule));
    this.tags = rulesOf(props.tags).map(([tag, rule]) => this.addTagRule(props, tag, rule));

    const [first = this] = this.tokens;
    check(first, slotsProblem(dates.map(String)));
    if (!props.token.allowInterruption) check(first, () => this.interruption());
    if (!props.unprotectedBranches) check(this, () => this.nowhereProblem());
    for (const rule of this.rules) check(rule, () => this.roleProblem(rule, "push", rule.push));
    for (const rule of this.tags) check(rule, () => this.roleProblem(rule, "create", rule.create));
  }

  private addToken({ target, token }: CiPusherProps, expires: string | ExpiryDate, slot: SlotIndex): PushToken {
    return new PushToken(this, slotId(slot), {
      project: target,
      name: slotName(token.name ?? DEFAULT_TOKEN_NAME, slot),
      role: token.role,
      expires,
      mark: slotPath(this.mark, slot),
    });
  }

  private latest(): PushToken {
    const [first, second] = this.tokens;
    if (!first)
      throw new ValidationError(
        `[${this.node.path}] ${describe({ got: "no expiry date", allowed: "one or two", fix: "write expires: YYYY-MM-DD" })}`,
      );
    return second && carriedSlot(first.expires, second.expires) === 1 ? second : first;
  }

  /** The sources, each once: a second one would have the address of the first. */
  private homes({ target, variable }: CiPusherProps): VariableHome[] {
    const homes = variable?.in ?? [{ project: target }];
    if (homes.length === 0)
      check(this, { got: "no source for the variable", allowed: "one or more", fix: "leave `in` out for the target" });
    const known = new Set<string>();
    return homes.filter((home) => {
      const isFirst = !known.has(placeOf(home));
      known.add(placeOf(home));
      if (!isFirst)
        check(this, { got: `the source ${placeOf(home)} twice`, allowed: "each source once", fix: "take one out" });
      return isFirst;
    });
  }

  private addVariable({ target, variable = {} }: CiPusherProps, home: VariableHome): PushVariable {
    return new PushVariable(this, `Variable ${childId(placeOf(home))}`, {
      ...variable,
      in: home,
      value: this.carrier.token,
      description: `${variableMark(this.mark)} pushes to ${target}. Changes by hand are undone.`.slice(0, 255),
    });
  }

  private addRule({ target }: CiPusherProps, branch: string | BranchPattern, rule: CiPusherBranch): PushRule {
    const { push, allowedToPush = [], allowedToMerge = [] } = rule;
    const bots = this.botsOf([push, ...allowedToPush, ...allowedToMerge], rule.with, `push: ${push} of ${branch}`);
    return new PushRule(this, `Rule ${childId(String(branch))}`, {
      ...rule,
      project: target,
      branch,
      bots: push === "bot" ? bots : [],
      allowedToPush: withBots(allowedToPush, bots),
      allowedToMerge: withBots(allowedToMerge, bots),
      // A branch is opened to a bot only once the bot is there: a token that GitLab refuses must not leave an open rule behind.
      after: this.tokens.map((token) => token.address),
    });
  }

  private addTagRule({ target }: CiPusherProps, tag: string | BranchPattern, rule: CiPusherTag): TagRule {
    const { create, allowedToCreate = [], guard } = rule;
    const bots = this.botsOf([create, ...allowedToCreate], rule.with, `create: ${create} of ${tag}`);
    return new TagRule(this, `Tag ${childId(String(tag))}`, {
      project: target,
      tag,
      create,
      guard,
      bots: create === "bot" ? bots : [],
      allowedToCreate: withBots(allowedToCreate, bots),
      after: this.tokens.map((token) => token.address),
    });
  }

  /** The bots a rule lets in by name: the pusher's own and those of its companions, if it names any at all. */
  private botsOf(named: readonly (AccessLevel | "bot" | Named)[], companions: readonly string[] = [], at: string) {
    if (named.includes("bot")) return [...this.tokens, ...this.companions(companions)];
    if (companions.length > 0) {
      const right = at.slice(0, at.indexOf(":"));
      check(this, {
        got: `with: ${companions.join(", ")} beside ${at}`,
        allowed: `with ${right}: bot only, as bots come in by their role otherwise`,
        fix: `take with out, or write ${right}: bot`,
      });
    }
    return [];
  }

  private companions(ids: readonly string[]): PushToken[] {
    return ids.flatMap((id) => {
      const other = stackOf(this).node.tryFindChild(id);
      if (other instanceof CiPusher && other !== this) return other.tokens;
      check(this, {
        got: `with: ${id}`,
        allowed: "ids of pushers declared earlier in the same stack",
        fix: "correct the id, or move that pusher up",
      });
      return [];
    });
  }

  /** Tells whether the next deploy would take the token away that jobs hold now, by what the state says. */
  private interruption(): Problem | undefined {
    const { deployed, now } = stackOf(this);
    const [one, other] = SLOTS.map((slot) => deployed.tokens.get(slotPath(this.mark, slot)));
    const [first, second] = this.tokens.map(({ expires }) => expires);
    return interruption([one, other], [first, second], now);
  }

  /** A rule that names a role the bot does not reach refuses the push it was written for. */
  private roleProblem(
    { bots }: PushRule | TagRule,
    right: "push" | "create",
    level: AccessLevel | "bot",
  ): Problem | undefined {
    const { carrier } = this;
    if (level === "bot" || level === "no one" || level === "admin" || admits(level, carrier.role)) return undefined;
    if (bots.includes(carrier)) return undefined;
    const byName = stackOf(this).edition === "premium" ? `, or let it in by name, allowed_to_${right}: [bot]` : "";
    return {
      got: `${right}: ${level} with a bot of role ${carrier.role}`,
      allowed: `a level the bot reaches, or "no one" to close the ${right === "push" ? "branch" : "tags"}`,
      fix: `write ${right}: ${carrier.role}, or give the token role: ${level}${byName}`,
    };
  }

  private nowhereProblem(): Problem | undefined {
    const bot = { id: this.carrier.node.path, role: this.carrier.role };
    const rules = [...this.rules, ...this.tags];
    if (this.rules.length === 0 || rules.some(({ rule }) => !rule || letsIn(rule, bot))) return undefined;
    return {
      got: `only rules that refuse the bot (${this.rules.map(({ branch, push }) => `${branch}: ${push}`).join(", ")})`,
      allowed: "at least one that lets it in",
      fix: `write push: ${this.carrier.role} for the branch CI pushes to, or unprotected_branches: true when no rule matches that one`,
    };
  }
}

function slotsProblem(dates: readonly string[]): Problem | undefined {
  if (dates.length > 2)
    return { got: `${dates.length} expiry dates`, allowed: "one or two", fix: "keep the two latest" };
  if (dates.length === 2 && dates[0] === dates[1]) {
    return {
      got: `${dates[0]} for both slots`,
      allowed: "two different dates",
      fix: "set them half a lifetime apart, so that one token lives while the other rotates",
    };
  }
  return undefined;
}

const rulesOf = <Rule>(rules: ByPattern<Rule> = {}): [string | BranchPattern, Rule][] =>
  rules instanceof Map ? [...rules] : Object.entries(rules);

const withBots = (list: readonly ("bot" | Named)[], bots: readonly PushToken[]): Listed[] =>
  list.flatMap((each): readonly Listed[] => (each === "bot" ? bots : [each]));

const placeOf = (home: VariableHome): string => ("project" in home ? home.project : `group ${home.group}`);

/** `/` parts the path of a construct, and `:` occurs in neither branches nor paths of projects. */
const childId = (name: string): string => name.replaceAll("/", ":");
