import type { TokenRecord } from "../../estate/identities";
import { personKey } from "../../estate/observe";
import type { Observed, Refused } from "../../estate/observed";
import { ExpiryDate } from "../../gitlab/expiry-date";
import { samePath } from "../../gitlab/project-path";
import type { AccessEntry } from "../../gitlab/protected-branch";
import type { DeclaredRule, DeclaredTag, Listed, Slot } from "../../inventory/pushers";
import type { DeployedState } from "../../state/deployed-state";
import type { GoneStack } from "../../state/gone-stacks";
import { type Carried, carriedNow, carriedThen } from "./carried";
import type { Declared } from "./declared";
import { type Orphan, orphans } from "./orphan";
import { judgeRule, type RuleStatus } from "./rule-verdict";
import { judgeTag, type TagStatus } from "./tag-verdict";
import { judgeVariable, type VariableStatus } from "./variable-verdict";
import { judge, type Verdict } from "./verdict";

export interface SlotStatus {
  readonly slot: Slot;
  /** Whole days until the inventory's date; 0 or less once it is past. */
  readonly daysLeft: number;
  /** Days until the living token of GitLab dies, which is another date than the inventory's unless it is `active`. */
  readonly gitlabDaysLeft?: number;
  /** By GitLab; offline by what the last deploy left. */
  readonly carried: Carried;
  /** Undefined when GitLab was not asked, or did not show the project's tokens. */
  readonly verdict?: Verdict;
}

type OperatorToken = Pick<TokenRecord, "id" | "name" | "user_id" | "expires_at">;

/** The token GitLab was asked with: no deploy and no rotation without one. */
export interface OperatorStatus {
  readonly token: OperatorToken;
  /** The day it dies; undefined = never. */
  readonly expires?: ExpiryDate;
  /** Whole days until then. */
  readonly daysLeft?: number;
}

/** All that is known of an inventory at one instant. */
export interface StatusReport {
  readonly checkedAt: Date;
  /** Address of the GitLab that was asked; undefined offline. */
  readonly gitlab?: string;
  /** Its version; undefined when it was not asked, or did not say. */
  readonly gitlabVersion?: string;
  /** Tells whether it is older than descriptions of tokens, so that no slot can be told. */
  readonly tooOld: boolean;
  /** Undefined when GitLab was not asked, or did not say. */
  readonly operator?: OperatorStatus;
  /** Soonest to die first. */
  readonly slots: readonly SlotStatus[];
  readonly variables: readonly VariableStatus[];
  readonly rules: readonly RuleStatus[];
  readonly tags: readonly TagStatus[];
  readonly orphans: readonly Orphan[];
  readonly notSeen: readonly Refused[];
  /** Stacks that the inventory no longer has, and whose states still have something. */
  readonly gone: readonly GoneStack[];
  /** True when GitLab was asked and showed the tokens of no target project at all. */
  readonly blind: boolean;
}

export interface ReportInput {
  readonly inventory: Declared;
  readonly now: Date;
  /** Address of GitLab and what it answered; undefined offline. */
  readonly online?: { readonly url: string; readonly observed: Observed };
  /** By stack, where Terraform's state is at hand. */
  readonly deployed: ReadonlyMap<string, DeployedState>;
  readonly gone: readonly GoneStack[];
}

/** Puts what the inventory declares beside what GitLab has. */
export function report({ inventory, now, online, deployed, gone }: ReportInput): StatusReport {
  const observed = online?.observed;
  const verdicts = observed ? slotVerdicts(inventory, observed, deployed) : new Map<string, Verdict>();
  const variables = inventory.variables.map((variable) => {
    const found = observed?.variables.get(variable);
    const state = deployed.get(variable.stack);
    return { variable, verdict: found === undefined ? undefined : judgeVariable(variable, found, verdicts, state) };
  });
  const slots = inventory.slots.map((slot) => {
    const verdict = verdicts.get(slot.path);
    const carried = observed ? carriedNow(slot, verdict, variables) : carriedThen(slot, deployed.get(slot.stack));
    return { ...slotStatus(slot, verdict, now), carried };
  });
  return {
    checkedAt: now,
    gitlab: online?.url,
    gitlabVersion: observed?.version,
    tooOld: observed?.describesTokens === false,
    operator: observed?.operator && operatorStatus(observed.operator, now),
    slots: slots.sort((a, b) => soonest(a) - soonest(b)),
    variables,
    rules: inventory.rules.map((rule) => ({ rule, verdict: observed && ruleVerdict(rule, observed, deployed) })),
    tags: inventory.tags.map((tag) => ({ tag, verdict: observed && tagVerdict(tag, observed, deployed) })),
    orphans: observed ? orphans(inventory, observed, verdicts) : [],
    notSeen: observed?.notSeen ?? [],
    gone: gone.filter(({ deployed: left, isFile }) => left !== undefined || isFile),
    blind:
      observed !== undefined &&
      slots.length > 0 &&
      !slots.some(({ slot }) => observed.tokens.has(samePath(slot.project))),
  };
}

function operatorStatus(token: OperatorToken, now: Date): OperatorStatus {
  const expires = token.expires_at === null ? undefined : ExpiryDate.parse(token.expires_at);
  return { token, expires, daysLeft: expires?.daysAfter(now) };
}

function slotVerdicts(
  { slots }: Declared,
  observed: Observed,
  deployed: ReportInput["deployed"],
): Map<string, Verdict> {
  const verdicts = new Map<string, Verdict>();
  for (const slot of slots) {
    const verdict = slotVerdict(slot, observed, deployed);
    if (verdict) verdicts.set(slot.path, verdict);
  }
  return verdicts;
}

function slotVerdict(
  { path, stack, project, expires }: Slot,
  observed: Observed,
  deployed: ReportInput["deployed"],
): Verdict | undefined {
  const tokens = observed.describesTokens ? observed.tokens.get(samePath(project)) : undefined;
  const own = tokens?.filter(({ description }) => description.endsWith(` ${path}`));
  const state = deployed.get(stack);
  return own && judge(own, expires.text, state && (state.tokens.get(path)?.id ?? null));
}

function ruleVerdict(rule: DeclaredRule, observed: Observed, deployed: ReportInput["deployed"]): RuleStatus["verdict"] {
  const rules = observed.rules.get(samePath(rule.project));
  const named = (all: readonly Listed[]) => allEntriesOf(all, observed, deployed);
  const [push, merge, unprotect] = [named(rule.pushers), named(rule.mergers), named(rule.unprotecters)];
  return rules && judgeRule(rule, rules, { push, merge, unprotect });
}

function tagVerdict(tag: DeclaredTag, observed: Observed, deployed: ReportInput["deployed"]): TagStatus["verdict"] {
  const rules = observed.tagRules.get(samePath(tag.project));
  return rules && judgeTag(tag, rules, allEntriesOf(tag.creators, observed, deployed));
}

/** The entries under which GitLab lists them; undefined when one of them is not known. */
function allEntriesOf(
  all: readonly Listed[],
  observed: Observed,
  deployed: ReportInput["deployed"],
): AccessEntry[] | undefined {
  const entries = all.map((each) => entriesOf(each, observed, deployed));
  return entries.includes(undefined) ? undefined : entries.flatMap((each) => each ?? []);
}

/** The entries under which GitLab lists somebody; none for the bot of a token that is not there, undefined when nobody can tell. */
function entriesOf(
  listed: Listed,
  observed: Observed,
  deployed: ReportInput["deployed"],
): readonly AccessEntry[] | undefined {
  if ("path" in listed) {
    const verdict = slotVerdict(listed, observed, deployed);
    return verdict && (verdict.token ? [{ access_level: null, user_id: verdict.token.user_id }] : []);
  }
  if ("deployKey" in listed) return [{ access_level: null, deploy_key_id: listed.deployKey }];
  const [kind, name] = "user" in listed ? (["user", listed.user] as const) : (["group", listed.group] as const);
  const number = typeof name === "number" ? name : observed.numbers.get(personKey({ kind, name }));
  return number === undefined ? undefined : [{ access_level: null, [`${kind}_id`]: number }];
}

function slotStatus(slot: Slot, verdict: Verdict | undefined, now: Date): Omit<SlotStatus, "carried"> {
  const { token } = verdict ?? {};
  const dies = token?.active && token.expires_at ? ExpiryDate.parse(token.expires_at) : undefined;
  return { slot, daysLeft: slot.expires.daysAfter(now), gitlabDaysLeft: dies?.daysAfter(now), verdict };
}

/** Days until the first of the two dates: a bump that was not deployed keeps no token alive. */
export const soonest = ({
  daysLeft,
  gitlabDaysLeft = daysLeft,
}: Pick<SlotStatus, "daysLeft" | "gitlabDaysLeft">): number => Math.min(daysLeft, gitlabDaysLeft);
