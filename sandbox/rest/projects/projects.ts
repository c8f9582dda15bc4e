import { GitLabError } from "../../model/gitlab-error";
import type { Namespace } from "../../model/groups/namespace";
import type { Visibility } from "../../model/instance/settings";
import { canReadGroup, canReadProject, groupLevel, memberLevel } from "../../model/members/access";
import { AccessLevel } from "../../model/members/access-level";
import type { Project } from "../../model/projects/project";
import {
  createProject,
  deleteProject,
  noteNewCommits,
  repositoryOf,
  requireProjectName,
  requireProjectPath,
  requireVisibility,
} from "../../model/projects/projects";
import type { Store } from "../../model/store";
import type { User } from "../../model/users/user";
import type { Call } from "../call";
import { flag, integer, oneOf, text } from "../parameters";
import { signatureOf } from "../repository/commit-view";
import { del, get, post, put } from "../route";
import { PROJECT_ATTRIBUTES } from "./attributes";
import { presentProjectFor, presentSimpleProject } from "./view";

const VISIBILITIES = ["private", "internal", "public"] as const satisfies readonly Visibility[];

const SETTINGS = {
  name: text(),
  path: text(),
  description: text(),
  visibility: oneOf(VISIBILITIES),
  default_branch: text(),
  ci_push_repository_for_job_token_allowed: flag(),
  protect_merge_request_pipelines: flag(),
  ...PROJECT_ATTRIBUTES.parameters,
};

const QUERY = {
  search: text(),
  search_namespaces: flag(),
  membership: flag(),
  owned: flag(),
  simple: flag(),
  archived: flag(),
  visibility: oneOf(VISIBILITIES),
  min_access_level: integer(),
  id_after: integer(),
  id_before: integer(),
  order_by: oneOf(["id", "name", "path", "created_at", "updated_at", "last_activity_at", "similarity", "star_count"]),
  sort: oneOf(["asc", "desc"]),
};

function list(candidates: (call: Call) => Project[]): (call: Call) => unknown {
  return (call) => {
    const { store, currentUser } = call;
    const query = call.read(QUERY);
    const needle = query.search?.toLowerCase();
    const found = candidates(call)
      .filter((project) => canReadProject(store, currentUser, project))
      .filter((project) => query.archived === undefined || project.archived === query.archived)
      .filter((project) => query.visibility === undefined || project.visibility === query.visibility)
      .filter((project) => needle === undefined || searchText(store, project, query.search_namespaces).includes(needle))
      .filter((project) => query.id_after === undefined || project.id > query.id_after)
      .filter((project) => query.id_before === undefined || project.id < query.id_before)
      .filter((project) => leastLevel(query) <= (currentUser ? memberLevel(store, currentUser, project) : 0))
      .sort(order(query.order_by ?? "created_at"));
    if (query.sort !== "asc") found.reverse();
    const simple = query.simple || !currentUser;
    return call.page(found, (project) =>
      simple ? presentSimpleProject(store, project) : presentProjectFor(store, project, currentUser),
    );
  };
}

/** The role by membership that `owned`, `membership` and `min_access_level` ask for. */
function leastLevel(query: { owned?: boolean; membership?: boolean; min_access_level?: number }): number {
  return Math.max(
    query.owned ? AccessLevel.Owner : AccessLevel.NoAccess,
    query.membership ? AccessLevel.Guest : AccessLevel.NoAccess,
    query.min_access_level ?? AccessLevel.NoAccess,
  );
}

function searchText(store: Store, project: Project, namespaces: boolean | undefined): string {
  const own = `${project.name} ${project.path} ${project.description ?? ""}`;
  return (namespaces ? `${own} ${store.projectFullPath(project)}` : own).toLowerCase();
}

function order(by: string): (a: Project, b: Project) => number {
  if (by === "name" || by === "path") return (a, b) => a[by].localeCompare(b[by]) || a.id - b.id;
  if (by === "last_activity_at" || by === "updated_at") {
    return (a, b) => a.lastActivityAt.localeCompare(b.lastActivityAt) || a.id - b.id;
  }
  return (a, b) => a.id - b.id;
}

async function create(call: Call): Promise<unknown> {
  const { store, user } = call;
  const input = call.read({ ...SETTINGS, namespace_id: integer(), initialize_with_readme: flag() });
  const path = input.path ?? pathFromName(input.name);
  if (path === undefined) {
    throw new GitLabError(400, { error: "name, path are missing, at least one parameter must be provided" });
  }
  const project = await createProject(store, user, {
    path,
    name: input.name ?? input.path,
    namespace: namespaceFor(store, user, input.namespace_id),
    description: input.description,
    visibility: input.visibility,
    initialBranch: input.default_branch,
    attributes: PROJECT_ATTRIBUTES.written(call, input),
  });
  applySwitches(project, input);
  if (input.initialize_with_readme) await addReadme(store, project, user);
  return presentProjectFor(store, project, user);
}

function pathFromName(name: string | undefined): string | undefined {
  return name
    ?.trim()
    .toLowerCase()
    .replace(/[^a-z0-9_.-]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "");
}

/** The caller's own namespace, or one they may create projects in: Developer of a group and up. */
function namespaceFor(store: Store, user: User, id: number | undefined): Namespace {
  const namespace = store.namespaces.get(id ?? user.namespaceId ?? -1);
  if (!namespace) throw GitLabError.invalid("namespace", "is not valid");
  const may =
    namespace.kind === "user"
      ? namespace.userId === user.id || user.admin
      : canReadGroup(store, user, namespace) && groupLevel(store, user, namespace) >= AccessLevel.Developer;
  if (!may) throw GitLabError.invalid("namespace", "is not valid");
  return namespace;
}

async function addReadme(store: Store, project: Project, user: User): Promise<void> {
  const branch = project.initialBranch;
  await repositoryOf(store, project).writeCommit({
    branch,
    message: "Initial commit",
    changes: [{ action: "create", path: "README.md", content: Buffer.from(`# ${project.name}\n`) }],
    author: signatureOf(store, user),
  });
  await noteNewCommits(store, project, branch);
}

async function update(call: Call): Promise<unknown> {
  const { store, user } = call;
  const project = call.project(AccessLevel.Maintainer);
  const input = call.read({ ...SETTINGS, archived: flag() });
  const namespace = store.namespaces.get(project.namespaceId)!;
  if (input.visibility) requireVisibility(input.visibility, namespace.kind === "group" ? namespace : undefined);
  if (input.name !== undefined) requireProjectName(input.name);
  if (input.path !== undefined && input.path !== project.path) rename(store, project, input.path);
  if (input.default_branch !== undefined) await setDefaultBranch(store, project, input.default_branch);
  project.name = input.name ?? project.name;
  project.description = input.description ?? project.description;
  project.visibility = input.visibility ?? project.visibility;
  applySwitches(project, input);
  Object.assign(project.attributes, PROJECT_ATTRIBUTES.written(call, input));
  return presentProjectFor(store, project, user);
}

function applySwitches(
  project: Project,
  input: { ci_push_repository_for_job_token_allowed?: boolean; protect_merge_request_pipelines?: boolean },
): void {
  project.jobTokenPushAllowed = input.ci_push_repository_for_job_token_allowed ?? project.jobTokenPushAllowed;
  project.protectMergeRequestPipelines = input.protect_merge_request_pipelines ?? project.protectMergeRequestPipelines;
}

function rename(store: Store, project: Project, path: string): void {
  requireProjectPath(path);
  const namespace = store.namespaces.get(project.namespaceId)!;
  const taken = store.projectByPath(`${store.namespaceFullPath(namespace)}/${path}`);
  if (taken && taken !== project) throw GitLabError.invalid("path", "has already been taken");
  store.projects.update(project, (row) => {
    row.path = path;
  });
}

async function setDefaultBranch(store: Store, project: Project, branch: string): Promise<void> {
  if (branch === project.defaultBranch) return;
  const repository = repositoryOf(store, project);
  if (await repository.isEmpty()) {
    project.initialBranch = branch;
  } else if (await repository.branch(branch)) {
    project.defaultBranch = branch;
  } else {
    throw GitLabError.invalid(
      "base",
      `Could not set the default branch. Do you have a branch named '${branch}' in your repository?`,
    );
  }
  await repository.setHead(branch);
}

async function remove(call: Call): Promise<unknown> {
  await deleteProject(call.store, call.project(AccessLevel.Owner));
  call.status(202);
  return { message: "202 Accepted" };
}

function setArchived(archived: boolean): (call: Call) => unknown {
  return (call) => {
    const project = call.project(AccessLevel.Owner);
    project.archived = archived;
    return presentProjectFor(call.store, project, call.user);
  };
}

function ofUser(call: Call): Project[] {
  const id = call.path("user_id");
  const user = /^\d+$/.test(id) ? call.store.users.get(Number(id)) : call.store.userByUsername(id.toLowerCase());
  if (!user) throw GitLabError.notFound("User");
  return call.store.projectsIn(user.namespaceId ?? -1);
}

const ANYONE = { anonymous: true };

export const projectRoutes = [
  get(
    "/projects",
    list((call) => call.store.projects.all()),
    ANYONE,
  ),
  post("/projects", create),
  get("/projects/:id", (call) => presentProjectFor(call.store, call.project(), call.currentUser), ANYONE),
  put("/projects/:id", update),
  del("/projects/:id", remove),
  post("/projects/:id/archive", setArchived(true)),
  post("/projects/:id/unarchive", setArchived(false)),
  get("/users/:user_id/projects", list(ofUser), ANYONE),
];
