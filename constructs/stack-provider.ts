import { GitlabProvider } from "@cdktf/provider-gitlab/lib/provider";
import type { TerraformStack } from "cdktf";

/**
 * The provider releases this project is written for, in place of the 18.6.1 the bindings pin: before 18.8 each rotation deletes and
 * re-creates the variable and may fail half-way, 18.11 fails to rotate an expired token, and 19 has another branch protection.
 */
export const PROVIDER_VERSION = ">= 18.8.2, < 18.11.0";

/** Import blocks and `removed` blocks that forget a resource without destroying it. */
export const TERRAFORM_VERSION = ">= 1.7.0";

/** Declares the provider, without credentials: it reads `GITLAB_TOKEN` and `GITLAB_BASE_URL` when Terraform runs. */
export function addProvider(stack: TerraformStack): void {
  // An id that no pusher can have.
  new GitlabProvider(stack, "Provider", {});
  stack.addOverride("terraform.required_providers.gitlab.version", PROVIDER_VERSION);
  stack.addOverride("terraform.required_version", TERRAFORM_VERSION);
}
