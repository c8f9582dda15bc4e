import { baseUrlIn, requireBaseUrl } from "../../gitlab/base-url";

/**
 * The environment of a program that may use the operator's token, with GitLab's address where Terraform's provider looks for it: without
 * one the provider takes the token to gitlab.com.
 * @throws ExpectedError when there is a token and no address
 */
export function withBaseUrl(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const baseUrl = environment.GITLAB_TOKEN ? requireBaseUrl(environment) : baseUrlIn(environment);
  return baseUrl === undefined ? environment : { ...environment, GITLAB_BASE_URL: baseUrl };
}
