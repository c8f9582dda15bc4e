import { App } from "cdktf";
import { declareStack, loadInventory } from "./inventory";

/**
 * The ops repository's stacks: one for each file in the inventory folder. The operator's token is not needed here: Terraform's GitLab
 * provider reads GITLAB_TOKEN and GITLAB_BASE_URL when it runs.
 */
function main(): void {
  const app = new App({ stackTraces: false });
  for (const file of loadInventory("pushers")) {
    declareStack(app, file, { baseUrl: process.env.GITLAB_BASE_URL });
  }
  app.synth();
}

try {
  main();
} catch (error) {
  // What is wrong with the inventory is in the message; a stack trace would bury it.
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
