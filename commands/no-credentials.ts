import type { Problem } from "../gitlab/problem";

/** The words to whoever wants a state in GitLab without saying who asks. */
export const NO_CREDENTIALS: Problem = {
  got: "neither TF_HTTP_USERNAME nor TF_HTTP_PASSWORD",
  allowed: "those of a Maintainer of the project that keeps the state",
  fix: "export both: your GitLab user name, and an access token with scope api",
};
