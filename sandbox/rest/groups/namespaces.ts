import { GitLabError } from "../../model/gitlab-error";
import type { Namespace } from "../../model/groups/namespace";
import { canReadGroup } from "../../model/members/access";
import type { Store } from "../../model/store";
import type { User } from "../../model/users/user";
import type { Call } from "../call";
import { text } from "../parameters";
import { get } from "../route";

export function presentNamespaceBasic(store: Store, namespace: Namespace): Record<string, unknown> {
  const fullPath = store.namespaceFullPath(namespace);
  return {
    id: namespace.id,
    name: namespace.name,
    path: namespace.path,
    kind: namespace.kind,
    full_path: fullPath,
    parent_id: namespace.kind === "group" ? namespace.parentId : null,
    avatar_url: null,
    web_url: namespace.kind === "group" ? `${store.url}/groups/${fullPath}` : `${store.url}/${fullPath}`,
  };
}

function present(store: Store, namespace: Namespace): Record<string, unknown> {
  return { ...presentNamespaceBasic(store, namespace), billable_members_count: null, plan: "default", trial: false };
}

function isVisible(store: Store, user: User, namespace: Namespace): boolean {
  if (namespace.kind === "group") return canReadGroup(store, user, namespace);
  return user.admin || namespace.userId === user.id;
}

function list(call: Call): unknown {
  const { store, user } = call;
  const { search } = call.read({ search: text() });
  const namespaces = store.namespaces
    .all()
    .filter((namespace) => !search || store.namespaceFullPath(namespace).toLowerCase().includes(search.toLowerCase()))
    .filter((namespace) => isVisible(store, user, namespace));
  return call.page(namespaces, (namespace) => present(store, namespace));
}

function show(call: Call): unknown {
  const namespace = call.store.findNamespace(call.path("id"));
  if (!namespace || !isVisible(call.store, call.user, namespace)) throw GitLabError.notFound("Namespace");
  return present(call.store, namespace);
}

function exists(call: Call): unknown {
  return { exists: call.store.namespaceByPath(call.path("id")) !== undefined, suggests: [] };
}

export const namespaceRoutes = [
  get("/namespaces", list),
  get("/namespaces/:id", show),
  get("/namespaces/:id/exists", exists),
];
