import { GitLabError } from "../model/gitlab-error";
import type { Namespace } from "../model/groups/namespace";
import { groupLevel } from "../model/members/access";
import { AccessLevel } from "../model/members/access-level";
import type { Project } from "../model/projects/project";
import { createProject } from "../model/projects/projects";
import type { Store } from "../model/store";
import type { User } from "../model/users/user";
import { GitRefusal } from "./git-refusal";

/** The lowest level that may make projects in a group, by its `project_creation_level`. */
const CREATION_LEVELS: Readonly<Record<string, number>> = {
  noone: Number.POSITIVE_INFINITY,
  administrator: Number.POSITIVE_INFINITY,
  owner: AccessLevel.Owner,
  maintainer: AccessLevel.Maintainer,
  developer: AccessLevel.Developer,
};

/**
 * GitLab makes a private project out of a push to a path that is free, for whoever may create projects there.
 *
 * @param path `group/project`
 * @returns undefined when the user may not
 * @throws GitRefusal 422 when the name is not allowed
 */
export async function createProjectOnPush(store: Store, user: User, path: string): Promise<Project | undefined> {
  const slash = path.lastIndexOf("/");
  const namespace = store.namespaceByPath(path.slice(0, slash));
  if (!namespace || !mayCreateProjects(store, user, namespace)) return undefined;
  try {
    return await createProject(store, user, { path: path.slice(slash + 1), namespace, visibility: "private" });
  } catch (error) {
    if (!(error instanceof GitLabError)) throw error;
    throw new GitRefusal(422, `Could not create project: ${JSON.stringify(error.body)}`);
  }
}

/** The words to the first push to such a project. */
export function projectCreatedMessage(store: Store, project: Project): string {
  const url = `${store.url}/${store.projectFullPath(project)}`;
  return [
    "",
    `The private project ${store.projectFullPath(project)} was successfully created.`,
    "",
    "To configure the remote, run:",
    `  git remote add origin ${url}.git`,
    "",
    "To view the project, visit:",
    `  ${url}`,
    "",
  ].join("\n");
}

function mayCreateProjects(store: Store, user: User, namespace: Namespace): boolean {
  if (user.admin) return true;
  if (namespace.kind === "user") return namespace.userId === user.id;
  const setting = String(namespace.attributes.project_creation_level ?? "developer");
  return groupLevel(store, user, namespace) >= (CREATION_LEVELS[setting] ?? AccessLevel.Developer);
}
