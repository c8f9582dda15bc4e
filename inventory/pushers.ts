import type { CiPusherBranch, CiPusherTag } from "../constructs";
import type { AccessLevel, BotRole, UnprotectLevel } from "../gitlab/access-level";
import type { BranchPattern } from "../gitlab/branch-pattern";
import type { ExpiryDate } from "../gitlab/expiry-date";
import type { Home } from "../gitlab/home";
import type { Named } from "../gitlab/named";
import { carriedSlot, type SlotIndex, slotName, slotPath } from "../gitlab/slot";
import type { InventoryFile } from "./load";
import { pusherMark } from "./pusher-mark";
import type { Pusher } from "./schema";

/** One token slot of a pusher, as the inventory declares it. */
export interface Slot {
  /** `stack/pusher/Token` or `stack/pusher/TokenB`: the construct path that the token's description names. */
  readonly path: string;
  readonly stack: string;
  readonly pusher: string;
  readonly slot: SlotIndex;
  /** The target project. */
  readonly project: string;
  readonly name: string;
  readonly role: BotRole;
  readonly expires: ExpiryDate;
  /** Tells whether the variable is to carry it: the later date of the two. */
  readonly carried: boolean;
  /** `file:line:column` of the date. Slow for the first one of a large file. */
  readonly locate: () => string;
}

/** One CI/CD variable of a pusher, as the inventory declares it. It is always masked. */
export interface DeclaredVariable {
  readonly stack: string;
  readonly pusher: string;
  readonly home: Home;
  readonly key: string;
  readonly environment: string;
  readonly protected: boolean;
  readonly hidden: boolean;
  /** Mark of its pusher in GitLab: `stack/pusher`. */
  readonly mark: string;
  /** Path of the slot whose token it is to carry. */
  readonly carries: string;
  /** Paths of all slots of its pusher. */
  readonly slots: readonly string[];
  readonly locate: () => string;
}

/** Somebody whom a rule lets in by name: the bot of a slot, or somebody else. */
export type Listed = Slot | Named;

/** One branch rule of a pusher's target, as the inventory declares it. */
export interface DeclaredRule {
  readonly stack: string;
  readonly pusher: string;
  /** The target project. */
  readonly project: string;
  /** A branch, or a pattern: the rule's name in GitLab. */
  readonly branch: string;
  readonly push: AccessLevel;
  /** Those whom it lets push by name beside that: bots of slots, users, groups, deploy keys. */
  readonly pushers: readonly Listed[];
  readonly merge: AccessLevel;
  readonly mergers: readonly Listed[];
  /** Those who may take it away or change it. */
  readonly unprotect: UnprotectLevel;
  readonly unprotecters: readonly Listed[];
  readonly forcePush: boolean;
  readonly codeOwners: boolean;
  /** Name of the rule that keeps the branch closed while this one is replaced. @default - none */
  readonly guard?: string;
  readonly locate: () => string;
}

/** One tag rule of a pusher's target, as the inventory declares it. */
export interface DeclaredTag {
  readonly stack: string;
  readonly pusher: string;
  /** The target project. */
  readonly project: string;
  /** A tag, or a pattern: the rule's name in GitLab. */
  readonly tag: string;
  readonly create: AccessLevel;
  /** Those whom it lets create such tags by name beside that: bots of slots, users, groups. */
  readonly creators: readonly Listed[];
  /** Name of the rule that keeps the tags closed while this one is replaced. @default - none */
  readonly guard?: string;
  readonly locate: () => string;
}

/** One entry of the inventory, with everything that it declares. */
export interface DeclaredPusher {
  readonly stack: string;
  readonly id: string;
  /** `stack/id`. */
  readonly name: string;
  /** Mark of its tokens in GitLab. */
  readonly mark: string;
  /** The inventory file, as the command was given its folder. */
  readonly file: string;
  /** The project the push goes to. */
  readonly target: string;
  /** Longest life of a token in days, from its stack's file. */
  readonly lifetimeLimit: number;
  /** One or two, in the order of their dates. */
  readonly slots: readonly Slot[];
  /** The slot that the variables are to carry. */
  readonly carrier: Slot;
  readonly variables: readonly DeclaredVariable[];
  readonly rules: readonly DeclaredRule[];
  readonly tags: readonly DeclaredTag[];
}

/** The pushers of an inventory, in its order. */
export const pushersOf = (files: readonly InventoryFile[]): DeclaredPusher[] =>
  files.flatMap((file) => Object.entries(file.content.pushers).map(([id, pusher]) => declaredPusher(file, id, pusher)));

function declaredPusher(file: InventoryFile, id: string, pusher: Pusher): DeclaredPusher {
  const slots = slotsOf(file, id, pusher);
  const carrier = slots.find(({ carried }) => carried) as Slot;
  return {
    stack: file.stack,
    id,
    name: `${file.stack}/${id}`,
    mark: pusherMark(file, id),
    file: file.path,
    target: pusher.target,
    lifetimeLimit: file.content.token_lifetime_limit,
    slots,
    carrier,
    variables: variablesOf(file, id, pusher, slots, carrier),
    rules: [...pusher.branches].map(([branch, rule]) =>
      ruleOf(file, id, { target: pusher.target, slots, branch, rule }),
    ),
    tags: [...pusher.tags].map(([tag, rule]) => tagOf(file, id, { target: pusher.target, slots, tag, rule })),
  };
}

function slotsOf(file: InventoryFile, id: string, { target, token }: Pusher): Slot[] {
  const { stack, locate } = file;
  const mark = pusherMark(file, id);
  const [first, second] = token.expires;
  const carrier = carriedSlot(first, second);
  return token.expires.map((expires, position) => {
    const slot = position as SlotIndex;
    return {
      path: slotPath(mark, slot),
      stack,
      pusher: id,
      slot,
      project: target,
      name: slotName(token.name, slot),
      role: token.role,
      expires,
      carried: slot === carrier,
      locate: () => locate(["pushers", id, "token", "expires", slot]),
    };
  });
}

function variablesOf(
  file: InventoryFile,
  id: string,
  { variable }: Pusher,
  slots: readonly Slot[],
  carrier: Slot,
): DeclaredVariable[] {
  const { stack, locate } = file;
  return variable.in.map((home, position) => ({
    stack,
    pusher: id,
    home: "project" in home ? { kind: "project", path: home.project } : { kind: "group", path: home.group },
    key: variable.key,
    environment: variable.environment,
    protected: variable.protected,
    hidden: variable.hidden,
    mark: pusherMark(file, id),
    carries: carrier.path,
    slots: slots.map(({ path }) => path),
    locate: () => locate(["pushers", id, "variable", "in", position]),
  }));
}

interface WrittenRule {
  readonly target: string;
  readonly slots: readonly Slot[];
  readonly branch: BranchPattern;
  readonly rule: Required<CiPusherBranch>;
}

function ruleOf(file: InventoryFile, id: string, { target, slots, branch, rule }: WrittenRule): DeclaredRule {
  const { stack, locate } = file;
  const listed = listing(file, slots, rule.with);
  return {
    stack,
    pusher: id,
    project: target,
    branch: branch.text,
    push: rule.push === "bot" ? "no one" : rule.push,
    pushers: listed(rule.allowedToPush, rule.push),
    merge: rule.merge,
    mergers: listed(rule.allowedToMerge),
    unprotect: rule.unprotect,
    unprotecters: listed(rule.allowedToUnprotect),
    forcePush: rule.allowForcePush,
    codeOwners: rule.codeOwnerApproval,
    guard: rule.guard ? branch.companion() : undefined,
    locate: () => locate(["pushers", id, "branches", branch.text]),
  };
}

interface WrittenTag {
  readonly target: string;
  readonly slots: readonly Slot[];
  readonly tag: BranchPattern;
  readonly rule: Required<CiPusherTag>;
}

const tagOf = (file: InventoryFile, id: string, { target, slots, tag, rule }: WrittenTag): DeclaredTag => ({
  stack: file.stack,
  pusher: id,
  project: target,
  tag: tag.text,
  create: rule.create === "bot" ? "no one" : rule.create,
  creators: listing(file, slots, rule.with)(rule.allowedToCreate, rule.create),
  guard: rule.guard ? tag.companion() : undefined,
  locate: () => file.locate(["pushers", id, "tags", tag.text]),
});

/** Tells whom a list of a rule lets in, each once: `bot` is the own slots and those of pushers beside it, and a level may be `bot` too. */
function listing(file: InventoryFile, slots: readonly Slot[], beside: readonly string[]) {
  const { pushers } = file.content;
  const bots = [...slots, ...beside.flatMap((id) => (pushers[id] ? slotsOf(file, id, pushers[id]) : []))];
  return (names: readonly ("bot" | Named)[], level?: AccessLevel | "bot"): Listed[] => {
    const all = level === "bot" ? ["bot" as const, ...names] : names;
    return [...new Set(all.flatMap((name): readonly Listed[] => (name === "bot" ? bots : [name])))];
  };
}
