import type { AccessLevel, BotRole } from "../../gitlab/access-level";
import { BranchPattern } from "../../gitlab/branch-pattern";
import { carriedSlot, ExpiryDate } from "../../gitlab/expiry-date";
import { samePath } from "../../gitlab/project-path";
import { slotPath } from "../../gitlab/token-mark";
import type { InventoryFile } from "../../inventory/load";
import { pusherMark } from "../../inventory/pusher-mark";
import type { Someone } from "../../inventory/schema";
import type { NamedState } from "../../state/stack-state";
import type { Pusher as NamedPusher } from "../pushers/pusher";

/** One token slot of a pusher, as the inventory declares it. */
export interface Slot {
  /** `stack/pusher/Token` or `stack/pusher/TokenB`: the construct path that the token's description names. */
  readonly path: string;
  readonly stack: string;
  readonly pusher: string;
  /** The position in `expires`, from 1. */
  readonly slot: 1 | 2;
  /** The target project. */
  readonly project: string;
  readonly name: string;
  readonly role: BotRole;
  readonly expires: ExpiryDate;
  /** Whether the variable is to carry it: the later date of the two. */
  readonly carried: boolean;
  /** `file:line:column` of the dates. */
  readonly locate: () => string;
}

/** Where a variable lives. */
export interface Home {
  readonly kind: "project" | "group";
  /** Full path. */
  readonly path: string;
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
  /** What marks its pusher: `stack/pusher`. */
  readonly mark: string;
  /** Path of the slot whose token it is to carry. */
  readonly carries: string;
  /** Paths of all slots of its pusher. */
  readonly slots: readonly string[];
  readonly locate: () => string;
}

/** Whom a rule lets in by name: the bot of a slot, or somebody else. */
export type Listed = Slot | Someone;

/** One branch rule of a pusher's target, as the inventory declares it. */
export interface DeclaredRule {
  readonly stack: string;
  readonly pusher: string;
  /** The target project. */
  readonly project: string;
  /** A branch, or a pattern: the rule's name in GitLab. */
  readonly branch: string;
  readonly push: AccessLevel;
  /** Whom it lets push by name beside that: bots of slots, users, groups, deploy keys. */
  readonly pushers: readonly Listed[];
  readonly merge: AccessLevel;
  readonly mergers: readonly Listed[];
  readonly forcePush: boolean;
  readonly codeOwners: boolean;
  /** Name of the rule that keeps the branch closed while this one is replaced. @default - none */
  readonly guard?: string;
  readonly locate: () => string;
}

/** All that the status of an inventory is about. */
export interface Declared {
  readonly slots: readonly Slot[];
  readonly variables: readonly DeclaredVariable[];
  readonly rules: readonly DeclaredRule[];
  readonly stacks: readonly NamedState[];
  /** What marks the tokens of the pushers that were asked for. @default - all, and tokens of ours that no pusher has */
  readonly marks?: readonly string[];
}

/** A pusher by its stack and id, and by what marks its tokens. */
type ChosenPusher = Pick<NamedPusher, "stack" | "id" | "mark">;

type Pusher = InventoryFile["content"]["pushers"][string];

/** What the files of an inventory declare, in their order. @param chosen the pushers to look at; @default - all */
export function declared(files: readonly InventoryFile[], chosen?: readonly ChosenPusher[]): Declared {
  const isChosen = (stack: string, id?: string) =>
    !chosen || chosen.some((each) => each.stack === stack && (id === undefined || each.id === id));
  const stacks = files.filter(({ stack }) => isChosen(stack));
  const pushers = stacks.flatMap((file) =>
    Object.entries(file.content.pushers)
      .filter(([id]) => isChosen(file.stack, id))
      .map(([id, pusher]) => {
        const slots = slotsOf(file, id, pusher);
        return { slots, variables: variablesOf(file, id, pusher, slots), rules: rulesOf(file, id, pusher, slots) };
      }),
  );
  return {
    slots: pushers.flatMap(({ slots }) => slots),
    variables: pushers.flatMap(({ variables }) => variables),
    rules: pushers.flatMap(({ rules }) => rules),
    stacks,
    marks: chosen?.map(({ mark }) => mark),
  };
}

function slotsOf(file: InventoryFile, pusher: string, { target, token }: Pusher): Slot[] {
  const { stack, locate } = file;
  const mark = pusherMark(file, pusher);
  const dates = [token.expires].flat().map((text) => ExpiryDate.parse(text));
  const carrier = carriedSlot(dates[0], dates[1]);
  return dates.map((expires, position) => ({
    path: slotPath(mark, position === 0 ? 0 : 1),
    stack,
    pusher,
    slot: position === 0 ? 1 : 2,
    project: target,
    name: position === 0 ? token.name : `${token.name}_B`,
    role: token.role,
    expires,
    carried: position === carrier,
    locate: () => locate(["pushers", pusher, "token", "expires", position]),
  }));
}

function variablesOf(
  file: InventoryFile,
  pusher: string,
  { target, variable }: Pusher,
  slots: readonly Slot[],
): DeclaredVariable[] {
  const { stack, locate } = file;
  return (variable.in ?? [target]).map((home, position) => ({
    stack,
    pusher,
    home: homeOf(home),
    key: variable.key,
    environment: variable.environment,
    protected: variable.protected,
    hidden: variable.hidden,
    mark: pusherMark(file, pusher),
    carries: slots.find(({ carried }) => carried)?.path ?? "",
    slots: slots.map(({ path }) => path),
    locate: () => locate(["pushers", pusher, "variable", "in", position]),
  }));
}

function rulesOf(
  file: InventoryFile,
  pusher: string,
  { target, branches }: Pusher,
  slots: readonly Slot[],
): DeclaredRule[] {
  const { stack, content, locate } = file;
  const slotsNamed = (id: string) => (content.pushers[id] ? slotsOf(file, id, content.pushers[id]) : []);
  return Object.entries(branches).map(([branch, rule]) => {
    const bots = [...slots, ...rule.with.flatMap(slotsNamed)];
    const listed = (names: readonly ("bot" | Someone)[]) =>
      names.flatMap((name): Listed[] => (name === "bot" ? bots : [name]));
    return {
      stack,
      pusher,
      project: target,
      branch,
      push: rule.push === "bot" ? "no one" : rule.push,
      pushers: [...new Set(listed([...(rule.push === "bot" ? (["bot"] as const) : []), ...rule.allowed_to_push]))],
      merge: rule.merge,
      mergers: listed(rule.allowed_to_merge),
      forcePush: rule.force_push,
      codeOwners: rule.code_owner_approval,
      guard: rule.guard ? BranchPattern.parse(branch).companion() : undefined,
      locate: () => locate(["pushers", pusher, "branches", branch]),
    };
  });
}

function homeOf(home: string | { project: string } | { group: string }): Home {
  if (typeof home === "string") return { kind: "project", path: home };
  return "project" in home ? { kind: "project", path: home.project } : { kind: "group", path: home.group };
}

/** The first spelling of each path: GitLab takes `Group/App` and `group/app` for one. */
export function distinctPaths(paths: readonly string[]): string[] {
  return [...new Map(paths.toReversed().map((path) => [samePath(path), path])).values()].toReversed();
}
