import { ApiClient } from "../../gitlab/api-client";
import { plainBaseUrl, requireBaseUrl } from "../../gitlab/base-url";
import { CommandError } from "../exit-code";
import { isSet } from "../pipeline-variable";

type Environment = Readonly<Record<string, string | undefined>>;

/** The job of a pipeline that asks what was reviewed. */
export interface AskingJob {
  /** `CI_PROJECT_ID`. */
  readonly project: string;
  /** `CI_COMMIT_SHA`. */
  readonly commit: string;
  /** `CI_COMMIT_BRANCH`. @default - any */
  readonly branch?: string;
  /** `CI_JOB_NAME`, the name of the job that planned, too: `plan 1/2`. */
  readonly name: string;
  /** `CI_NODE_INDEX`. @default "1", where the job is not one of several */
  readonly node: string;
}

/** @throws CommandError when the environment is not that of a job */
export function askingJob(environment: Environment): AskingJob {
  const needed = ["CI_API_V4_URL", "CI_PROJECT_ID", "CI_COMMIT_SHA", "CI_JOB_NAME"] as const;
  const missing = needed.filter((name) => !isSet(environment[name]));
  if (missing.length > 0) {
    throw new CommandError({
      got: `--reviewed merge-request without ${missing.join(", ")}`,
      allowed: "a job of a GitLab pipeline",
      fix: "elsewhere pass the digest, or the folder of `npx gitlab-ci-pusher review --out`",
    });
  }
  const { CI_PROJECT_ID, CI_COMMIT_SHA, CI_COMMIT_BRANCH, CI_JOB_NAME, CI_NODE_INDEX } = environment;
  return {
    project: CI_PROJECT_ID!,
    commit: CI_COMMIT_SHA!,
    branch: CI_COMMIT_BRANCH || undefined,
    name: CI_JOB_NAME!,
    node: CI_NODE_INDEX || "1",
  };
}

/**
 * A client for the GitLab whose pipeline it is.
 * @throws CommandError without a token for it
 */
export function clientOf(environment: Environment, wait: (milliseconds: number) => Promise<unknown>): ApiClient {
  const { CI_API_V4_URL, GITLAB_TOKEN: token } = environment;
  if (!isSet(token)) {
    throw new CommandError({
      got: "--reviewed merge-request without GITLAB_TOKEN",
      allowed: "a token with scope read_api of a Developer of this project",
      fix: "let the job's variable GITLAB_TOKEN hold one",
    });
  }
  const baseUrl = plainBaseUrl(CI_API_V4_URL!, "CI_API_V4_URL");
  const planned = requireBaseUrl(environment);
  // The token must not go to a GitLab it is not for.
  if (baseUrl !== planned) {
    throw new CommandError({
      got: `--reviewed merge-request in a pipeline of ${baseUrl}, with GITLAB_TOKEN for ${planned}`,
      allowed: "the same GitLab for both",
      fix: "pass the digest, or the folder of `npx gitlab-ci-pusher review --out`",
    });
  }
  return new ApiClient({ baseUrl, token, wait });
}
