import { createHash } from "node:crypto";
import { GitLabError } from "../../model/gitlab-error";
import { AccessLevel } from "../../model/members/access-level";
import type { DeployKey } from "../../model/projects/deploy-key";
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
    can_push: key.canPush,
    user_id: key.userId,
  };
}

function find(call: Call): DeployKey {
  const project = call.project(AccessLevel.Maintainer);
  const key = call.store.deployKeys.get(call.id("key_id"));
  if (key?.projectId !== project.id) throw GitLabError.notFound("Deploy Key");
  return key;
}

function list(call: Call): unknown {
  return call.page(call.store.deployKeysOf(call.project(AccessLevel.Maintainer).id), present);
}

function create(call: Call): unknown {
  const { store, user } = call;
  const project = call.project(AccessLevel.Maintainer);
  const input = call.read({ title: required(filledText()), key: required(filledText()), can_push: flag() });
  const body = /^(ssh-\S+|ecdsa-\S+|sk-\S+) ([A-Za-z0-9+/]+=*)/.exec(input.key.trim())?.[2];
  if (!body) throw GitLabError.message(400, { fingerprint_sha256: ["cannot be generated"], key: ["is invalid"] });
  const fingerprint = `SHA256:${createHash("sha256").update(Buffer.from(body, "base64")).digest("base64").replace(/=+$/, "")}`;
  if (store.deployKeysOf(project.id).some((key) => key.fingerprint === fingerprint)) {
    throw GitLabError.message(400, { deploy_key: ["already exists"] });
  }
  const key: DeployKey = {
    id: store.deployKeys.nextId(),
    projectId: project.id,
    title: input.title,
    key: input.key.trim(),
    fingerprint,
    canPush: input.can_push ?? false,
    userId: user.id,
    createdAt: store.clock.timestamp(),
  };
  return present(store.deployKeys.insert(key));
}

function update(call: Call): unknown {
  const key = find(call);
  const input = call.read({ title: filledText(), can_push: flag() });
  key.title = input.title ?? key.title;
  key.canPush = input.can_push ?? key.canPush;
  return present(key);
}

const BASE = "/projects/:id/deploy_keys";

export const deployKeyRoutes = [
  get(BASE, list),
  post(BASE, create),
  get(`${BASE}/:key_id`, (call) => present(find(call))),
  put(`${BASE}/:key_id`, update),
  del(`${BASE}/:key_id`, (call) => call.store.deployKeys.delete(find(call))),
];
