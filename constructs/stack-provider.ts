import { GitlabProvider } from "@cdktf/provider-gitlab/lib/provider";
import type { TerraformStack } from "cdktf";
import type { ProviderMajor } from "../gitlab/provider-major";

/**
 * The releases this project is written for, in place of the 18.6.1 the bindings pin: before 18.8 each rotation deletes and re-creates the
 * variable and may fail half-way.
 */
export const PROVIDER_RELEASES: Readonly<Record<ProviderMajor, string>> = {
  18: ">= 18.8.2, < 19.0.0",
  19: ">= 19.0.0, < 20.0.0",
};

/** Import blocks and `removed` blocks that forget a resource without destroying it. */
export const TERRAFORM_VERSION = ">= 1.7.0";

/** Declares the provider, without credentials: it reads `GITLAB_TOKEN` and `GITLAB_BASE_URL` when Terraform runs. */
export function addProvider(stack: TerraformStack, major: ProviderMajor): void {
  // An id that no pusher can have.
  new GitlabProvider(stack, "Provider", {});
  stack.addOverride("terraform.required_providers.gitlab.version", PROVIDER_RELEASES[major]);
  stack.addOverride("terraform.required_version", TERRAFORM_VERSION);
}
