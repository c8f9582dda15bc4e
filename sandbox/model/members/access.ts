import type { Group } from "../groups/namespace";
import type { Project } from "../projects/project";
import type { Share } from "../projects/share";
import type { Store } from "../store";
import type { User } from "../users/user";
import { AccessLevel } from "./access-level";
import type { Member } from "./member";

/**
 * The role a user holds in a project by membership: direct, inherited from groups, by a share with a group, or owning the namespace.
 * Being an administrator adds nothing here, which is what branch rules look at.
 */
export function memberLevel(store: Store, user: User, project: Project): number {
  const direct = activeLevel(store, store.memberships.get("project", project.id, user.id));
  const shared = activeShares(store, project).map((share) => sharedLevel(store, user, share));
  return Math.max(direct, namespaceLevel(store, user, project.namespaceId), ...shared);
}

/** The shares of a project whose day has not come. */
export function activeShares(store: Store, project: Project): Share[] {
  return store.sharesOf(project.id).filter(({ expiresAt }) => expiresAt === null || expiresAt > store.clock.today());
}

/** The lower of the share's role and the user's role in the group. */
function sharedLevel(store: Store, user: User, { groupId, accessLevel }: Share): number {
  const group = store.group(groupId);
  return group ? Math.min(accessLevel, groupMemberLevel(store, user, group)) : AccessLevel.NoAccess;
}

/** The role a user holds in a group by membership of it or of an ancestor. */
export function groupMemberLevel(store: Store, user: User, group: Group): number {
  return namespaceLevel(store, user, group.id);
}

/** The level of a user in a project, administrators counting as Owner. */
export function projectLevel(store: Store, user: User | null, project: Project): number {
  if (user?.state !== "active") return AccessLevel.NoAccess;
  return user.admin ? AccessLevel.Owner : memberLevel(store, user, project);
}

export function groupLevel(store: Store, user: User | null, group: Group): number {
  if (user?.state !== "active") return AccessLevel.NoAccess;
  return user.admin ? AccessLevel.Owner : groupMemberLevel(store, user, group);
}

/** Tells whether the project exists for this user (null = anonymous); if not, GitLab answers 404. */
export function canReadProject(store: Store, user: User | null, project: Project): boolean {
  if (project.visibility === "public") return true;
  if (user?.state !== "active") return false;
  if (project.visibility === "internal" && !user.external) return true;
  return projectLevel(store, user, project) >= AccessLevel.Guest;
}

/** Clone, fetch, and read files: Reporter, or anyone who sees a project that is not private. */
export function canDownloadCode(store: Store, user: User | null, project: Project): boolean {
  if (!canReadProject(store, user, project)) return false;
  if (project.attributes.repository_access_level === "disabled") return false;
  const level = projectLevel(store, user, project);
  if (level >= AccessLevel.Reporter) return true;
  if (project.attributes.repository_access_level === "private") return false;
  return project.visibility === "public" || (project.visibility === "internal" && user !== null && !user.external);
}

/** Pipelines: whoever sees a project that is not private; in a private one, members while its jobs are public, else Reporters. */
export function canReadPipelines(store: Store, user: User | null, project: Project): boolean {
  return (
    canReadJobs(store, user, project) || (project.visibility !== "private" && canReadProject(store, user, project))
  );
}

/** Jobs, their logs and artifacts: whoever sees the project while its jobs are public (`public_jobs`), else Reporters. */
export function canReadJobs(store: Store, user: User | null, project: Project): boolean {
  if (!canReadProject(store, user, project)) return false;
  return project.attributes.public_jobs !== false || projectLevel(store, user, project) >= AccessLevel.Reporter;
}

/** Guests of a private project see no merge requests. */
export function canReadMergeRequests(store: Store, user: User | null, project: Project): boolean {
  if (!canReadProject(store, user, project)) return false;
  return project.visibility !== "private" || projectLevel(store, user, project) >= AccessLevel.Planner;
}

/** Push to branches that no rule restricts: Developer. */
export function canPushCode(store: Store, user: User, project: Project): boolean {
  return !project.archived && projectLevel(store, user, project) >= AccessLevel.Developer;
}

/** A group is visible if public, or internal to a person of the instance, or to members of it or anything below it. */
export function canReadGroup(store: Store, user: User | null, group: Group): boolean {
  if (group.visibility === "public") return true;
  if (user?.state !== "active") return false;
  if (user.admin || (group.visibility === "internal" && !user.external)) return true;
  if (groupMemberLevel(store, user, group) >= AccessLevel.Guest) return true;
  return store.memberships.ofUser(user.id).some((member) => {
    if (activeLevel(store, member) < AccessLevel.Guest) return false;
    const within =
      member.source === "group" ? member.sourceId : (store.projects.get(member.sourceId)?.namespaceId ?? -1);
    return store.groupAndAncestors(within).some((ancestor) => ancestor.id === group.id);
  });
}

/** Tells whether the user is a member of the project itself or of a group above it (`project.member?`). */
export function isMember(store: Store, user: User, project: Project): boolean {
  return memberLevel(store, user, project) >= AccessLevel.Guest;
}

function namespaceLevel(store: Store, user: User, namespaceId: number): number {
  const namespace = store.namespaces.get(namespaceId);
  if (namespace?.kind === "user") {
    return namespace.userId === user.id ? AccessLevel.Owner : AccessLevel.NoAccess;
  }
  return store
    .groupAndAncestors(namespaceId)
    .reduce(
      (level, group) => Math.max(level, activeLevel(store, store.memberships.get("group", group.id, user.id))),
      AccessLevel.NoAccess as number,
    );
}

function activeLevel(store: Store, member: Member | undefined): number {
  if (!member) return AccessLevel.NoAccess;
  if (member.expiresAt !== null && member.expiresAt <= store.clock.today()) return AccessLevel.NoAccess;
  return member.accessLevel;
}
