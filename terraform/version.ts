import { type ExecFileException, execFile } from "node:child_process";
import { promisify } from "node:util";
import gte from "semver/functions/gte";

/** The product and version that a Terraform binary says it is. */
export interface TerraformVersion {
  readonly product: "terraform" | "tofu";
  /** Such as `1.11.4`. */
  readonly version: string;
}

/**
 * The oldest releases that know `removed { lifecycle { destroy = false } }`, with which a stack forgets a branch rule and keeps it.
 * OpenTofu has had `removed` since 1.7, but refuses a `lifecycle` block in it before 1.10.
 * @see https://developer.hashicorp.com/terraform/language/block/removed
 * @see https://opentofu.org/blog/opentofu-1-10-0/
 */
export const MINIMUM_VERSION = { terraform: "1.7.0", tofu: "1.10.0" } as const;

/** Milliseconds; wrappers such as tfenv may have to install a version first. */
const TIMEOUT = 60_000;

/**
 * Asks a binary for its product and version. It asks for the text, not `-json`: there OpenTofu calls itself `terraform_version` too.
 * @throws Error when it does not run, or answers something else
 */
export async function versionOf(
  binary: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<TerraformVersion> {
  const { TF_CLI_CONFIG_FILE: _, ...rest } = environment;
  const running = promisify(execFile)(binary, ["version"], {
    env: { ...rest, CHECKPOINT_DISABLE: "1" },
    timeout: TIMEOUT,
  });
  // A wrapper may ask whether to install a release: nobody is there to answer.
  running.child.stdin?.end();
  const { stdout } = await running.catch((error: ExecFileException) => {
    throw error.killed ? new Error(`no answer within ${TIMEOUT / 1000} s`) : error;
  });
  const [, name, version] = stdout.match(/^(Terraform|OpenTofu) v(\d+\.\d+\.\d+\S*)/m) ?? [];
  if (!version) {
    throw new Error(
      `got ${JSON.stringify(stdout.slice(0, 80))} from \`${binary} version\`; allowed: Terraform v… or OpenTofu v…`,
    );
  }
  return { product: name === "OpenTofu" ? "tofu" : "terraform", version };
}

/** Tells whether a release is new enough for this project's stacks. */
export const isSupported = ({ product, version }: TerraformVersion): boolean => gte(version, MINIMUM_VERSION[product]);
