const { findTerraform, NoTerraformError } = require("../terraform/binary");

/**
 * Chooses the Terraform or OpenTofu that every test runs, as the commands do: `TERRAFORM_BINARY_NAME=tofu npm test` is the other one's. Where
 * there is none, tests that run one fail, and the others do not care.
 * @throws NoTerraformError when the one that is asked for is not there
 */
module.exports = async (environment = process.env) => {
  try {
    environment.TERRAFORM_BINARY_NAME = await findTerraform({ environment, fetch: false });
  } catch (error) {
    if (!(error instanceof NoTerraformError) || environment.TERRAFORM_BINARY_NAME) throw error;
    process.stderr.write(`Tests that run Terraform will fail: ${error.message}\n`);
  }
};
