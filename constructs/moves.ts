import type { Identity } from "../state/identity";
import type { PusherStack } from "./pusher-stack";

/** What Terraform manages in GitLab. */
export interface Thing {
  /** Terraform address. */
  readonly address: string;
  /** What it is in GitLab, whatever its address. */
  readonly identity: Identity;
}

/** A `moved` block of Terraform's. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

/** Everything that the constructs of a stack declare. */
export const thingsOf = ({ fleet }: Pick<PusherStack, "fleet">): Thing[] => [
  ...fleet.tokens,
  ...fleet.variables,
  ...fleet.rules.flatMap((rule) => [...(rule.guardThing ? [rule.guardThing] : []), ...(rule.deferred ? [] : [rule])]),
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
