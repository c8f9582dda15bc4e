import type { Job } from "../model/ci/job";
import { canReadProject } from "../model/members/access";
import type { Project } from "../model/projects/project";
import type { Store } from "../model/store";
import type { AccessToken } from "../model/tokens/access-token";
import { authenticate } from "../model/tokens/authentication";
import type { DeployToken } from "../model/tokens/deploy-token";
import { deployTokenOf } from "../model/tokens/deploy-tokens";
import type { User } from "../model/users/user";
import { GitRefusal } from "./git-refusal";
import type { LoginBan } from "./login-ban";

/** The service that a Git client asks for; `undefined` where the dumb protocol, or anything else, was asked for. */
export type GitService = "git-upload-pack" | "git-receive-pack";

/** The one from whom a Git request comes. */
export type GitActor =
  | { readonly kind: "anonymous" }
  | { readonly kind: "token"; readonly user: User; readonly token: AccessToken }
  | { readonly kind: "job"; readonly user: User; readonly job: Job }
  | { readonly kind: "deploy"; readonly token: DeployToken };

/** Those that act for a user, with the user's rights. */
export type GitUser = Extract<GitActor, { readonly user: User }>;

export const isUser = (actor: GitActor): actor is GitUser => "user" in actor;

export interface BasicCredentials {
  readonly username: string;
  readonly password: string;
}

/** The only user name under which a CI_JOB_TOKEN is looked at. */
const JOB_TOKEN_USERNAME = "gitlab-ci-token";

export interface GitLogin {
  /** undefined: the client sent none. */
  readonly credentials: BasicCredentials | undefined;
  readonly service: GitService | undefined;
  /** undefined: there is no such project. */
  readonly project: Project | undefined;
  /** The address that the request comes from, for the ban. */
  readonly address: string;
}

/**
 * Finds who asks, as GitLab's `Gitlab::Auth.find_for_git_client` finds out: any user name goes with a token.
 *
 * @throws GitRefusal 401; 403 for a banned address
 */
export function authenticateGit(store: Store, ban: LoginBan, login: GitLogin): GitActor {
  const { credentials, address } = login;
  if (!credentials) {
    if (anonymousMayDownload(store, login)) return { kind: "anonymous" };
    throw GitRefusal.unauthorized(store.url);
  }
  const counted = credentials.username !== JOB_TOKEN_USERNAME;
  if (counted && ban.isBanned(address)) {
    throw GitRefusal.forbidden("Too many failed authentication attempts from this IP");
  }
  const actor = actorOf(store, credentials, login.project);
  if (!actor) {
    if (counted) ban.failed(address);
    throw GitRefusal.unauthorized(store.url);
  }
  if (counted) ban.succeeded(address);
  return actor;
}

/** @param authorization the header; anything but well-formed Basic counts as no credentials */
export function basicCredentials(authorization: string | undefined): BasicCredentials | undefined {
  const encoded = /^Basic\s+(\S*)\s*$/i.exec(authorization ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, "base64").toString();
  const colon = decoded.indexOf(":");
  return colon < 0
    ? { username: decoded, password: "" }
    : { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

function anonymousMayDownload(store: Store, { service, project }: GitLogin): boolean {
  return (
    store.settings.git_http_enabled &&
    service === "git-upload-pack" &&
    project !== undefined &&
    canReadProject(store, null, project)
  );
}

/** A deploy token goes with its own user name only. */
function deployActor(store: Store, { username, password }: BasicCredentials): GitActor | undefined {
  const token = deployTokenOf(store, username, password);
  return token && { kind: "deploy", token };
}

function actorOf(store: Store, credentials: BasicCredentials, project: Project | undefined): GitActor | undefined {
  if (credentials.password === "") return undefined;
  const answer = authenticate(store, credentials.password);
  if (!("identity" in answer)) return deployActor(store, credentials);
  const { user, credential } = answer.identity;
  if (credential.kind === "job") {
    return credentials.username === JOB_TOKEN_USERNAME ? { kind: "job", user, job: credential.job } : undefined;
  }
  // A bot is nobody where it cannot look: 401, not 404.
  if (project && user.userType === "project_bot" && !canReadProject(store, user, project)) return undefined;
  return { kind: "token", user, token: credential.token };
}
