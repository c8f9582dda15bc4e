import { GitLabError } from "../../model/gitlab-error";
import { createGroup, moreVisible, requireGroupPath } from "../../model/groups/groups";
import type { Group } from "../../model/groups/namespace";
import type { Visibility } from "../../model/instance/settings";
import { canReadGroup, canReadProject, groupLevel, groupMemberLevel } from "../../model/members/access";
import { AccessLevel } from "../../model/members/access-level";
import { deleteGroup } from "../../model/projects/projects";
import type { Store } from "../../model/store";
import type { Call } from "../call";
import { flag, integer, oneOf, type Parameter, required, text } from "../parameters";
import { presentProject } from "../projects/view";
import { del, get, post, put } from "../route";

const VISIBILITIES = ["private", "internal", "public"] as const satisfies readonly Visibility[];

/** Group settings clients may write and read back; they change nothing in the sandbox. */
const DEFAULTS: Record<string, string | number | boolean | null> = {
  share_with_group_lock: false,
  require_two_factor_authentication: false,
  two_factor_grace_period: 48,
  project_creation_level: "developer",
  auto_devops_enabled: null,
  subgroup_creation_level: "maintainer",
  emails_enabled: true,
  mentions_disabled: null,
  lfs_enabled: true,
  request_access_enabled: true,
  default_branch: null,
  shared_runners_setting: "enabled",
  wiki_access_level: "enabled",
  math_rendering_limits_enabled: true,
  lock_math_rendering_limits_enabled: false,
};

const PARAMETERS: Record<string, Parameter<unknown>> = Object.fromEntries(
  Object.entries(DEFAULTS).map(([name, value]) => [
    name,
    typeof value === "boolean" || name === "mentions_disabled"
      ? flag()
      : typeof value === "number"
        ? integer()
        : text(),
  ]),
);

function present(store: Store, group: Group): Record<string, unknown> {
  const fullPath = store.namespaceFullPath(group);
  return {
    id: group.id,
    web_url: `${store.url}/groups/${fullPath}`,
    name: group.name,
    path: group.path,
    description: group.description,
    visibility: group.visibility,
    ...DEFAULTS,
    default_branch_protection: 2,
    default_branch_protection_defaults: store.settings.default_branch_protection_defaults,
    ...group.attributes,
    avatar_url: null,
    full_name: store.namespaceFullName(group),
    full_path: fullPath,
    created_at: group.createdAt,
    parent_id: group.parentId,
    organization_id: 1,
    ldap_cn: null,
    ldap_access: null,
    archived: false,
  };
}

function presentDetail(call: Call, group: Group): Record<string, unknown> {
  const { store, currentUser } = call;
  const { with_projects } = call.read({ with_projects: flag() });
  const shown = { ...present(store, group), shared_with_groups: [], prevent_sharing_groups_outside_hierarchy: false };
  if (with_projects === false) return shown;
  const projects = store.projectsIn(group.id).filter((project) => canReadProject(store, currentUser, project));
  return {
    ...shown,
    projects: projects.slice(0, 100).map((project) => presentProject(store, project)),
    shared_projects: [],
  };
}

function list(candidates: (call: Call) => Group[]): (call: Call) => unknown {
  return (call) => {
    const { store, currentUser } = call;
    const query = call.read({
      search: text(),
      owned: flag(),
      all_available: flag(),
      top_level_only: flag(),
      min_access_level: integer(),
      visibility: oneOf(VISIBILITIES),
      sort: oneOf(["asc", "desc"]),
      order_by: oneOf(["name", "path", "id", "similarity"]),
    });
    const least = query.owned ? AccessLevel.Owner : (query.min_access_level ?? 0);
    const needle = query.search?.toLowerCase();
    const groups = candidates(call)
      .filter((group) => canReadGroup(store, currentUser, group))
      .filter((group) => !query.top_level_only || group.parentId === null)
      .filter((group) => query.visibility === undefined || group.visibility === query.visibility)
      .filter(
        (group) =>
          needle === undefined || `${group.name} ${store.namespaceFullPath(group)}`.toLowerCase().includes(needle),
      )
      .filter((group) => least === 0 || (currentUser !== null && groupMemberLevel(store, currentUser, group) >= least))
      .sort((a, b) => (query.order_by === "id" ? a.id - b.id : a.name.localeCompare(b.name)));
    if (query.sort === "desc") groups.reverse();
    return call.page(groups, (group) => present(store, group));
  };
}

function allGroups({ store }: Call): Group[] {
  return store.namespaces.all().filter((namespace): namespace is Group => namespace.kind === "group");
}

function subgroups(call: Call): Group[] {
  return call.store.groupsIn(call.group().id) as Group[];
}

function descendants(call: Call): Group[] {
  const below = (id: number): Group[] =>
    (call.store.groupsIn(id) as Group[]).flatMap((group) => [group, ...below(group.id)]);
  return below(call.group().id);
}

function create(call: Call): unknown {
  const { store, user } = call;
  const input = call.read({
    name: required(text()),
    path: required(text()),
    parent_id: integer(),
    description: text(),
    visibility: oneOf(VISIBILITIES),
    ...PARAMETERS,
  });
  const parent = input.parent_id === undefined ? undefined : store.group(input.parent_id);
  if (input.parent_id !== undefined && (!parent || !canReadGroup(store, user, parent))) {
    throw GitLabError.notFound("Group");
  }
  if (parent && groupLevel(store, user, parent) < AccessLevel.Maintainer) throw GitLabError.forbidden();
  const { name, path, description, visibility } = input;
  const group = createGroup(store, user, {
    name,
    path,
    parent,
    description,
    visibility,
    attributes: attributes(input),
  });
  return presentDetail(call, group);
}

function update(call: Call): unknown {
  const { store } = call;
  const group = call.group(AccessLevel.Owner);
  const input = call.read({
    name: text(),
    path: text(),
    description: text(),
    visibility: oneOf(VISIBILITIES),
    ...PARAMETERS,
  });
  if (input.path !== undefined && input.path !== group.path) rename(store, group, input.path);
  const parent = group.parentId === null ? undefined : store.group(group.parentId);
  if (input.visibility && parent && moreVisible(input.visibility, parent.visibility)) {
    throw GitLabError.invalid(
      "visibility_level",
      `${input.visibility} is not allowed since the parent group has a ${parent.visibility} visibility.`,
    );
  }
  group.name = input.name ?? group.name;
  group.description = input.description ?? group.description;
  group.visibility = input.visibility ?? group.visibility;
  Object.assign(group.attributes, attributes(input));
  return presentDetail(call, group);
}

function rename(store: Store, group: Group, path: string): void {
  requireGroupPath(path);
  const parent = group.parentId === null ? undefined : store.group(group.parentId);
  const wanted = parent ? `${store.namespaceFullPath(parent)}/${path}` : path;
  const taken = store.namespaceByPath(wanted) ?? store.projectByPath(wanted);
  if (taken && taken !== group) throw GitLabError.invalid("path", "has already been taken");
  store.namespaces.update(group, (row) => {
    row.path = path;
  });
}

function attributes(input: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).filter(([name, value]) => name in DEFAULTS && value !== undefined));
}

async function remove(call: Call): Promise<unknown> {
  await deleteGroup(call.store, call.group(AccessLevel.Owner));
  call.status(202);
  return { message: "202 Accepted" };
}

function projects(call: Call): unknown {
  const { store, currentUser } = call;
  const group = call.group();
  const query = call.read({ include_subgroups: flag(), search: text(), archived: flag(), simple: flag() });
  const groups = query.include_subgroups ? [group, ...descendants(call)] : [group];
  const found = groups
    .flatMap(({ id }) => store.projectsIn(id))
    .filter((project) => canReadProject(store, currentUser, project))
    .filter((project) => query.archived === undefined || project.archived === query.archived)
    .filter((project) => !query.search || project.path.toLowerCase().includes(query.search.toLowerCase()));
  return call.page(found, (project) => presentProject(store, project));
}

const ANYONE = { anonymous: true };

export const groupRoutes = [
  get("/groups", list(allGroups), ANYONE),
  post("/groups", create),
  get("/groups/:id", (call) => presentDetail(call, call.group()), ANYONE),
  put("/groups/:id", update),
  del("/groups/:id", remove),
  get("/groups/:id/subgroups", list(subgroups), ANYONE),
  get("/groups/:id/descendant_groups", list(descendants), ANYONE),
  get("/groups/:id/projects", projects, ANYONE),
];
