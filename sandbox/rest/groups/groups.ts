import { GitLabError } from "../../model/gitlab-error";
import { branchProtectionOf, FULLY_PROTECTED, PROTECTION_LEVELS } from "../../model/groups/branch-protection";
import { createGroup, moreVisible, requireGroupPath } from "../../model/groups/groups";
import type { BranchProtection, Group } from "../../model/groups/namespace";
import { shownNameProblems } from "../../model/groups/shown-name";
import type { DefaultBranchProtection, Visibility } from "../../model/instance/settings";
import { canReadGroup, canReadProject, groupLevel, groupMemberLevel } from "../../model/members/access";
import { AccessLevel } from "../../model/members/access-level";
import { deleteGroup } from "../../model/projects/projects";
import type { Store } from "../../model/store";
import { mayCreateGroups } from "../../model/users/users";
import { AttributeTable } from "../attribute-table";
import type { Call } from "../call";
import { protectionDefaults } from "../instance/application-settings";
import { flag, integer, oneOf, required, text } from "../parameters";
import { presentProject } from "../projects/view";
import { del, get, post, put } from "../route";

const VISIBILITIES = ["private", "internal", "public"] as const satisfies readonly Visibility[];

/** Group settings clients may write and read back; they change nothing in the sandbox. */
const ATTRIBUTES = new AttributeTable(
  {
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
    prevent_sharing_groups_outside_hierarchy: false,
    max_artifacts_size: null,
  },
  { auto_devops_enabled: flag(), mentions_disabled: flag(), max_artifacts_size: integer() },
);

const SETTINGS = {
  description: text(),
  visibility: oneOf(VISIBILITIES),
  default_branch_protection: integer(Object.keys(PROTECTION_LEVELS).map(Number)),
  default_branch_protection_defaults: protectionDefaults(),
  ...ATTRIBUTES.parameters,
};

function present(store: Store, group: Group): Record<string, unknown> {
  const fullPath = store.namespaceFullPath(group);
  return {
    id: group.id,
    web_url: `${store.url}/groups/${fullPath}`,
    name: group.name,
    path: group.path,
    description: group.description,
    visibility: group.visibility,
    ...ATTRIBUTES.shown(group.attributes),
    default_branch_protection: group.branchProtection?.level ?? FULLY_PROTECTED,
    default_branch_protection_defaults: branchProtectionOf(store, group),
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

/** A group with what lists leave out. */
export function presentGroup(call: Call, group: Group): Record<string, unknown> {
  const { store, currentUser } = call;
  const { with_projects } = call.read({ with_projects: flag() });
  const shown = { ...present(store, group), shared_with_groups: [] };
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
    ...SETTINGS,
  });
  if (input.parent_id === undefined && !mayCreateGroups(user)) throw GitLabError.forbidden();
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
    attributes: ATTRIBUTES.written(call, input),
  });
  group.branchProtection = writtenProtection(undefined, input);
  return presentGroup(call, group);
}

function update(call: Call): unknown {
  const { store } = call;
  const group = call.group(AccessLevel.Owner);
  const input = call.read({
    name: text(),
    path: text(),
    ...SETTINGS,
  });
  const problems = input.name === undefined ? [] : shownNameProblems("group", input.name);
  if (problems.length > 0) throw GitLabError.message(400, { name: problems });
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
  Object.assign(group.attributes, ATTRIBUTES.written(call, input));
  group.branchProtection = writtenProtection(group.branchProtection, input);
  return presentGroup(call, group);
}

/** The level stands for a whole set of rules; what is written beside it changes that set. */
function writtenProtection(
  before: BranchProtection | undefined,
  input: {
    default_branch_protection?: number;
    default_branch_protection_defaults?: Partial<DefaultBranchProtection>;
  },
): BranchProtection | undefined {
  const { default_branch_protection: level, default_branch_protection_defaults: written } = input;
  if (level === undefined && written === undefined) return before;
  const base = level === undefined ? before : { level, defaults: PROTECTION_LEVELS[level]! };
  const { level: kept, defaults } = base ?? { level: FULLY_PROTECTED, defaults: PROTECTION_LEVELS[FULLY_PROTECTED]! };
  return { level: kept, defaults: { ...defaults, ...written } };
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
  get("/groups/:id", (call) => presentGroup(call, call.group()), ANYONE),
  put("/groups/:id", update),
  del("/groups/:id", remove),
  get("/groups/:id/subgroups", list(subgroups), ANYONE),
  get("/groups/:id/descendant_groups", list(descendants), ANYONE),
  get("/groups/:id/projects", projects, ANYONE),
];
