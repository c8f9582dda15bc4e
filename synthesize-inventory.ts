import { App } from "cdktf";
import { adoptLeftovers, findOwners, type PusherStack } from "./constructs";
import { ApiClient } from "./gitlab/api-client";
import { requireBaseUrl, synthBaseUrl } from "./gitlab/base-url";
import { ExpectedError } from "./gitlab/expected-error";
import { declareStack, loadInventory } from "./inventory";
import { formerFiles } from "./inventory/former-files";
import { providerMajor } from "./inventory/provider-major";
import { refuseLeftInGitLab } from "./state/left-in-gitlab";
import { otherStates } from "./state/other-states";
import { readStackStates } from "./state/stack-states";
import { stateSettings } from "./state/state-settings";
import { readProviderLock, releasesIn } from "./terraform/provider-lock";

export interface SynthesizeOptions {
  /** Where the stacks go; stacks of your own may be in it already, and are synthesized with them. @default - an app of its own */
  readonly app?: App;
  /** `GITLAB_BASE_URL`, and what the states are read with: `GITLAB_TOKEN`, `TF_HTTP_USERNAME`, `TF_HTTP_PASSWORD`. @default process.env */
  readonly environment?: NodeJS.ProcessEnv;
  /** Gets the stacks before they are written: for resources of your own in them, aspects, a backend. @default - they stay as they are */
  readonly customize?: (stacks: readonly PusherStack[]) => void | Promise<void>;
}

/**
 * Synthesizes the stacks of an inventory, one for each of its files. No credential is synthesized: Terraform reads `GITLAB_TOKEN`,
 * `TF_HTTP_USERNAME`, … when it runs. Here they only serve to look at what the last deploys left: the states, where the app's context
 * (that of cdktf.json) says that they are, and with a token also rules and variables in GitLab that a deploy made and could not note.
 * @param folder of the inventory's YAML files
 * @returns the stacks, in the files' order, when they are written
 * @throws InventoryError with every mistake of every file
 * @throws ExpectedError when a state cannot be used, GitLab does not answer, a stack of that name is in the app, or `customize` throws
 */
export async function synthesizeInventory(
  folder = "pushers",
  { app = new App({ stackTraces: false }), environment = process.env, customize }: SynthesizeOptions = {},
): Promise<PusherStack[]> {
  const { GITLAB_TOKEN: token } = environment;
  const baseUrl = synthBaseUrl(environment);
  const files = loadInventory(folder);
  const context = app.node.getAllContext();
  const provider = providerMajor(context, releasesIn(readProviderLock(".") ?? ""));
  const settings = stateSettings(context, environment);
  const states = await readStackStates(settings, files, { outdir: app.outdir });
  await refuseLeftInGitLab(context, environment, states.values());
  for (const { stack } of files) if (app.node.tryFindChild(stack)) throw sameName(stack);
  const stacks = files.map((file) => declareStack(app, file, { baseUrl, provider, state: states.get(file.stack) }));
  await findOwners(stacks, async () => otherStates(settings, files, await formerFiles(folder)));
  if (token) {
    let client: ApiClient | undefined;
    const connect = () => (client ??= new ApiClient({ baseUrl: requireBaseUrl(environment), token }));
    await Promise.all(stacks.map((stack) => adoptLeftovers(stack, connect)));
  }
  await customized(stacks, customize);
  app.synth();
  return stacks;
}

const sameName = (stack: string): ExpectedError =>
  new ExpectedError({
    of: `${stack}.yaml`,
    got: "a stack of that name in the app already",
    allowed: "one stack of a name in an app",
    fix: "rename that of your own, or synthesize the folder once",
  });

/** Runs code of the ops repository: what it throws is no defect of ours, and told with its trace. */
async function customized(stacks: readonly PusherStack[], customize: SynthesizeOptions["customize"]): Promise<void> {
  try {
    await customize?.(stacks);
  } catch (error) {
    if (error instanceof ExpectedError) throw error;
    throw new ExpectedError(`customize, of the app itself, failed:\n${error instanceof Error ? error.stack : error}`);
  }
}
