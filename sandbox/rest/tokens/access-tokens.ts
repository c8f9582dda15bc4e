import { GitLabError } from "../../model/gitlab-error";
import { MEMBER_LEVELS } from "../../model/members/access-level";
import { type AccessToken, RESOURCE_SCOPES } from "../../model/tokens/access-token";
import { hasScope } from "../../model/tokens/authentication";
import {
  canManageTokens,
  createResourceToken,
  findResourceToken,
  type Resource,
  requireRotatable,
  resourceTokens,
  revokeToken,
  rotateToken,
  tokenLevel,
} from "../../model/tokens/resource-access-tokens";
import type { Call } from "../call";
import { day, filledText, integer, required, text, texts, withDefault } from "../parameters";
import { del, get, post, type Route } from "../route";
import { filterTokens, presentToken } from "./access-token-view";

type Source = Resource["source"];

/** The project or group of `:id`. Errors: 404 when the caller cannot see it. */
function resourceOf(call: Call, source: Source): Resource {
  return source === "project" ? { source, project: call.project() } : { source, group: call.group() };
}

function present(call: Call, token: AccessToken): Record<string, unknown> {
  const { store } = call;
  const bot = store.users.get(token.userId)?.botOf;
  return {
    ...presentToken(store, token),
    access_level: tokenLevel(store, token),
    resource_type: bot?.source,
    resource_id: bot?.id,
  };
}

function list(source: Source): (call: Call) => unknown {
  return (call) => {
    const resource = resourceOf(call, source);
    if (!canManageTokens(call.store, call.user, resource)) throw GitLabError.unauthorized();
    return call.page(filterTokens(call, resourceTokens(call.store, resource)), (token) => present(call, token));
  };
}

function find(call: Call, resource: Resource): AccessToken {
  const token = findResourceToken(call.store, resource, call.id("token_id"));
  if (!token) throw GitLabError.notFound(`${resource.source} Access Token`);
  return token;
}

function show(source: Source): (call: Call) => unknown {
  return (call) => {
    const resource = resourceOf(call, source);
    if (!canManageTokens(call.store, call.user, resource)) throw GitLabError.unauthorized();
    return present(call, find(call, resource));
  };
}

function create(source: Source): (call: Call) => unknown {
  return (call) => {
    const resource = resourceOf(call, source);
    const input = call.read({
      name: required(filledText()),
      description: text(),
      scopes: required(texts(RESOURCE_SCOPES)),
      expires_at: day(),
      access_level: withDefault(integer(MEMBER_LEVELS), 40),
    });
    const { token, value } = createResourceToken(call.store, call.user, resource, {
      name: input.name,
      description: input.description,
      scopes: input.scopes,
      expiresAt: input.expires_at,
      accessLevel: input.access_level,
    });
    return { ...present(call, token), token: value };
  };
}

function revoke(source: Source): (call: Call) => unknown {
  return (call) => {
    const resource = resourceOf(call, source);
    const token = find(call, resource);
    if (!canManageTokens(call.store, call.user, resource)) {
      const bot = call.store.users.get(token.userId)!;
      throw GitLabError.badRequest(`${call.user.name} cannot delete ${bot.name}`);
    }
    revokeToken(call.store, token);
    return undefined;
  };
}

function rotate(source: Source): (call: Call) => unknown {
  return (call) => {
    const { store, user } = call;
    const resource = resourceOf(call, source);
    const { expires_at } = call.read({ expires_at: day() });
    // A bot may rotate itself (self/rotate) and nothing else.
    const may = !user.botOf && canManageTokens(store, user, resource);
    const token = may ? findResourceToken(store, resource, call.id("token_id")) : undefined;
    // Only administrators learn that a token does not exist.
    if (!token) throw user.admin ? GitLabError.notFound() : GitLabError.unauthorized();
    requireRotatable(store, user, resource, token);
    return rotated(call, token, expires_at);
  };
}

/** A token rotates itself; needs the scope `api` or `self_rotate` on that same token. */
function rotateSelf(source: Source): (call: Call) => unknown {
  return (call) => {
    const { store, identity } = call;
    const { expires_at } = call.read({ expires_at: day() });
    const resource = resourceOf(call, source);
    if (identity?.credential.kind !== "token") throw GitLabError.unauthorized();
    const token = findResourceToken(store, resource, identity.credential.token.id);
    if (!token) throw GitLabError.message(405, "405 Method Not Allowed");
    if (!hasScope(identity, "api", "self_rotate")) throw GitLabError.forbidden();
    return rotated(call, token, expires_at);
  };
}

function rotated(call: Call, token: AccessToken, expiresAt: string | undefined): unknown {
  const result = rotateToken(call.store, token, expiresAt);
  call.status(200);
  return { ...present(call, result.token), token: result.value };
}

function routesOf(source: Source): Route[] {
  const base = `/${source}s/:id/access_tokens`;
  return [
    get(base, list(source)),
    post(base, create(source)),
    post(`${base}/self/rotate`, rotateSelf(source), { scopes: ["self_rotate"] }),
    get(`${base}/:token_id`, show(source)),
    del(`${base}/:token_id`, revoke(source)),
    post(`${base}/:token_id/rotate`, rotate(source)),
  ];
}

export const accessTokenRoutes = [...routesOf("project"), ...routesOf("group")];
