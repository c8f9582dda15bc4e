import { addDays } from "../../model/clock";
import { GitLabError } from "../../model/gitlab-error";
import type { AccessToken } from "../../model/tokens/access-token";
import { PERSONAL_SCOPES } from "../../model/tokens/access-token";
import { createPersonalToken } from "../../model/tokens/personal-access-tokens";
import { revokeToken, rotateToken } from "../../model/tokens/resource-access-tokens";
import type { Call } from "../call";
import { day, filledText, integer, required, text, texts } from "../parameters";
import { del, get, post } from "../route";
import { filterTokens, presentToken } from "./access-token-view";

function ownToken(call: Call): AccessToken {
  const credential = call.identity?.credential;
  if (credential?.kind !== "token") throw GitLabError.unauthorized();
  return credential.token;
}

function list(call: Call): unknown {
  const { user_id } = call.read({ user_id: integer() });
  if (user_id !== undefined && user_id !== call.user.id && !call.user.admin) throw GitLabError.unauthorized();
  const wanted = user_id ?? (call.user.admin ? undefined : call.user.id);
  const tokens = wanted === undefined ? call.store.tokens.all() : call.store.tokensOfUser(wanted);
  const people = tokens.filter((token) => call.store.users.get(token.userId)?.userType === "human");
  return call.page(filterTokens(call, people), (token) => presentToken(call.store, token));
}

/** The caller's token of that id, or any for administrators. Errors: 404 to administrators, 401 to the others. */
function findToken(call: Call): AccessToken {
  const token = call.store.tokens.get(call.id("token_id"));
  if (token && (token.userId === call.user.id || call.user.admin)) return token;
  throw call.user.admin ? GitLabError.notFound() : GitLabError.unauthorized();
}

function rotate(call: Call, token: AccessToken): unknown {
  const { expires_at } = call.read({ expires_at: day() });
  const rotated = rotateToken(call.store, token, expires_at);
  call.status(200);
  return { ...presentToken(call.store, rotated.token), token: rotated.value };
}

function createFor(userId: (call: Call) => number, scopes: readonly string[]): (call: Call) => unknown {
  return (call) => {
    const user = call.store.users.get(userId(call));
    if (!user) throw GitLabError.notFound("User");
    const input = call.read({
      name: required(filledText()),
      description: text(),
      scopes: required(texts(scopes)),
      expires_at: day(),
    });
    const last = addDays(call.store.clock.today(), call.store.settings.max_personal_access_token_lifetime);
    if (input.expires_at !== undefined && input.expires_at > last) {
      throw GitLabError.message(422, `Expires at must be before ${last}`);
    }
    const { name, description, expires_at: expiresAt } = input;
    const { token, value } = createPersonalToken(call.store, user, {
      name,
      description,
      scopes: input.scopes,
      expiresAt,
    });
    return { ...presentToken(call.store, token), token: value };
  };
}

function adminCreate(call: Call): unknown {
  call.requireAdmin();
  return createFor((given) => given.id("user_id"), PERSONAL_SCOPES)(call);
}

export const personalAccessTokenRoutes = [
  get("/personal_access_tokens", list),
  get("/personal_access_tokens/self", (call) => presentToken(call.store, ownToken(call)), { scopes: PERSONAL_SCOPES }),
  del("/personal_access_tokens/self", (call) => revokeToken(call.store, ownToken(call)), { scopes: PERSONAL_SCOPES }),
  post("/personal_access_tokens/self/rotate", (call) => rotate(call, ownToken(call)), { scopes: ["self_rotate"] }),
  get("/personal_access_tokens/:token_id", (call) => presentToken(call.store, findToken(call))),
  del("/personal_access_tokens/:token_id", (call) => revokeToken(call.store, findToken(call))),
  post("/personal_access_tokens/:token_id/rotate", (call) => rotate(call, findToken(call))),
  post("/users/:user_id/personal_access_tokens", adminCreate),
  post(
    "/user/personal_access_tokens",
    createFor((call) => call.user.id, ["k8s_proxy", "self_rotate"]),
  ),
];
