import { Reader, type ToldGitLab } from "../../estate/reader";
import { ApiClient } from "../../gitlab/api-client";
import { ApiError } from "../../gitlab/api-error";
import { requireBaseUrl } from "../../gitlab/base-url";

/** Asks GitLab what it is, once. Nothing is told without a token, nor by a GitLab that does not answer: what comes after says so. */
export async function toldGitLab(environment: NodeJS.ProcessEnv): Promise<ToldGitLab> {
  const { GITLAB_TOKEN: token } = environment;
  if (!token) return {};
  const client = new ApiClient({ baseUrl: requireBaseUrl(environment), token });
  try {
    const answer = await new Reader(client).version();
    return answer.seen ? answer.value : {};
  } catch (error) {
    if (error instanceof ApiError) return {};
    throw error;
  }
}
