import * as path from "node:path";
import { ExpectedError } from "../../gitlab/expected-error";
import { cdktfContext } from "../../state/cdktf-context";
import { GitLabStateApi } from "../../state/gitlab-state-api";
import { lockHolder } from "../../state/lock-holder";
import { stateSettings } from "../../state/state-settings";
import { forceUnlock, heldLock, lockProblem } from "../held-lock";
import { stateNameOf } from "./state-name";
import type { SynthesizedStack } from "./synthesis";
import { terraformTyped } from "./terraform-program";

/**
 * The error to tell of in place of Terraform's when a state in GitLab was not locked: Terraform describes the lock that it did not get,
 * as if it were the one in its way.
 * @param said what Terraform said
 * @returns undefined when it failed for another reason, or the state is not in GitLab, and Terraform knows better
 */
export async function refusedLock(
  stack: Pick<SynthesizedStack, "name" | "stateName" | "project">,
  said: string,
  environment: NodeJS.ProcessEnv,
): Promise<ExpectedError | undefined> {
  const { name, project } = stack;
  if (!said.includes("Error acquiring the state lock")) return undefined;
  try {
    const settings = stateSettings(cdktfContext(path.join(project, "pushers")), environment);
    if (settings.kind === "local" || !settings.credentials) return undefined;
    const holder = await lockHolder(new GitLabStateApi(settings, stateNameOf(stack)));
    if (!holder) return new ExpectedError(`the lock of ${name} was held, and is free by now: deploy again`);
    const cure = forceUnlock(name, holder, await terraformTyped(environment));
    return new ExpectedError(heldLock(name, holder, cure), [{ problem: lockProblem(name, holder, cure) }]);
  } catch (error) {
    if (error instanceof ExpectedError) return error;
    throw error;
  }
}
