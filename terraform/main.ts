import { findTerraform, NoTerraformError } from "./binary";

/** `npm run -s terraform`: prints the path of the Terraform to use, for `export TERRAFORM_BINARY_NAME=$(npm run -s terraform)`. */
async function main(): Promise<void> {
  const binary = await findTerraform({ onFetch: (message) => process.stderr.write(`${message}\n`) });
  process.stdout.write(`${binary}\n`);
}

main().catch((error: Error) => {
  const expected = error instanceof NoTerraformError;
  process.stderr.write(`${expected ? error.message : error.stack}\n`);
  // A download that was given up may still hold a connection open.
  process.exit(expected ? 1 : 70);
});
