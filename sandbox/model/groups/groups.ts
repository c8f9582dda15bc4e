import { GitLabError } from "../gitlab-error";
import type { Visibility } from "../instance/settings";
import { AccessLevel } from "../members/access-level";
import type { Store } from "../store";
import type { User } from "../users/user";
import type { Group } from "./namespace";
import { shownNameProblems } from "./shown-name";

const VISIBILITY_ORDER: readonly Visibility[] = ["private", "internal", "public"];

export interface NewGroup {
  readonly path: string;
  /** @default the path */
  readonly name?: string;
  readonly parent?: Group;
  readonly description?: string;
  /** @default the parent's, else the instance setting */
  readonly visibility?: Visibility;
  readonly attributes?: Record<string, unknown>;
}

/** Makes a group whose owner is its creator. Errors: 400 when the path is bad, taken, or more visible than its parent. */
export function createGroup(store: Store, creator: User, options: NewGroup): Group {
  const { path, parent } = options;
  const problems = shownNameProblems("group", options.name ?? path);
  if (problems.length > 0) {
    throw GitLabError.message(400, `Failed to save group {:name=>[${problems.map((each) => `"${each}"`).join(", ")}]}`);
  }
  requireGroupPath(path);
  const fullPath = parent ? `${store.namespaceFullPath(parent)}/${path}` : path;
  if (store.namespaceByPath(fullPath) || store.projectByPath(fullPath)) {
    throw GitLabError.message(400, 'Failed to save group {:path=>["has already been taken"]}');
  }
  const visibility = options.visibility ?? parent?.visibility ?? store.settings.default_group_visibility;
  if (parent && moreVisible(visibility, parent.visibility)) {
    throw GitLabError.message(
      400,
      `Failed to save group {:visibility_level=>["${visibility} is not allowed since the parent group has a ${parent.visibility} visibility."]}`,
    );
  }
  const group: Group = {
    kind: "group",
    id: store.namespaces.nextId(),
    parentId: parent?.id ?? null,
    name: options.name ?? path,
    path,
    description: options.description ?? "",
    visibility,
    createdAt: store.clock.timestamp(),
    attributes: options.attributes ?? {},
  };
  store.namespaces.insert(group);
  store.memberships.set({
    userId: creator.id,
    source: "group",
    sourceId: group.id,
    accessLevel: AccessLevel.Owner,
    expiresAt: null,
    createdAt: group.createdAt,
    createdById: creator.id,
  });
  return group;
}

export function requireGroupPath(path: string): void {
  if (/^[a-zA-Z0-9_.][a-zA-Z0-9_.-]*$/.test(path) && !/(\.git|\.atom|\.)$/.test(path)) return;
  throw GitLabError.message(
    400,
    "Failed to save group {:path=>[\"can contain only letters, digits, '_', '-' and '.'. It must not start with '-', or end in '.', '.git' or '.atom'\"]}",
  );
}

/** Makes a group, and what in it is more visible, as visible as told. */
export function lowerVisibility(store: Store, group: Group, visibility: Visibility): void {
  if (moreVisible(group.visibility, visibility)) group.visibility = visibility;
  for (const project of store.projectsIn(group.id)) {
    if (moreVisible(project.visibility, visibility)) project.visibility = visibility;
  }
  for (const subgroup of store.groupsIn(group.id)) lowerVisibility(store, subgroup as Group, visibility);
}

export function moreVisible(one: Visibility, other: Visibility): boolean {
  return VISIBILITY_ORDER.indexOf(one) > VISIBILITY_ORDER.indexOf(other);
}
