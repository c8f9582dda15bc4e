import { branchProtectionOf, protects } from "../groups/branch-protection";
import { groupMemberLevel, isMember, memberLevel, projectLevel } from "../members/access";
import { AccessLevel } from "../members/access-level";
import type { Project } from "../projects/project";
import type { Store } from "../store";
import type { User } from "../users/user";
import type { AccessEntry, ProtectedBranch, ProtectedTag } from "./protected-branch";
import { refMatches } from "./ref-pattern";

/** The rules that count for a project: its own and, on Premium, those of its top-level group. */
export function branchRules(store: Store, project: Project): ProtectedBranch[] {
  return [...store.branchRulesOf(`project:${project.id}`), ...inheritedBranchRules(store, project)];
}

export function inheritedBranchRules(store: Store, project: Project): ProtectedBranch[] {
  if (!store.premium) return [];
  const topLevel = store.groupAndAncestors(project.namespaceId).at(-1);
  return topLevel ? store.branchRulesOf(`group:${topLevel.id}`) : [];
}

export function matchingBranchRules(store: Store, project: Project, branch: string): ProtectedBranch[] {
  return branchRules(store, project).filter((rule) => refMatches(rule.name, branch));
}

export function isProtectedBranch(store: Store, project: Project, branch: string): boolean {
  return matchingBranchRules(store, project, branch).length > 0;
}

/** The most permissive matching rule wins; a branch no rule matches takes pushes from Developers up. */
export function canPushToBranch(store: Store, user: User, project: Project, branch: string): boolean {
  return isAllowed(store, user, project, branch, "push");
}

/** Merge permission also lets a user update the branch through the API or a merge request, not through Git. */
export function canMergeToBranch(store: Store, user: User, project: Project, branch: string): boolean {
  return isAllowed(store, user, project, branch, "merge");
}

/** An unprotected branch may be force-pushed; a protected one if any matching rule allows it. */
export function canForcePush(store: Store, project: Project, branch: string): boolean {
  const rules = matchingBranchRules(store, project, branch);
  return rules.length === 0 || rules.some((rule) => rule.allowForcePush);
}

/** Maintainers may delete protected branches through the API or the web, never through Git. */
export function canDeleteBranch(store: Store, user: User, project: Project, branch: string): boolean {
  const needed = isProtectedBranch(store, project, branch) ? AccessLevel.Maintainer : AccessLevel.Developer;
  return projectLevel(store, user, project) >= needed;
}

/** GitLab's `developers_can_push` and `developers_can_merge`: an entry of exactly the Developer role. */
export function developersCan(store: Store, project: Project, branch: string, action: "push" | "merge"): boolean {
  return matchingBranchRules(store, project, branch).some((rule) =>
    rule[action].some((entry) => entry.accessLevel === AccessLevel.Developer),
  );
}

/** The first push to an empty repository: Maintainers, or Developers where the instance lets them. */
export function canPushToEmptyRepository(store: Store, user: User, project: Project): boolean {
  const level = projectLevel(store, user, project);
  if (level < AccessLevel.Developer) return false;
  const defaults = branchProtectionOf(store, store.namespaces.get(project.namespaceId));
  const developersMay =
    defaults.developer_can_initial_push ||
    defaults.allowed_to_push.length === 0 ||
    defaults.allowed_to_push.some((entry) => entry.access_level === AccessLevel.Developer);
  return developersMay || level > AccessLevel.Developer;
}

export function tagRules(store: Store, project: Project, tag: string): ProtectedTag[] {
  return store.tagRulesOf(project.id).filter((rule) => refMatches(rule.name, tag));
}

export function canCreateTag(store: Store, user: User, project: Project, tag: string): boolean {
  const rules = tagRules(store, project, tag);
  if (rules.length === 0) return projectLevel(store, user, project) >= AccessLevel.Developer;
  return rules.some((rule) => rule.create.some((entry) => entryAllows(store, entry, user, project)));
}

/** Tells whether protected variables and protected runners serve this ref. */
export function isProtectedRef(store: Store, project: Project, ref: string, tag: boolean): boolean {
  return tag ? tagRules(store, project, ref).length > 0 : isProtectedBranch(store, project, ref);
}

/**
 * After a repository got its default branch: protects it as its group tells, else the instance, unless a rule matches
 * already (GitLab's ProtectDefaultBranchService). Returns the new rule.
 */
export function protectDefaultBranch(store: Store, project: Project): ProtectedBranch | undefined {
  const defaults = branchProtectionOf(store, store.namespaces.get(project.namespaceId));
  const { allowed_to_push, allowed_to_merge, allow_force_push, code_owner_approval_required } = defaults;
  const branch = project.defaultBranch;
  if (!branch || !protects(defaults) || isProtectedBranch(store, project, branch)) return undefined;
  return store.protectedBranches.insert({
    id: store.protectedBranches.nextId(),
    source: "project",
    sourceId: project.id,
    name: branch,
    allowForcePush: allow_force_push,
    codeOwnerApprovalRequired: store.premium && (code_owner_approval_required ?? false),
    push: allowed_to_push.map((entry) => roleEntry(store, entry.access_level)),
    merge: allowed_to_merge.map((entry) => roleEntry(store, entry.access_level)),
    unprotect: [],
  });
}

export function roleEntry(store: Store, accessLevel: number): AccessEntry {
  return { id: store.nextAccessEntryId(), accessLevel, userId: null, groupId: null, deployKeyId: null };
}

function isAllowed(store: Store, user: User, project: Project, branch: string, action: "push" | "merge"): boolean {
  if (project.archived || projectLevel(store, user, project) < AccessLevel.Developer) return false;
  const rules = matchingBranchRules(store, project, branch);
  if (rules.length === 0) return true;
  return rules.some((rule) => rule[action].some((entry) => entryAllows(store, entry, user, project)));
}

/** Roles look at membership alone: an administrator who is no member passes only "Instance admins". */
export function entryAllows(store: Store, entry: AccessEntry, user: User, project: Project): boolean {
  // A deploy key in the list lets its owner through over HTTP too.
  if (entry.deployKeyId !== null) {
    const key = store.deployKeys.get(entry.deployKeyId);
    return key?.userId === user.id && key.canPushTo.get(project.id) === true && isMember(store, user, project);
  }
  if (entry.userId !== null) return entry.userId === user.id && isMember(store, user, project);
  if (entry.groupId !== null) {
    const group = store.group(entry.groupId);
    return group !== undefined && groupMemberLevel(store, user, group) >= AccessLevel.Developer;
  }
  if (entry.accessLevel === AccessLevel.Admin) return user.admin;
  if (entry.accessLevel === null || entry.accessLevel === AccessLevel.NoAccess) return false;
  return memberLevel(store, user, project) >= entry.accessLevel;
}
