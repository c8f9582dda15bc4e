import { isNotFound, messageOf } from "../gitlab-api-error";
import { type GitLabClient, segment } from "../gitlab-client";
import { DiagnosticError } from "../protocol/diagnostic";
import { requiresReplace, useStateForUnknown } from "../protocol/plan-modifier";
import type { Schema } from "../protocol/schema";
import { atLeast, elementsOneOf, exactlyOneOf, sizeAtLeast } from "../protocol/validator";
import { isKnown, isUnknown, type ObjectValue, type Value } from "../protocol/value";
import type { Resource } from "../resource";
import { parseTwoPartId } from "../resource-id";
import { wait } from "../retry-policy";
import { levelName, levelOf } from "./access-level";
import { isDate, startOfDay } from "./expiry-date";
import { expiryFor, planRevoked, planRotation, planRotation186, shown } from "./token-rotation";

const SCOPES = [
  "api",
  "read_api",
  "read_registry",
  "write_registry",
  "read_repository",
  "write_repository",
  "create_runner",
  "manage_runner",
  "ai_features",
  "k8s_proxy",
  "read_observability",
  "write_observability",
  "self_rotate",
];

const replaceOnChange = [useStateForUnknown, requiresReplace];

const schema: Schema = {
  version: 0,
  attributes: {
    id: { type: "string", computed: true },
    project: { type: "string", required: true, modifiers: replaceOnChange },
    name: { type: "string", required: true, modifiers: replaceOnChange },
    description: { type: "string", optional: true, computed: true, modifiers: replaceOnChange },
    scopes: {
      type: ["set", "string"],
      required: true,
      modifiers: [requiresReplace, useStateForUnknown],
      validators: [elementsOneOf(SCOPES), sizeAtLeast(1)],
    },
    access_level: {
      type: "string",
      optional: true,
      computed: true,
      default: "maintainer",
      modifiers: replaceOnChange,
    },
    expires_at: {
      type: "string",
      optional: true,
      computed: true,
      modifiers: [useStateForUnknown],
      validators: [exactlyOneOf("rotation_configuration")],
    },
    rotation_configuration: {
      optional: true,
      validators: [exactlyOneOf("expires_at")],
      attributes: {
        expiration_days: { type: "number", required: true, validators: [atLeast(1)] },
        rotate_before_days: { type: "number", required: true, validators: [atLeast(1)] },
      },
    },
    validate_past_expiration_date: { type: "bool", optional: true, computed: true },
    created_at: { type: "string", computed: true },
    token: { type: "string", computed: true, sensitive: true },
    active: { type: "bool", computed: true },
    revoked: { type: "bool", computed: true },
    user_id: { type: "number", computed: true },
  },
};

/** GitLab's answer, as far as the resource reads it. `token` comes with create and rotate only. */
interface AccessToken {
  readonly id: number;
  readonly name: string;
  readonly description: string | null;
  readonly scopes: string[];
  readonly user_id: number;
  readonly access_level: number;
  readonly active: boolean;
  readonly revoked: boolean;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly token?: string;
}

/** Deleting is asynchronous: the record is asked for until it is revoked or gone. */
const DELETE_POLL_MS = 500;
const DELETE_TIMEOUT_MS = 5 * 60_000;

/** `gitlab_project_access_token`: every in-place change is a rotation, and every rotation a new id and value. */
export const projectAccessToken: Resource = {
  typeName: "gitlab_project_access_token",
  schema,

  modifyPlan(plan, request, context) {
    const { state } = request;
    if (state === null) return;
    if (state.revoked === true) planRevoked(plan, state, context.now());
    else if (context.quirks === "18.6") planRotation186(plan, request, context.now());
    else planRotation(plan, request, context.now());
  },

  async read({ client }, state) {
    const { project, id } = addressOf(state);
    try {
      return stateOf(state, project, await client.get<AccessToken>(tokenPath(project, id)));
    } catch (error) {
      if (isNotFound(error)) return null;
      const detail = `Could not read GitLab ProjectAccessToken, unexpected error: ${messageOf(error)}`;
      throw new DiagnosticError("Error reading GitLab ProjectAccessToken", detail);
    }
  },

  async create({ client, now }, plan) {
    const expiry = expiryFor(plan, now(), "Error determining expiry date", "Could not determine expiry date: ");
    const validated = plan.validate_past_expiration_date === true;
    if (validated) refusePast(expiry, now(), "Error creating GitLab ProjectAccessToken");
    const project = String(plan.project);
    const token = await reporting("Error creating GitLab ProjectAccessToken", "Could not create", () =>
      client.post<AccessToken>(`projects/${segment(project)}/access_tokens`, {
        name: plan.name,
        ...(isKnown(plan.description) ? { description: plan.description } : {}),
        scopes: plan.scopes,
        access_level: levelOf(String(plan.access_level)),
        ...(isKnown(expiry) ? { expires_at: expiry } : {}),
      }),
    );
    return { ...stateOf(plan, project, token), validate_past_expiration_date: validated };
  },

  async update({ client, now, quirks }, plan, state) {
    const { project, id } = addressOf(state);
    const expiry = plan.expires_at ?? null;
    if (!isDate(expiry)) {
      throw new DiagnosticError("Error parsing expiry date", `Could not parse expiry date ${shown(expiry)}`);
    }
    if (plan.validate_past_expiration_date === true) {
      refusePast(expiry, now(), "Error updating GitLab ProjectAccessToken");
    }
    const token = await rotate(client, plan, state, { project, id, expiry });
    const validated = validatedAfterUpdate(plan, state, quirks === "18.6");
    return { ...stateOf(plan, project, token), validate_past_expiration_date: validated };
  },

  async delete({ client }, state) {
    const { project, id } = addressOf(state);
    const [summary, what] = ["Error deleting project access token", "Could not delete project access token"];
    try {
      await client.delete(tokenPath(project, id));
      await untilRevoked(client, tokenPath(project, id));
    } catch (error) {
      throw new DiagnosticError(summary, `${what}, unexpected error: ${messageOf(error)}`);
    }
  },
};

function rotate(
  client: GitLabClient,
  plan: ObjectValue,
  state: ObjectValue,
  { project, id, expiry }: { project: string; id: number; expiry: string },
): Promise<AccessToken> {
  const body = { expires_at: expiry };
  if (!(plan.scopes as string[]).includes("self_rotate")) {
    return reporting("Error rotating GitLab ProjectAccessToken", "Could not rotate", () =>
      client.post(`${tokenPath(project, id)}/rotate`, body),
    );
  }
  // The token in the state authenticates its own rotation: with a stale one, GitLab's reuse detection revokes the family.
  return reporting("Error self rotating GitLab ProjectAccessToken", "Could not self rotate", async () => {
    const own = client.withToken(String(state.token ?? ""));
    try {
      return await own.post<AccessToken>(`projects/${segment(project)}/access_tokens/self/rotate`, body);
    } finally {
      own.close();
    }
  });
}

function refusePast(expiry: Value, now: Date, summary: string): void {
  if (!isDate(expiry) || now <= startOfDay(expiry)) return;
  const [date, time] = [seconds(startOfDay(expiry)), seconds(now)];
  throw new DiagnosticError(summary, `Expiry date ${date} must be in the future. Current time is ${time}`);
}

/**
 * Left out of the configuration, the attribute keeps the state's value. 18.6 wrote `false` over a null that was planned,
 * which Terraform refuses as inconsistent once the rotation is done (TP#6689).
 */
function validatedAfterUpdate(plan: ObjectValue, state: ObjectValue, quirk: boolean): Value {
  const planned = plan.validate_past_expiration_date ?? null;
  if (planned === true) return true;
  if (quirk) return false;
  const validated = isKnown(planned) ? planned : (state.validate_past_expiration_date ?? null);
  return isUnknown(validated) ? false : validated;
}

async function untilRevoked(client: GitLabClient, path: string): Promise<void> {
  const deadline = Date.now() + DELETE_TIMEOUT_MS;
  while (Date.now() < deadline) {
    try {
      if ((await client.get<AccessToken>(path)).revoked) return;
    } catch (error) {
      if (isNotFound(error)) return;
      throw error;
    }
    await wait(DELETE_POLL_MS, client.signal);
  }
  throw new Error("project access token was not deleted");
}

/** GitLab never gives the value again, so a refresh keeps the one in the state; after an import there is none. */
function stateOf(known: ObjectValue, project: string, token: AccessToken): ObjectValue {
  return {
    ...known,
    id: `${project}:${token.id}`,
    project,
    name: token.name,
    description: token.description ?? "",
    scopes: token.scopes,
    access_level: levelName(token.access_level),
    expires_at: token.expires_at,
    created_at: goTime(token.created_at),
    token: token.token ?? (isKnown(known.token) ? known.token : null),
    active: token.active,
    revoked: token.revoked,
    user_id: token.user_id,
  };
}

function addressOf(state: ObjectValue): { project: string; id: number } {
  const parts = parseTwoPartId(String(state.id));
  if (parts === null) {
    throw new DiagnosticError("Error parsing ID", "Could not parse ID into project and accessTokenId");
  }
  const [project, id] = parts;
  if (!/^\d+$/.test(id)) {
    const detail = `Could not parse access token ID "${id}" to int: the ID of a token is <project>:<token id>`;
    throw new DiagnosticError("Error parsing access token ID", detail);
  }
  return { project, id: Number(id) };
}

function tokenPath(project: string, id: number): string {
  return `projects/${segment(project)}/access_tokens/${id}`;
}

async function reporting<T>(summary: string, what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw new DiagnosticError(summary, `${what} GitLab ProjectAccessToken, unexpected error: ${messageOf(error)}`);
  }
}

function seconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** Go's `time.Time.String()`, which is what the provider keeps as `created_at`. */
function goTime(iso: string): string {
  const [date, time] = new Date(iso).toISOString().replace("Z", "").split("T");
  const trimmed = time!.replace(/\.(\d*?)0*$/, (_, digits: string) => (digits === "" ? "" : `.${digits}`));
  return `${date} ${trimmed} +0000 UTC`;
}
