import * as path from "node:path";
import { Command } from "commander";
import { findTerraform, NoTerraformError } from "../terraform/binary";
import type { CommandContext } from "./context";
import { ExitCode } from "./exit-code";

const HELP = `
TERRAFORM_BINARY_NAME, else terraform, else tofu on PATH; one that is too old is passed over for
another that is not. With none of them a release of Terraform is fetched from
releases.hashicorp.com, held against its checksum, and kept in .bin/ of the working directory.
The other commands find the same one by themselves; cdktf has to be told.

Exit code 0: the path is printed. 2: there is none, or it is too old.

Example:
  $ export TERRAFORM_BINARY_NAME=$(npx gitlab-ci-pusher terraform)`;

/** `gitlab-ci-pusher terraform`: the Terraform or OpenTofu that everything here runs. */
export function terraformCommand({ environment, stdout, stderr }: CommandContext): Command {
  return new Command("terraform")
    .description("Finds or fetches Terraform or OpenTofu, and prints its path.")
    .addHelpText("after", HELP)
    .action(async () => {
      const onFetch = (message: string) => void stderr.write(`${message}\n`);
      try {
        stdout.write(`${await findTerraform({ environment, directory: path.resolve(".bin"), onFetch })}\n`);
      } catch (error) {
        if (!(error instanceof NoTerraformError)) throw error;
        stderr.write(`${error.message}\n`);
        // A download that was given up may still hold a connection open.
        process.exit(ExitCode.usage);
      }
    });
}
