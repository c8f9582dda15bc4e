import { GitLabError } from "../../model/gitlab-error";
import { AccessLevel } from "../../model/members/access-level";
import type { Source } from "../../model/members/member";
import type { Store } from "../../model/store";
import { DEPLOY_TOKEN_SCOPES, type DeployToken, isDeployTokenExpired } from "../../model/tokens/deploy-token";
import { createDeployToken } from "../../model/tokens/deploy-tokens";
import type { Call } from "../call";
import { commaTexts, filledText, flag, moment, required, text } from "../parameters";
import { del, get, post, type Route } from "../route";

function present(store: Store, token: DeployToken): Record<string, unknown> {
  return {
    id: token.id,
    name: token.name,
    username: token.username,
    expires_at: token.expiresAt,
    scopes: token.scopes,
    // One that is revoked is gone here, as the API has no other way to end it.
    revoked: false,
    expired: isDeployTokenExpired(token, store.clock),
  };
}

/** Maintainers of a project; of a group Maintainers see them, and Owners make and remove them. */
function holder(call: Call, source: Source, groupLevel: number): { source: Source; sourceId: number } {
  const { id } = source === "project" ? call.project(AccessLevel.Maintainer) : call.group(groupLevel);
  return { source, sourceId: id };
}

function page(call: Call, tokens: readonly DeployToken[]): unknown {
  const { store } = call;
  const { active } = call.read({ active: flag() });
  const found = tokens.filter((token) => !active || !isDeployTokenExpired(token, store.clock));
  return call.page(found, (token) => present(store, token));
}

function listAll(call: Call): unknown {
  call.requireAdmin();
  return page(call, call.store.deployTokens.all());
}

function list(source: Source): (call: Call) => unknown {
  return (call) => {
    const { sourceId } = holder(call, source, AccessLevel.Maintainer);
    return page(call, call.store.deployTokensOf(`${source}:${sourceId}`));
  };
}

function create(source: Source): (call: Call) => unknown {
  return (call) => {
    const { store } = call;
    const of = holder(call, source, AccessLevel.Owner);
    const input = call.read({
      name: required(filledText()),
      scopes: required(commaTexts()),
      expires_at: moment(),
      username: text(),
    });
    if (!input.scopes.every((scope) => DEPLOY_TOKEN_SCOPES.includes(scope))) {
      throw new GitLabError(400, { error: "scopes does not have a valid value" });
    }
    if (input.scopes.length === 0) throw GitLabError.message(400, "Scopes can't be blank");
    if (input.username !== undefined && !/^[a-zA-Z0-9.+_-]+$/.test(input.username)) {
      throw GitLabError.message(400, "Username can contain only letters, digits, '_', '-', '+', and '.'");
    }
    const { token, value } = createDeployToken(store, {
      ...of,
      name: input.name,
      username: input.username,
      scopes: DEPLOY_TOKEN_SCOPES.filter((scope) => input.scopes.includes(scope)),
      expiresAt: input.expires_at?.toISOString() ?? null,
    });
    return { ...present(store, token), token: value };
  };
}

function find(call: Call, source: Source, groupLevel: number): DeployToken {
  const { sourceId } = holder(call, source, groupLevel);
  const token = call.store.deployTokens.get(call.id("token_id"));
  if (token?.source !== source || token.sourceId !== sourceId) throw GitLabError.recordNotFound();
  return token;
}

function routesOf(source: Source): Route[] {
  const base = `/${source}s/:id/deploy_tokens`;
  return [
    get(base, list(source)),
    post(base, create(source)),
    get(`${base}/:token_id`, (call) => present(call.store, find(call, source, AccessLevel.Maintainer))),
    del(`${base}/:token_id`, (call) => call.store.deployTokens.delete(find(call, source, AccessLevel.Owner))),
  ];
}

export const deployTokenRoutes = [get("/deploy_tokens", listAll), ...routesOf("project"), ...routesOf("group")];
