import { Construct } from "constructs";
import type { Stack } from "./stack";
import type { DeclaredThing } from "./thing";

/** A `moved` block of Terraform's. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

/** Everything that the constructs of a stack declare. */
export const thingsOf = ({ fleet }: Pick<Stack, "fleet">): DeclaredThing[] => [
  ...[...fleet.tokens, ...fleet.variables].map((at) => ({ address: at.address, identity: at.identity, at })),
  ...fleet.rules.flatMap((at) => [
    ...(at.guardThing ? [{ ...at.guardThing, at, resource: "Guard" }] : []),
    ...(at.deferred ? [] : [{ address: at.address, identity: at.identity, at }]),
  ]),
  ...fleet.tags.flatMap((at) => [
    ...(at.guardThing ? [{ ...at.guardThing, at }] : []),
    { address: at.address, identity: at.identity, at },
  ]),
];

/**
 * Finds what the state has under another address than the stack: after a renamed pusher, or a branch or source that went from one pusher to
 * another. Terraform would destroy it there and make it here, in any order. Where the state cannot be looked into, what is told of a rename
 * counts: Terraform takes no notice of a move from where nothing is.
 */
export function movesOf(stack: Stack): Move[] {
  const things = thingsOf(stack);
  const declared = new Set(things.map(({ address }) => address));
  const isBlind = stack.readsState && stack.hidesState;
  return things.flatMap((thing): Move[] => {
    const from = isBlind ? formerAddress(stack, thing) : stack.deployedAt(thing);
    return from === undefined || from === thing.address || declared.has(from) ? [] : [{ from, to: thing.address }];
  });
}

/** The address a thing had before its pusher was renamed, by the name that it had; undefined for a pusher that was not. */
function formerAddress(stack: Stack, { address, at, resource = "Default" }: DeclaredThing): string | undefined {
  const former = stack.formerIds.get(at.node.scope?.node.id ?? "");
  if (former === undefined) return undefined;
  // A tree of the same names, for cdktf to number.
  const pusher = new Construct(undefined as unknown as Construct, former);
  const there = new Construct(new Construct(pusher, at.node.id), resource);
  return `${address.split(".")[0]}.${stack.getLogicalId(there.node)}`;
}
