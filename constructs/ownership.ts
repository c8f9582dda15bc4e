import { describe } from "../gitlab/problem";
import type { DeployedState } from "../state/deployed-state";
import { type DeclaredThing, thingsOf } from "./moves";
import type { Finding } from "./policies";
import type { PusherStack } from "./pusher-stack";

/** A state other than a stack's own. */
interface OtherState {
  /** The stack's name, or that of a stack that is gone. */
  readonly name: string;
  readonly deployed: DeployedState;
  readonly isGone: boolean;
  /** What a stack declares still: the policies have that. */
  readonly declares: ReadonlySet<string>;
}

/**
 * Stacks that declare what another state has: two states for one thing undo each other's work, and what one of them destroys the other
 * one still counts on. After a renamed file the other state is that of a stack that is gone.
 */
export function ownershipProblems(stacks: readonly PusherStack[]): Finding[] {
  const gone = new Map(stacks.flatMap(({ gone }) => [...gone]));
  return stacks.flatMap((stack) => {
    const foreign = thingsOf(stack).filter((thing) => stack.deployedAt(thing) === undefined);
    const others: OtherState[] = [
      ...stacks.filter((other) => other !== stack).map(standing),
      ...[...gone].map(([name, deployed]) => ({ name, deployed, isGone: true, declares: new Set<string>() })),
    ];
    return others.flatMap((other) => {
      const owned = foreign.filter(
        ({ identity }) => other.deployed.addressOf(identity) !== undefined && !other.declares.has(identity),
      );
      return owned.length > 0 ? [owner(stack, owned, other)] : [];
    });
  });
}

const standing = (stack: PusherStack): OtherState => ({
  name: stack.node.id,
  deployed: stack.deployed,
  isGone: false,
  declares: new Set(thingsOf(stack).map(({ identity }) => identity)),
});

function owner(stack: PusherStack, owned: readonly DeclaredThing[], { name, isGone }: OtherState): Finding {
  const [first] = owned as [DeclaredThing];
  const more = owned.length > 1 ? ` and ${owned.length - 1} more` : "";
  const message = describe({
    got: `${first.identity}${more}, which the state of ${name} has${isGone ? ", a stack that is gone" : ""}`,
    allowed: "what no other state has, because two of them undo each other's work",
    fix: isGone
      ? `write was: ${name} at the top of pushers/${stack.node.id}.yaml if that file was renamed; otherwise put pushers/${name}.yaml back without pushers, deploy it, and take it out then`
      : `move it back; or take it out of ${name}, deploy that, and declare it here then (a rule with import: true)`,
  });
  return { at: isGone ? stack : first.at, message };
}
