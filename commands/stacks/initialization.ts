import { PROVIDER_LOCK, type Releases } from "../../terraform/provider-lock";
import { eachStack, valuesOf } from "./each-stack";
import type { Terraform } from "./terraform";

/**
 * Initializes the folders of stacks. A plugin cache takes one writer at a time, and a provider is large; so the first stack of each set
 * of requirements installs alone, and the others link what it installed.
 * @returns the releases that were chosen anew, because no lock file names them
 * @throws CommandError when a provider cannot be installed, or is not the locked one
 */
export async function initialize(stacks: readonly Terraform[]): Promise<Releases> {
  const firsts = new Map<string, Terraform>();
  for (const stack of stacks) if (!firsts.has(stack.requirements)) firsts.set(stack.requirements, stack);
  let chosen: Releases = {};
  for (const first of firsts.values()) chosen = { ...chosen, ...(await first.init()) };

  const others = stacks.filter((stack) => firsts.get(stack.requirements) !== stack);
  const linked = await eachStack(others, async (stack) => {
    const isEnough = await stack.initLike(firsts.get(stack.requirements) as Terraform);
    return isEnough ? [] : [stack];
  });
  for (const stack of valuesOf(linked).flat()) chosen = { ...chosen, ...(await stack.init()) };
  return chosen;
}

/** Notes on releases that were chosen anew: none or one sentence. */
export function asNotes(chosen: Releases): string[] {
  const named = Object.entries(chosen).map(([address, release]) => `${address} ${release}`);
  if (named.length === 0) return [];
  return [
    `No ${PROVIDER_LOCK} is beside cdktf.json, so a deploy may run another provider than this plan did, ${named.join(", ")}: \`npx gitlab-ci-pusher providers lock\` writes one to commit.`,
  ];
}
