import { existsSync } from "node:fs";
import * as path from "node:path";
import { formerFiles } from "../../inventory/former-files";
import { cdktfContext } from "../../state/cdktf-context";
import { type GoneStack, goneStacks } from "../../state/gone-stacks";
import { stateFileOf } from "../../state/local-state";
import { STATE_DIRECTORY } from "../../state/stack-states";
import { stateSettings } from "../../state/state-settings";
import { stateNameOf } from "./state-name";
import type { SynthesizedStack } from "./synthesis";

/**
 * The stacks that a project no longer has, and whose states still have something. Of one that cannot be looked into it is told when the
 * base has it: others may have been gone for years.
 */
export async function goneIn(
  project: string,
  stacks: readonly SynthesizedStack[],
  base: readonly SynthesizedStack[],
  environment: NodeJS.ProcessEnv,
): Promise<GoneStack[]> {
  const inventory = path.join(project, "pushers");
  const directory = path.join(project, STATE_DIRECTORY);
  const settings = stateSettings(cdktfContext(inventory), environment);
  const claimed = stacks.map((stack) => ({ stack: stack.name, stateName: stateNameOf(stack) }));
  const known = new Set(claimed.map(({ stateName }) => stateName));
  const before = base.filter((stack) => !known.has(stateNameOf(stack)));
  const former = [...(await formerFiles(inventory)), ...before.map(stateNameOf)];
  const found = (await goneStacks(settings, claimed, former, { directory })).filter(
    ({ name, deployed, isFile }) =>
      deployed !== undefined || isFile || before.some((stack) => stateNameOf(stack) === name),
  );
  const unseen = before.flatMap((stack): GoneStack[] => {
    const name = stateNameOf(stack);
    const isSeen = found.some((each) => each.name === name);
    const isHere = settings.kind === "gitlab" || existsSync(stateFileOf(directory, name));
    return isSeen || (isHere && stack.stateName !== undefined)
      ? []
      : [{ name, isFile: false, unread: "its state is not here" }];
  });
  return [...found, ...unseen];
}
