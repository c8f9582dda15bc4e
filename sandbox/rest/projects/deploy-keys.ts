import { createHash } from "node:crypto";
import { GitLabError } from "../../model/gitlab-error";
import { AccessLevel } from "../../model/members/access-level";
import type { DeployKey } from "../../model/projects/deploy-key";
import { disableDeployKey, mayUseDeployKey } from "../../model/projects/deploy-keys";
import type { Project } from "../../model/projects/project";
import type { Call } from "../call";
import { filledText, flag, required } from "../parameters";
import { del, get, post, put } from "../route";

function present(key: DeployKey): Record<string, unknown> {
  return {
    id: key.id,
    title: key.title,
    key: key.key,
    fingerprint_sha256: key.fingerprint,
    created_at: key.createdAt,
    expires_at: null,
    user_id: key.userId,
  };
}

/** With the right that it has in the project. */
function presentIn(project: Project): (key: DeployKey) => Record<string, unknown> {
  return (key) => ({ ...present(key), can_push: key.canPushTo.get(project.id) ?? false });
}

const maintained = (call: Call): Project => call.project(AccessLevel.Maintainer);

function find(call: Call, project: Project): DeployKey {
  const key = call.store.deployKeys.get(call.id("key_id"));
  if (!key?.canPushTo.has(project.id)) throw GitLabError.notFound("Deploy Key");
  return key;
}

function list(call: Call): unknown {
  const project = maintained(call);
  return call.page(call.store.deployKeysOf(project.id), presentIn(project));
}

function listAll(call: Call): unknown {
  call.requireAdmin();
  return call.page(call.store.deployKeys.all(), present);
}

/** A key that GitLab knows from a project of the caller's is enabled; from one of others, it is taken. */
function create(call: Call): unknown {
  const { store, user } = call;
  const project = maintained(call);
  const input = call.read({ title: required(filledText()), key: required(filledText()), can_push: flag() });
  const fingerprint = fingerprintOf(input.key);
  const known = store.deployKeys.all().find((key) => key.fingerprint === fingerprint);
  if (known?.canPushTo.has(project.id)) throw GitLabError.message(400, { deploy_key: ["already exists"] });
  if (known && !mayUseDeployKey(store, user, known)) {
    throw GitLabError.message(400, { "deploy_key.fingerprint_sha256": ["has already been taken"] });
  }
  const key =
    known ??
    store.deployKeys.insert({
      id: store.deployKeys.nextId(),
      title: input.title,
      key: input.key.trim(),
      fingerprint,
      canPushTo: new Map(),
      userId: user.id,
      createdAt: store.clock.timestamp(),
    });
  key.canPushTo.set(project.id, input.can_push ?? false);
  return presentIn(project)(key);
}

function fingerprintOf(key: string): string {
  const body = /^(ssh-\S+|ecdsa-\S+|sk-\S+) ([A-Za-z0-9+/]+=*)/.exec(key.trim())?.[2];
  if (!body) throw GitLabError.message(400, { fingerprint_sha256: ["cannot be generated"], key: ["is invalid"] });
  return `SHA256:${createHash("sha256").update(Buffer.from(body, "base64")).digest("base64").replace(/=+$/, "")}`;
}

/** Errors: 404 also for a key that the caller may not use. */
function enable(call: Call): unknown {
  const { store, user } = call;
  const project = maintained(call);
  const key = store.deployKeys.get(call.id("key_id"));
  if (!key || !mayUseDeployKey(store, user, key)) throw GitLabError.notFound("Deploy Key");
  if (!key.canPushTo.has(project.id)) key.canPushTo.set(project.id, false);
  return present(key);
}

function update(call: Call): unknown {
  const project = maintained(call);
  const key = find(call, project);
  const input = call.read({ title: filledText(), can_push: flag() });
  key.title = input.title ?? key.title;
  if (input.can_push !== undefined) key.canPushTo.set(project.id, input.can_push);
  return presentIn(project)(key);
}

function remove(call: Call): undefined {
  const project = maintained(call);
  disableDeployKey(call.store, find(call, project), project.id);
  return undefined;
}

function show(call: Call): unknown {
  const project = maintained(call);
  return presentIn(project)(find(call, project));
}

const BASE = "/projects/:id/deploy_keys";

export const deployKeyRoutes = [
  get("/deploy_keys", listAll),
  get(BASE, list),
  post(BASE, create),
  post(`${BASE}/:key_id/enable`, enable),
  get(`${BASE}/:key_id`, show),
  put(`${BASE}/:key_id`, update),
  del(`${BASE}/:key_id`, remove),
];
