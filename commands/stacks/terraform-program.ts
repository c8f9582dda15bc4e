import { type ProgramOptions, type ProgramRun, run } from "./program";

/**
 * Debug logs hold tokens, and a data folder of the caller's would be shared by all stacks. Another workspace has another state, which for
 * a local one is in the folder that Terraform runs in, and is lost with it.
 */
const UNWANTED = /^TF_(LOG.*|DATA_DIR|WORKSPACE|CLI_ARGS.*)$/;

/**
 * Runs Terraform, the one that `TERRAFORM_BINARY_NAME` names or else `terraform`, to its end.
 * @throws CommandError when there is no such program
 */
export function runTerraform(
  args: readonly string[],
  { environment, ...options }: Omit<ProgramOptions, "shell" | "fix">,
): Promise<ProgramRun> {
  const own = Object.entries(environment).filter(([name]) => !UNWANTED.test(name));
  return run(environment.TERRAFORM_BINARY_NAME || "terraform", args, {
    ...options,
    fix: "export TERRAFORM_BINARY_NAME=$(npx gitlab-ci-pusher terraform), which finds or fetches it",
    environment: { ...Object.fromEntries(own), CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1" },
  });
}
