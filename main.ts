import { App } from "cdktf";
import { adoptLeftovers, ValidationError } from "./constructs";
import { ApiClient } from "./gitlab/api-client";
import { declareStack, InventoryError, loadInventory } from "./inventory";

/**
 * The ops repository's stacks: one for each file in the inventory folder. The operator's token is not synthesized: Terraform's GitLab
 * provider reads GITLAB_TOKEN and GITLAB_BASE_URL when it runs. Here it is used only after a deploy that broke off.
 */
async function main({ GITLAB_BASE_URL: baseUrl, GITLAB_TOKEN: token }: NodeJS.ProcessEnv): Promise<void> {
  const app = new App({ stackTraces: false });
  for (const file of loadInventory("pushers")) {
    const stack = declareStack(app, file, { baseUrl });
    if (token) await adoptLeftovers(stack, () => new ApiClient({ baseUrl: baseUrl ?? "https://gitlab.com", token }));
  }
  app.synth();
}

/** When the stacks are written, or what is wrong with them is said. */
export const synthesized = main(process.env).catch((error: Error) => {
  // What is wrong with the inventory is in the message; a stack trace would bury it. A defect has nothing but its trace.
  const expected = error instanceof InventoryError || error instanceof ValidationError;
  process.stderr.write(`${expected ? error.message : error.stack}\n`);
  process.exitCode = 1;
});
