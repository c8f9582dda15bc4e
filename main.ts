import { App } from "cdktf";
import { adoptLeftovers, findOwners } from "./constructs";
import { ApiClient } from "./gitlab/api-client";
import { requireBaseUrl, synthBaseUrl } from "./gitlab/base-url";
import { failWith } from "./gitlab/failure";
import { declareStack, loadInventory } from "./inventory";
import { formerFiles } from "./inventory/former-files";
import { refuseLeftInGitLab } from "./state/left-in-gitlab";
import { otherStates } from "./state/other-states";
import { readStackStates } from "./state/stack-states";
import { stateSettings } from "./state/state-settings";

/**
 * The ops repository's stacks: one for each file of the inventory. Where states are is chosen in cdktf.json. No credential is synthesized:
 * Terraform reads GITLAB_TOKEN, TF_HTTP_USERNAME, … when it runs. Here they only serve to look at what the last deploys left.
 */
async function main(environment: NodeJS.ProcessEnv): Promise<void> {
  const { GITLAB_TOKEN: token } = environment;
  const baseUrl = synthBaseUrl(environment);
  const app = new App({ stackTraces: false });
  const files = loadInventory("pushers");
  const settings = stateSettings(app.node.getAllContext(), environment);
  const states = await readStackStates(settings, files, { outdir: app.outdir });
  await refuseLeftInGitLab(app.node.getAllContext(), environment, states.values());
  const stacks = files.map((file) => {
    const stack = declareStack(app, file, { baseUrl, state: states.get(file.stack) });
    return stack;
  });
  await findOwners(stacks, async () => otherStates(settings, files, await formerFiles("pushers")));
  for (const stack of stacks) {
    if (token) await adoptLeftovers(stack, () => new ApiClient({ baseUrl: requireBaseUrl(environment), token }));
  }
  app.synth();
}

/** When the stacks are written, or what is wrong with them is said. */
export const synthesized = main(process.env).catch(failWith);
