import { GITLAB_COM } from "../gitlab/base-url";
import { DEFAULT_LIFETIME_LIMIT, EXTENDED_LIFETIME_LIMIT } from "../gitlab/expiry-date";
import type { Problem } from "../gitlab/problem";
import { isStackName } from "../state/stack-name";

/** The edition of GitLab, which says what shapes are allowed: `free` has no users in branch rules and no environment scopes in groups. */
export type Edition = "free" | "premium";

/** The package that is installed: Community Edition, or Enterprise Edition, with a licence or without; GitLab.com has that. */
export type Package = "ce" | "ee";

/** Says why an edition is not to be had with a package. */
export function packageProblem(edition: Edition, installed: Package): Problem | undefined {
  if (edition === "free" || installed === "ee") return undefined;
  return {
    got: "edition premium with package ce",
    allowed: "package ee: Community Edition takes no licence",
    fix: "leave package out, or set the edition to free",
  };
}

/** Says why a stack cannot have this name. */
export function nameProblem(name: string): Problem | undefined {
  if (isStackName(name)) return undefined;
  return {
    got: `the stack name ${JSON.stringify(name)}`,
    allowed: "letters, digits, and - _ . after the first",
    fix: "rename the stack",
  };
}

/** Says why GitLab has no such limit for the life of a token, in days. */
export function lifetimeProblem(days: number): Problem | undefined {
  if (Number.isInteger(days) && days >= 1 && days <= EXTENDED_LIFETIME_LIMIT) return undefined;
  return {
    got: `a lifetime limit of ${days} days`,
    allowed: `1 to ${EXTENDED_LIFETIME_LIMIT}`,
    fix: `leave it out for GitLab's ${DEFAULT_LIFETIME_LIMIT}`,
  };
}

/** Says why the provider could not use an address, or undefined when it could, or there is none. */
export function addressProblem(baseUrl: string | undefined): Problem | undefined {
  if (!baseUrl || (/^https?:\/\/[^/]/.test(baseUrl) && URL.canParse(baseUrl))) return undefined;
  const fix = /^https?:/.test(baseUrl) ? "it as in the browser" : JSON.stringify(`https://${baseUrl}`);
  return {
    got: `GITLAB_BASE_URL ${JSON.stringify(baseUrl)}`,
    allowed: "an address with http:// or https://",
    fix: `write ${fix}`,
  };
}

/** Says why an edition has no project access tokens in the GitLab at this address, which must be one. */
export function editionProblem(edition: Edition, baseUrl: string | undefined): Problem | undefined {
  if (edition === "premium" || !isGitLabCom(baseUrl || GITLAB_COM)) return undefined;
  return {
    got: `edition free on ${baseUrl ? "gitlab.com" : "gitlab.com, which is what the provider uses while GITLAB_BASE_URL is unset"}`,
    allowed:
      "premium there, any edition on another GitLab: on GitLab.com's Free tier project access tokens do not exist",
    fix:
      "set GITLAB_BASE_URL to your own GitLab; or set edition: premium if the namespace has Premium or Ultimate; " +
      "or do without a token: for pushes to the same project that need no follow-up pipeline, turn on the project setting " +
      "`Allow Git push requests to the repository` for job tokens (GitLab 18.4); or use a deploy key with write access",
  };
}

const isGitLabCom = (baseUrl: string): boolean => /(^|\.)gitlab\.com$/i.test(new URL(baseUrl).hostname);
