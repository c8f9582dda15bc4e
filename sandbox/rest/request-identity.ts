import type { Request } from "express";
import { GitLabError } from "../model/gitlab-error";
import type { Store } from "../model/store";
import { authenticate, hasScope, type Identity } from "../model/tokens/authentication";
import { revokeFamily } from "../model/tokens/resource-access-tokens";
import type { RawParameters } from "./parameters";
import type { RouteOptions } from "./route";

const REVOKED = "Token was revoked. You have to re-authorize from the user.";
const EXPIRED = "Token is expired. You can either do re-authorization or token refresh.";

/**
 * Finds who calls: by `PRIVATE-TOKEN`, `Authorization: Bearer`, `private_token`, Basic (the password counts), `JOB-TOKEN` or
 * `job_token`. null when nothing was sent. Errors: 401 for a secret that does not authenticate, 403 for too few
 * scopes; a revoked token that calls a rotate endpoint also costs its family (GitLab's reuse detection).
 */
export function identify(store: Store, request: Request, raw: RawParameters, route: RouteOptions): Identity | null {
  const secret = secretOf(request, raw);
  if (secret === undefined) return null;
  const result = authenticate(store, secret);
  if ("refusal" in result) {
    const { refusal } = result;
    if (refusal.reason === "revoked") {
      if (/access_tokens\/(\d+|self)\/rotate$/.test(request.path)) revokeFamily(store, refusal.token);
      throw invalidToken(REVOKED);
    }
    if (refusal.reason === "expired") throw invalidToken(EXPIRED);
    if (refusal.reason === "blocked") throw GitLabError.forbidden("Your account has been blocked");
    throw GitLabError.unauthorized();
  }
  const { identity } = result;
  if (identity.credential.kind === "job") {
    if (!route.jobToken || !isJobLogin(request)) throw GitLabError.unauthorized();
    return identity;
  }
  requireScope(identity, request, route);
  return sudo(store, identity, request, raw);
}

function requireScope(identity: Identity, request: Request, route: RouteOptions): void {
  const reading = request.method === "GET" || request.method === "HEAD";
  const enough = ["api", ...(reading ? ["read_api"] : []), ...(route.scopes ?? [])];
  if (hasScope(identity, ...enough)) return;
  throw new GitLabError(
    403,
    {
      error: "insufficient_scope",
      error_description: "The request requires higher privileges than provided by the access token.",
      scope: enough.join(" "),
    },
    {
      "WWW-Authenticate":
        'Bearer realm="Protected by OAuth 2.0", error="insufficient_scope", error_description="The request requires higher privileges than provided by the access token."',
    },
  );
}

function sudo(store: Store, identity: Identity, request: Request, raw: RawParameters): Identity {
  const wanted = request.header("Sudo") ?? (raw.sudo === undefined ? undefined : String(raw.sudo));
  if (wanted === undefined) return identity;
  if (!identity.user.admin) throw GitLabError.forbidden("Must be admin to use sudo");
  if (!hasScope(identity, "sudo"))
    throw GitLabError.forbidden("Must be authenticated using an OAuth or personal access token to use sudo");
  const user = /^\d+$/.test(wanted) ? store.users.get(Number(wanted)) : store.userByUsername(wanted.toLowerCase());
  if (!user) throw GitLabError.notFound(`User with ID or username '${wanted}'`);
  return { ...identity, user };
}

function secretOf(request: Request, raw: RawParameters): string | undefined {
  const authorization = request.header("Authorization");
  const candidates = [
    request.header("PRIVATE-TOKEN"),
    raw.private_token,
    /^Bearer +(.+)$/i.exec(authorization ?? "")?.[1],
    basicPassword(authorization),
    request.header("JOB-TOKEN"),
    raw.job_token,
  ];
  const found = candidates.find((candidate) => typeof candidate === "string" && candidate !== "");
  return found as string | undefined;
}

/** With Basic, a job's token is looked at under one user name only. */
function isJobLogin(request: Request): boolean {
  const login = basicLogin(request.header("Authorization"));
  return login === undefined || login.startsWith("gitlab-ci-token:");
}

function basicPassword(authorization: string | undefined): string | undefined {
  const login = basicLogin(authorization);
  return login?.slice(login.indexOf(":") + 1);
}

/** `user:password` */
function basicLogin(authorization: string | undefined): string | undefined {
  const encoded = /^Basic +(.+)$/i.exec(authorization ?? "")?.[1];
  if (!encoded) return undefined;
  return Buffer.from(encoded, "base64").toString();
}

function invalidToken(description: string): GitLabError {
  return new GitLabError(
    401,
    { error: "invalid_token", error_description: description },
    {
      "WWW-Authenticate": `Bearer realm="Protected by OAuth 2.0", error="invalid_token", error_description="${description}"`,
    },
  );
}
