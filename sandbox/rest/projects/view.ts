import { projectLevel } from "../../model/members/access";
import { AccessLevel } from "../../model/members/access-level";
import type { Project } from "../../model/projects/project";
import type { Share } from "../../model/projects/share";
import type { Store } from "../../model/store";
import type { User } from "../../model/users/user";
import { presentNamespaceBasic } from "../groups/namespaces";
import { presentUserId } from "../users/users";
import { PROJECT_ATTRIBUTES } from "./attributes";

/** The short form (`simple=true`), and what anonymous callers see. */
export function presentSimpleProject(store: Store, project: Project): Record<string, unknown> {
  const namespace = store.namespaces.get(project.namespaceId)!;
  const fullPath = store.projectFullPath(project);
  const webUrl = `${store.url}/${fullPath}`;
  return {
    id: project.id,
    description: project.description,
    name: project.name,
    name_with_namespace: `${store.namespaceFullName(namespace)} / ${project.name}`,
    path: project.path,
    path_with_namespace: fullPath,
    created_at: project.createdAt,
    default_branch: project.defaultBranch ?? project.initialBranch,
    tag_list: [],
    topics: [],
    ssh_url_to_repo: `git@${new URL(store.url).hostname}:${fullPath}.git`,
    http_url_to_repo: `${webUrl}.git`,
    web_url: webUrl,
    readme_url: null,
    forks_count: 0,
    avatar_url: null,
    star_count: 0,
    last_activity_at: project.lastActivityAt,
    visibility: project.visibility,
    namespace: presentNamespaceBasic(store, namespace),
  };
}

export function presentProject(store: Store, project: Project): Record<string, unknown> {
  const api = `${store.url}/api/v4/projects/${project.id}`;
  return {
    ...presentSimpleProject(store, project),
    container_registry_image_prefix: `${new URL(store.url).hostname}/${store.projectFullPath(project).toLowerCase()}`,
    _links: {
      self: api,
      issues: `${api}/issues`,
      merge_requests: `${api}/merge_requests`,
      repo_branches: `${api}/repository/branches`,
      labels: `${api}/labels`,
      events: `${api}/events`,
      members: `${api}/members`,
    },
    ...PROJECT_ATTRIBUTES.shown(project.attributes),
    packages_enabled: null,
    empty_repo: project.defaultBranch === null,
    archived: project.archived,
    owner: presentUserId(store, ownerId(store, project)),
    creator_id: project.creatorId,
    open_issues_count: 0,
    import_status: "none",
    ci_job_token_scope_enabled: false,
    ci_push_repository_for_job_token_allowed: project.jobTokenPushAllowed,
    protect_merge_request_pipelines: project.protectMergeRequestPipelines,
    shared_with_groups: store.sharesOf(project.id).map((share) => presentShare(store, share)),
    updated_at: project.lastActivityAt,
    marked_for_deletion_at: null,
    marked_for_deletion_on: null,
    runners_token: null,
  };
}

/** With the caller's own role, as single look-ups and lists with a caller show it. */
export function presentProjectFor(store: Store, project: Project, user: User | null): Record<string, unknown> {
  if (!user) return presentSimpleProject(store, project);
  const direct = store.memberships.get("project", project.id, user.id);
  const groups = store
    .groupAndAncestors(project.namespaceId)
    .map((group) => store.memberships.get("group", group.id, user.id)?.accessLevel ?? 0);
  const inherited = Math.max(0, ...groups);
  const access = (level: number | undefined): unknown =>
    level ? { access_level: level, notification_level: 3 } : null;
  const shown = {
    ...presentProject(store, project),
    permissions: { project_access: access(direct?.accessLevel), group_access: access(inherited) },
  };
  const maintains = projectLevel(store, user, project) >= AccessLevel.Maintainer;
  return maintains ? shown : { ...shown, runners_token: undefined };
}

function presentShare(store: Store, { groupId, accessLevel, expiresAt }: Share): Record<string, unknown> {
  const group = store.group(groupId)!;
  return {
    group_id: groupId,
    group_name: group.name,
    group_full_path: store.namespaceFullPath(group),
    group_access_level: accessLevel,
    expires_at: expiresAt,
  };
}

function ownerId(store: Store, project: Project): number | null {
  const namespace = store.namespaces.get(project.namespaceId);
  return namespace?.kind === "user" ? namespace.userId : null;
}
