import type { IConstruct } from "constructs";
import type { Identity } from "../state/identity";
import type { PusherStack } from "./pusher-stack";

/** What Terraform manages in GitLab. */
export interface Thing {
  /** Terraform address. */
  readonly address: string;
  /** What it is in GitLab, whatever its address. */
  readonly identity: Identity;
}

/** A thing, and the construct that declares it. */
export interface DeclaredThing extends Thing {
  readonly at: IConstruct;
}

/** A `moved` block of Terraform's. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

/** Everything that the constructs of a stack declare. */
export const thingsOf = ({ fleet }: Pick<PusherStack, "fleet">): DeclaredThing[] => [
  ...[...fleet.tokens, ...fleet.variables].map((at) => ({ address: at.address, identity: at.identity, at })),
  ...fleet.rules.flatMap((at) => [
    ...(at.guardThing ? [{ ...at.guardThing, at }] : []),
    ...(at.deferred ? [] : [{ address: at.address, identity: at.identity, at }]),
  ]),
  ...fleet.tags.flatMap((at) => [
    ...(at.guardThing ? [{ ...at.guardThing, at }] : []),
    { address: at.address, identity: at.identity, at },
  ]),
];

/**
 * What the state has under another address than the stack: after a renamed pusher, or a branch or source that went from one pusher to
 * another. Terraform would destroy it there and make it here, in any order.
 */
export function movesOf(stack: PusherStack): Move[] {
  const things = thingsOf(stack);
  const declared = new Set(things.map(({ address }) => address));
  return things.flatMap((thing): Move[] => {
    const from = stack.deployedAt(thing);
    return from === undefined || from === thing.address || declared.has(from) ? [] : [{ from, to: thing.address }];
  });
}
