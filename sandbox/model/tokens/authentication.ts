import type { Job } from "../ci/job";
import type { Project } from "../projects/project";
import type { Store } from "../store";
import type { User } from "../users/user";
import { type AccessToken, isExpired } from "./access-token";
import { sweepInactiveTokens } from "./retention";
import { digestOf } from "./value";

/** The one who calls, and by what right. */
export interface Identity {
  readonly user: User;
  readonly credential:
    | { readonly kind: "token"; readonly token: AccessToken }
    | { readonly kind: "job"; readonly job: Job };
}

/** The reason why a secret does not authenticate. */
export type Refusal =
  | { readonly reason: "unknown" | "blocked" }
  | { readonly reason: "revoked" | "expired"; readonly token: AccessToken };

export type Authentication = { readonly identity: Identity } | { readonly refusal: Refusal };

/** Looks a secret up: personal, project or group access token, or the CI_JOB_TOKEN of a running job. */
export function authenticate(store: Store, secret: string): Authentication {
  sweepInactiveTokens(store);
  const digest = digestOf(secret);
  const token = store.tokenByDigest(digest);
  if (token) return authenticateToken(store, token);
  const job = store.jobByDigest(digest);
  const user = job?.status === "running" ? store.users.get(job.userId) : undefined;
  if (!job || !user) return { refusal: { reason: "unknown" } };
  if (user.state !== "active") return { refusal: { reason: "blocked" } };
  return { identity: { user, credential: { kind: "job", job } } };
}

/** Tells whether the credential carries one of the scopes; a job token has none. */
export function hasScope(identity: Identity, ...scopes: string[]): boolean {
  const { credential } = identity;
  return credential.kind === "token" && credential.token.scopes.some((scope) => scopes.includes(scope));
}

/** A job may read its own project, and others whose allowlist names its project or one of its groups. */
export function jobTokenReaches(store: Store, job: Job, target: Project): boolean {
  if (job.projectId === target.id || !target.jobTokenScopeEnabled) return true;
  if (target.jobTokenAllowedProjects.has(job.projectId)) return true;
  const source = store.projects.get(job.projectId);
  return (
    source !== undefined &&
    store.groupAndAncestors(source.namespaceId).some((group) => target.jobTokenAllowedGroups.has(group.id))
  );
}

function authenticateToken(store: Store, token: AccessToken): Authentication {
  if (token.revoked) return { refusal: { reason: "revoked", token } };
  if (isExpired(token, store.clock)) return { refusal: { reason: "expired", token } };
  const user = store.users.get(token.userId);
  if (!user) return { refusal: { reason: "unknown" } };
  if (user.state !== "active") return { refusal: { reason: "blocked" } };
  token.lastUsedAt = store.clock.timestamp();
  return { identity: { user, credential: { kind: "token", token } } };
}
