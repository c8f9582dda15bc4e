import { Repository } from "../../git/repository";
import { deletePipeline } from "../ci/jobs";
import { GitLabError } from "../gitlab-error";
import { moreVisible } from "../groups/groups";
import type { Group, Namespace } from "../groups/namespace";
import { shownNameProblems } from "../groups/shown-name";
import type { Visibility } from "../instance/settings";
import { AccessLevel } from "../members/access-level";
import { protectDefaultBranch } from "../protected-refs/protected-refs";
import type { Store } from "../store";
import { deleteBot } from "../tokens/retention";
import type { User } from "../users/user";
import { disableDeployKey } from "./deploy-keys";
import type { Project } from "./project";

export interface NewProject {
  readonly path: string;
  /** @default the path */
  readonly name?: string;
  readonly namespace: Namespace;
  readonly description?: string | null;
  /** @default the instance setting, lowered to the group's */
  readonly visibility?: Visibility;
  /** @default the group's `default_branch`, else the instance's `default_branch_name` */
  readonly initialBranch?: string;
  readonly attributes?: Record<string, unknown>;
}

/** Makes a project with an empty bare repository. Errors: 400 with texts by field. */
export async function createProject(store: Store, creator: User, options: NewProject): Promise<Project> {
  const { path, namespace } = options;
  requireProjectName(options.name ?? path);
  requireProjectPath(path);
  if (store.projectByPath(`${store.namespaceFullPath(namespace)}/${path}`)) {
    const taken = ["has already been taken"];
    throw GitLabError.message(400, { "project_namespace.name": taken, name: taken, path: taken });
  }
  const group = namespace.kind === "group" ? namespace : undefined;
  const visibility = options.visibility ?? lowered(store.settings.default_project_visibility, group);
  requireVisibility(visibility, group);
  const now = store.clock.timestamp();
  const project: Project = {
    id: store.projects.nextId(),
    namespaceId: namespace.id,
    name: options.name ?? path,
    path,
    description: options.description ?? null,
    visibility,
    archived: false,
    defaultBranch: null,
    initialBranch: options.initialBranch ?? defaultBranchName(store, namespace),
    creatorId: creator.id,
    createdAt: now,
    lastActivityAt: now,
    jobTokenPushAllowed: false,
    jobTokenScopeEnabled: true,
    jobTokenAllowedProjects: new Set(),
    jobTokenAllowedGroups: new Set(),
    repositoryReadOnly: false,
    protectMergeRequestPipelines: false,
    attributes: options.attributes ?? {},
  };
  store.projects.insert(project);
  if (namespace.kind === "user") addOwner(store, project, namespace.userId, creator.id);
  await Repository.create(store.repositoryPath(project), project.initialBranch);
  return project;
}

/** A name that the nearest group has for it, else the instance's. */
function defaultBranchName(store: Store, namespace: Namespace): string {
  const names = store.groupAndAncestors(namespace.id).map(({ attributes }) => attributes.default_branch);
  const own = names.find((name): name is string => typeof name === "string" && name !== "");
  return own ?? store.settings.default_branch_name;
}

/** Removes a project with its repository, bots, tokens, rules, variables and jobs. */
export async function deleteProject(store: Store, project: Project): Promise<void> {
  const source = `project:${project.id}`;
  for (const bot of store.botsOf(source)) deleteBot(store, bot);
  for (const rule of store.branchRulesOf(source)) store.protectedBranches.delete(rule);
  for (const rule of store.tagRulesOf(project.id)) store.protectedTags.delete(rule);
  for (const variable of store.variablesOf(source)) store.variables.delete(variable);
  for (const pipeline of store.pipelinesOf(project.id)) deletePipeline(store, pipeline);
  for (const key of store.deployKeysOf(project.id)) disableDeployKey(store, key, project.id);
  for (const token of store.deployTokensOf(source)) store.deployTokens.delete(token);
  for (const share of store.sharesOf(project.id)) store.shares.delete(share);
  for (const mergeRequest of store.mergeRequestsOf(project.id)) {
    for (const note of store.notesOf(mergeRequest.id)) store.notes.delete(note);
    store.mergeRequests.delete(mergeRequest);
  }
  for (const key of store.terraformStates.keys()) {
    if (key.startsWith(`${project.id}/`)) store.terraformStates.delete(key);
  }
  for (const runner of store.runners.all()) {
    runner.projectIds = runner.projectIds.filter((id) => id !== project.id);
    if (runner.runnerType === "project_type" && runner.projectIds.length === 0) store.runners.delete(runner);
  }
  store.memberships.removeSource("project", project.id);
  store.projects.delete(project);
  await repositoryOf(store, project).remove();
  store.repositories.delete(project.id);
}

/** Removes a group with all that is in it. */
export async function deleteGroup(store: Store, group: Group): Promise<void> {
  for (const subgroup of store.groupsIn(group.id)) await deleteGroup(store, subgroup as Group);
  for (const project of store.projectsIn(group.id)) await deleteProject(store, project);
  const source = `group:${group.id}`;
  for (const bot of store.botsOf(source)) deleteBot(store, bot);
  for (const rule of store.branchRulesOf(source)) store.protectedBranches.delete(rule);
  for (const variable of store.variablesOf(source)) store.variables.delete(variable);
  for (const token of store.deployTokensOf(source)) store.deployTokens.delete(token);
  for (const share of store.sharesWith(group.id)) store.shares.delete(share);
  store.memberships.removeSource("group", group.id);
  store.namespaces.delete(group);
}

export function repositoryOf(store: Store, project: Project): Repository {
  const known = store.repositories.get(project.id);
  if (known) return known;
  const repository = new Repository(store.repositoryPath(project));
  store.repositories.set(project.id, repository);
  return repository;
}

/**
 * To be called after a commit reached the repository, by Git or the API: the first branch of an empty repository
 * becomes the default branch and is protected as the instance tells.
 */
export async function noteNewCommits(store: Store, project: Project, branch: string): Promise<void> {
  project.lastActivityAt = store.clock.timestamp();
  if (project.defaultBranch !== null) return;
  project.defaultBranch = branch;
  await repositoryOf(store, project).setHead(branch);
  protectDefaultBranch(store, project);
}

export function requireVisibility(visibility: Visibility, group: Group | undefined): void {
  if (!group || !moreVisible(visibility, group.visibility)) return;
  throw GitLabError.message(400, {
    visibility_level: [`${visibility} is not allowed in a ${group.visibility} group.`],
  });
}

export function requireProjectName(name: string): void {
  const problems = shownNameProblems("project", name);
  if (problems.length > 0) throw GitLabError.message(400, { name: problems });
}

export function requireProjectPath(path: string): void {
  if (/^[a-zA-Z0-9_.][a-zA-Z0-9_.-]*$/.test(path) && !/(\.git|\.atom)$/.test(path)) return;
  throw GitLabError.message(400, {
    path: [
      "can contain only letters, digits, '_', '-' and '.'. Cannot start with '-', end in '.git' or end in '.atom'",
      "must not start or end with a special character and must not contain consecutive special characters.",
    ],
  });
}

function lowered(visibility: Visibility, group: Group | undefined): Visibility {
  return group && moreVisible(visibility, group.visibility) ? group.visibility : visibility;
}

function addOwner(store: Store, project: Project, userId: number, createdById: number): void {
  store.memberships.set({
    userId,
    source: "project",
    sourceId: project.id,
    accessLevel: AccessLevel.Owner,
    expiresAt: null,
    createdAt: project.createdAt,
    createdById,
  });
}
