import { CommandError } from "../exit-code";
import { isSet } from "../pipeline-variable";

/**
 * Looks whether there is a token at all, before GitLab answers 401 to nothing. Outside a pipeline a provider may have another way to one.
 * @throws CommandError
 */
export function checkOperatorToken({ GITLAB_TOKEN: token, GITLAB_CI: isPipeline }: NodeJS.ProcessEnv): void {
  if (isSet(token) || (!token && !isPipeline)) return;
  throw new CommandError({
    got: token ? `GITLAB_TOKEN=${token}, the name of a variable that this job does not get` : "no GITLAB_TOKEN",
    allowed: "a token of the operator; one with scope read_api suffices for a review",
    fix: "look at the project's CI/CD variable: a protected one is for protected branches only, and one with an environment scope for jobs of that environment",
  });
}
