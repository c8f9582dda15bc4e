import * as path from "node:path";
import { ExpectedError } from "../../gitlab/expected-error";
import { cdktfContext } from "../../state/cdktf-context";
import { GitLabStateApi } from "../../state/gitlab-state-api";
import { stateSettings } from "../../state/state-settings";
import { forceUnlock, lockError } from "../held-lock";
import { stateNameOf } from "./state-name";
import type { SynthesizedStack } from "./synthesis";
import { terraformTyped } from "./terraform-program";

/**
 * The error to tell of in place of Terraform's when a state in GitLab was not locked.
 * @param said what Terraform said
 * @returns undefined when it failed for another reason, or the state is not in GitLab, and Terraform knows better
 */
export async function refusedLock(
  stack: Pick<SynthesizedStack, "name" | "stateName" | "project">,
  said: string,
  environment: NodeJS.ProcessEnv,
): Promise<ExpectedError | undefined> {
  if (!said.includes("Error acquiring the state lock")) return undefined;
  try {
    const settings = stateSettings(cdktfContext(path.join(stack.project, "pushers")), environment);
    if (settings.kind === "local" || !settings.credentials) return undefined;
    return lockError(stack.name, new GitLabStateApi(settings, stateNameOf(stack)), "deploy again", async (holder) =>
      forceUnlock(stack.name, holder, await terraformTyped(environment)),
    );
  } catch (error) {
    if (error instanceof ExpectedError) return error;
    throw error;
  }
}
