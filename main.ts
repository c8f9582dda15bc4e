import { App } from "cdktf";
import { adoptLeftovers, ValidationError } from "./constructs";
import { ApiClient } from "./gitlab/api-client";
import { requireBaseUrl, synthBaseUrl } from "./gitlab/base-url";
import { SettingError } from "./gitlab/setting-error";
import { declareStack, InventoryError, loadInventory } from "./inventory";
import { formerFiles } from "./inventory/former-files";
import { goneStacks, goneWhereNew } from "./state/gone-stacks";
import { readStackStates } from "./state/stack-states";
import { StateError } from "./state/state-error";
import { stateSettings } from "./state/state-settings";

/**
 * The ops repository's stacks: one for each file in the inventory folder. Where their states are is chosen in cdktf.json. No credential
 * is synthesized: Terraform reads GITLAB_TOKEN and GITLAB_BASE_URL (provider), TF_HTTP_USERNAME and TF_HTTP_PASSWORD (state in GitLab)
 * when it runs. Here they are used only to look at the last deploy's state, and at what one that broke off left.
 */
async function main(environment: NodeJS.ProcessEnv): Promise<void> {
  const { GITLAB_TOKEN: token } = environment;
  const baseUrl = synthBaseUrl(environment);
  const app = new App({ stackTraces: false });
  const files = loadInventory("pushers");
  const settings = stateSettings(app.node.getAllContext(), environment);
  const states = await readStackStates(settings, files, { outdir: app.outdir });
  const gone = await goneWhereNew(states, async () => goneStacks(settings, files, await formerFiles("pushers")));
  for (const file of files) {
    const stack = declareStack(app, file, { baseUrl, state: states.get(file.stack), gone });
    if (token) await adoptLeftovers(stack, () => new ApiClient({ baseUrl: requireBaseUrl(environment), token }));
  }
  app.synth();
}

/** When the stacks are written, or what is wrong with them is said. */
export const synthesized = main(process.env).catch((error: Error) => {
  // What is wrong with the inventory or the state is in the message; a stack trace would bury it. A defect has nothing but its trace.
  const expected = [InventoryError, ValidationError, StateError, SettingError].some((kind) => error instanceof kind);
  process.stderr.write(`${expected ? error.message : error.stack}\n`);
  process.exitCode = 1;
});
