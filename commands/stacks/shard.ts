import { createHash } from "node:crypto";

/** One of `total` shares of a fleet's stacks, counted from 1. */
export interface Shard {
  readonly index: number;
  readonly total: number;
}

interface Stack {
  readonly name: string;
  /** Names of the stacks it depends on. */
  readonly dependencies: readonly string[];
}

/**
 * The stacks of one shard. A stack's shard follows from its name alone, or from the first name among those that depend on each other, so
 * that it is the same one whatever else changes: what one job reviewed, the job of the same number deploys.
 */
export function inShard<S extends Stack>(stacks: readonly S[], { index, total }: Shard): S[] {
  const leaders = leadersOf(stacks);
  return stacks.filter(({ name }) => (hash(leaders.get(name) ?? name) % total) + 1 === index);
}

/** For each stack the first name of all that it is connected with. */
function leadersOf(stacks: readonly Stack[]): Map<string, string> {
  const leaders = new Map(stacks.map(({ name }) => [name, name]));
  const links = stacks.flatMap(({ name, dependencies }) => dependencies.map((other) => [name, other] as const));
  for (let isStable = links.length === 0; !isStable; ) {
    isStable = true;
    for (const [one, other] of links) {
      const [a, b] = [leaders.get(one) ?? one, leaders.get(other) ?? other];
      if (a === b) continue;
      isStable = false;
      const first = a < b ? a : b;
      leaders.set(one, first).set(other, first);
    }
  }
  return leaders;
}

const hash = (name: string): number => createHash("sha256").update(name).digest().readUInt32BE();
