import { Annotations } from "cdktf";

import type { DeployedState } from "../state/deployed-state";
import type { OtherState } from "../state/other-states";
import { thingsOf } from "./moves";
import type { Finding } from "./policies";
import type { Stack } from "./stack";
import type { DeclaredThing } from "./thing";

/**
 * Finds out what other states have, where a stack declares something that its own state does not: the states of stacks that are gone, as
 * that stack may be a renamed one, and of those that a synth leaves out. Where all is deployed, nobody is asked.
 *
 * @param stacks all of an app, complete
 * @param read reads those states, when there is something to look for
 */
export async function findOwners(stacks: readonly Stack[], read: () => Promise<readonly OtherState[]>): Promise<void> {
  const asking = stacks.filter((stack) => !stack.hidesState && undeployed(stack).length > 0);
  if (asking.length === 0) return;
  const others = await read();
  for (const stack of asking) {
    stack.others = others;
    for (const { name, unread, isGone, isFile } of others) {
      if (unread === undefined || (isGone && isFile)) continue;
      Annotations.of(stack).addWarning(
        `${unread}: so a synth does not know whether the state of ${name} has what is new here`,
      );
    }
  }
}

const undeployed = (stack: Stack): DeclaredThing[] =>
  thingsOf(stack).filter((thing) => stack.deployedAt(thing) === undefined);

/** A state other than a stack's own, and what of it is declared still: the policies have that. */
interface Owner extends Pick<OtherState, "name" | "isGone"> {
  /** @default - it is gone */
  readonly stack?: Stack;
  readonly deployed: DeployedState;
  readonly declares: ReadonlySet<string>;
}

/**
 * Stacks that declare what another state has: two states for one thing undo each other's work, and what one of them destroys the other
 * one still counts on. After a renamed file the other state is that of a stack that is gone.
 */
export function ownershipProblems(stacks: readonly Stack[]): Finding[] {
  const asking = stacks.flatMap((stack) => {
    const foreign = undeployed(stack);
    return foreign.length > 0 ? [{ stack, foreign }] : [];
  });
  // What was read beside the stacks' own states is the same for all that asked.
  const others = asking.find(({ stack }) => stack.others.length > 0)?.stack.others ?? [];
  const owners = [
    ...(asking.length > 0 ? stacks.flatMap((stack) => standing(stack, others)) : []),
    ...others.flatMap(gone),
  ];
  return asking.flatMap(({ stack, foreign }) => [
    ...stack.others.flatMap((other) =>
      other.isGone && other.isFile && other.unread ? [unreadable(stack, other)] : [],
    ),
    ...owners.flatMap((owner) => {
      if (owner.stack === stack) return [];
      const owned = foreign.filter(
        ({ identity }) => owner.deployed.addressOf(identity) !== undefined && !owner.declares.has(identity),
      );
      return owned.length > 0 ? [ownedElsewhere(stack, owned, owner)] : [];
    }),
  ]);
}

/** Another stack of the app, where its state has anything; that may have been read for those that ask only. */
function standing(stack: Stack, read: readonly OtherState[]): Owner[] {
  const deployed = read.find(({ name, isGone }) => !isGone && name === stack.mark)?.deployed ?? stack.deployed;
  if (deployed.addresses.size === 0) return [];
  const declares = new Set(thingsOf(stack).map(({ identity }) => identity));
  return [{ stack, name: stack.node.id, deployed, isGone: false, declares }];
}

const gone = ({ name, deployed, isGone }: OtherState): Owner[] =>
  isGone && deployed ? [{ name, deployed, isGone, declares: new Set() }] : [];

function ownedElsewhere(stack: Stack, owned: readonly DeclaredThing[], { name, isGone }: Owner): Finding {
  const [first] = owned as [DeclaredThing];
  const more = owned.length > 1 ? ` and ${owned.length - 1} more` : "";
  const later = "declare it here then (a rule with import: true)";
  const problem = {
    got: `${first.identity}${more}, which the state of ${name} has${isGone ? ", a stack that is gone" : ""}`,
    allowed: "what no other state has, because two of them undo each other's work",
    fix: isGone
      ? `write was: ${name} at the top of pushers/${stack.node.id}.yaml if that file was renamed; otherwise take it out here, put pushers/${name}.yaml back with \`pushers: {}\`, deploy that, and ${later}`
      : `move it back; or take it out of ${name}, deploy that, and ${later}`,
  };
  return { at: isGone ? stack : first.at, problem };
}

/** Refuses something new beside a state that cannot be read, because it may be what that one has. */
const unreadable = (stack: Stack, { name, unread }: OtherState): Finding => ({
  at: stack,
  problem: {
    got: `something new, beside the state of ${name}, whose file is gone and which cannot be read (${unread})`,
    allowed: "states that can be read, because what is new here may be what that one has",
    fix: `mend it as it says; or remove it, if all of it is gone from GitLab`,
  },
});
