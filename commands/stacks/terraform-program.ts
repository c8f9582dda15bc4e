import * as path from "node:path";
import { findTerraform, NoTerraformError, typedName } from "../../terraform/binary";
import { type ProgramOptions, type ProgramRun, run } from "./program";

/**
 * Debug logs hold tokens, and a data folder of the caller's would be shared by all stacks. Another workspace has another state, which for
 * a local one is in the folder that Terraform runs in, and is lost with it.
 */
const UNWANTED = /^TF_(LOG.*|DATA_DIR|WORKSPACE|CLI_ARGS.*)$/;

/** The Terraform or OpenTofu that is found here, by all that it depends on: each is asked for its version once. */
const FOUND = new Map<string, Promise<string>>();

/** None is fetched: `gitlab-ci-pusher terraform` does that. @throws NoTerraformError when there is none that will do */
function foundIn(environment: NodeJS.ProcessEnv): Promise<string> {
  const known = FOUND.get(keyOf(environment));
  if (known) return known;
  const found = findTerraform({ environment, fetch: false });
  FOUND.set(keyOf(environment), found);
  const asNamed = (binary: string) => FOUND.set(keyOf({ ...environment, TERRAFORM_BINARY_NAME: binary }), found);
  found.then(asNamed, () => {});
  return found;
}

const keyOf = ({ TERRAFORM_BINARY_NAME, PATH }: NodeJS.ProcessEnv): string =>
  JSON.stringify([TERRAFORM_BINARY_NAME, PATH, process.cwd()]);

/**
 * The environment of what may run Terraform by itself, cdktf or an app of one's own: it has the one that is found here in
 * `TERRAFORM_BINARY_NAME`. Where there is none it is as it was, and {@link runTerraform} says so.
 */
export async function withTerraform(environment: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const found = await foundIn(environment).catch(noneAsUndefined);
  return found === undefined ? environment : { ...environment, TERRAFORM_BINARY_NAME: found };
}

/** The word by which a person starts the Terraform that is found here. @returns `terraform` where there is none */
export async function terraformTyped(environment: NodeJS.ProcessEnv): Promise<string> {
  const found = await foundIn(environment).catch(noneAsUndefined);
  return found === undefined ? "terraform" : typedName(found, environment);
}

function noneAsUndefined(error: unknown): undefined {
  if (!(error instanceof NoTerraformError)) throw error;
}

/** The end of a Terraform or an OpenTofu. */
export interface TerraformRun extends ProgramRun {
  /** The name of the program, `terraform` or `tofu` mostly. */
  readonly program: string;
}

/**
 * Runs Terraform, the one that is found here, to its end.
 * @throws NoTerraformError when there is none that will do
 */
export async function runTerraform(
  args: readonly string[],
  { environment, ...options }: Omit<ProgramOptions, "shell" | "fix">,
): Promise<TerraformRun> {
  const binary = await foundIn(environment);
  const own = Object.entries(environment).filter(([name]) => !UNWANTED.test(name));
  const ran = await run(binary, args, {
    ...options,
    environment: {
      // It tidies up its memory a fifth of its time otherwise, and is gone before that is worth it.
      GOGC: "400",
      ...Object.fromEntries(own),
      TERRAFORM_BINARY_NAME: binary,
      CHECKPOINT_DISABLE: "1",
      TF_IN_AUTOMATION: "1",
    },
  });
  return { ...ran, program: path.basename(binary) };
}
