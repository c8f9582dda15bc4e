import { Annotations } from "cdktf";
import type { IConstruct } from "constructs";
import type { Adoptable } from "./fleet";
import type { Stack } from "./stack";

/**
 * Warns of adoptions that have done their work: what they adopt is in the state. Variables of one pusher are adopted by one word, so it stays
 * until the last of them is there.
 */
export function adviseOnDoneImports(stack: Stack): void {
  const { rules, variables } = stack.fleet;
  const together = new Map<IConstruct | undefined, Adoptable[]>();
  for (const each of variables) together.set(each.node.scope, [...(together.get(each.node.scope) ?? []), each]);
  for (const group of [...rules.map((rule) => [rule]), ...together.values()]) {
    const [first] = group;
    if (first && group.every((each) => each.adopts && stack.deployedAt(each)))
      Annotations.of(first).addWarning(done(first, stack));
  }
}

function done(adopted: Adoptable, stack: Stack): string {
  const place = stack.locate(adopted.node.path.split("/").slice(1));
  const where = place === undefined ? adopted.node.path : place;
  return `import: true at ${where} (adopt in TypeScript) has done its work: take it out`;
}
