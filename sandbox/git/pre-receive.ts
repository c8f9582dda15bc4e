import { canPushCode, projectLevel } from "../model/members/access";
import { AccessLevel } from "../model/members/access-level";
import type { Project } from "../model/projects/project";
import {
  canCreateTag,
  canDeleteBranch,
  canForcePush,
  canMergeToBranch,
  canPushToBranch,
  canPushToEmptyRepository,
  isProtectedBranch,
  tagRules,
} from "../model/protected-refs/protected-refs";
import type { Store } from "../model/store";
import type { User } from "../model/users/user";
import type { RefChange } from "./hook-channel";

/** A push as the branch and tag rules see it. */
export interface Push {
  readonly store: Store;
  readonly user: User;
  readonly project: Project;
  /** There is no branch yet. */
  readonly emptyRepository: boolean;
}

const NO_OBJECT = /^0+$/;

/**
 * Decides on a push by the branch and tag rules, as GitLab's `Gitlab::Checks` do: the first ref that is refused
 * refuses the whole push.
 *
 * @returns GitLab's text, lines separated by `\n`; undefined when the push may go on
 */
export function pushRefusal(push: Push, changes: readonly RefChange[]): string | undefined {
  for (const change of changes) {
    const refusal = changeRefusal(push, change);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

export function isCreation(change: RefChange): boolean {
  return NO_OBJECT.test(change.oldSha);
}

export function isDeletion(change: Pick<RefChange, "newSha">): boolean {
  return NO_OBJECT.test(change.newSha);
}

/** `refs/heads/release/1` → `release/1`; undefined when the ref is no branch. */
export function branchOf(change: Pick<RefChange, "ref">): string | undefined {
  return nameUnder("refs/heads/", change.ref);
}

/** `refs/tags/v1` → `v1`; undefined when the ref is no tag. */
export function tagOf(change: Pick<RefChange, "ref">): string | undefined {
  return nameUnder("refs/tags/", change.ref);
}

function nameUnder(prefix: string, ref: string): string | undefined {
  return ref.startsWith(prefix) ? ref.slice(prefix.length) : undefined;
}

function changeRefusal(push: Push, change: RefChange): string | undefined {
  const { store, user, project } = push;
  if (!canPushCode(store, user, project)) return "You are not allowed to push code to this project.";
  const branch = branchOf(change);
  if (branch !== undefined) return branchRefusal(push, change, branch);
  const tag = tagOf(change);
  return tag === undefined ? undefined : tagRefusal(push, change, tag);
}

function branchRefusal(push: Push, change: RefChange, branch: string): string | undefined {
  const { store, project } = push;
  if (isDeletion(change) && branch === project.defaultBranch) {
    return "The default branch of a project cannot be deleted.";
  }
  if (!isDeletion(change) && /^[0-9a-f]{40}(-\/|\/|$)/i.test(branch)) {
    return "You cannot create a branch with a 40-character hexadecimal branch name.";
  }
  if (push.emptyRepository) return emptyRepositoryRefusal(push, branch);
  if (!isProtectedBranch(store, project, branch)) return undefined;
  if (change.forced && !canForcePush(store, project, branch)) {
    return "You are not allowed to force push code to a protected branch on this project.";
  }
  if (isCreation(change)) return creationRefusal(push, change, branch);
  if (isDeletion(change)) return deletionRefusal(push, branch);
  return canPushToBranch(store, push.user, project, branch)
    ? undefined
    : "You are not allowed to push code to protected branches on this project.";
}

/** Until there is a branch, every branch counts as protected, whatever its name, by the default branch's setting. */
function emptyRepositoryRefusal({ store, user, project }: Push, branch: string): string | undefined {
  if (canPushToEmptyRepository(store, user, project)) return undefined;
  if (isProtectedBranch(store, project, branch) && canPushToBranch(store, user, project, branch)) return undefined;
  const path = store.projectFullPath(project);
  return [
    "",
    `A default branch (e.g. main) does not yet exist for ${path}`,
    "Ask a project Owner or Maintainer to create a default branch:",
    "",
    `  ${store.url}/${path}/-/project_members`,
    "",
  ].join("\n");
}

/** The refusal to create a protected branch: who may merge but not push creates one in the web interface only, from a protected one. */
function creationRefusal({ store, user, project }: Push, change: RefChange, branch: string): string | undefined {
  if (canPushToBranch(store, user, project, branch)) return undefined;
  if (!canMergeToBranch(store, user, project, branch)) {
    return "You are not allowed to create protected branches on this project.";
  }
  return change.within.some((other) => isProtectedBranch(store, project, other))
    ? "You can only create protected branches using the web interface and API."
    : "You can only use an existing protected branch ref as the basis of a new protected branch.";
}

function deletionRefusal({ store, user, project }: Push, branch: string): string {
  return canDeleteBranch(store, user, project, branch)
    ? "You can only delete protected branches using the web interface."
    : "You are not allowed to delete protected branches from this project. Only a project maintainer or owner can delete a protected branch.";
}

function tagRefusal({ store, user, project }: Push, change: RefChange, tag: string): string | undefined {
  if (isCreation(change) && tag === project.defaultBranch) return "You cannot use default branch name to create a tag";
  if (!isDeletion(change) && tag.startsWith("refs/tags/")) return "You cannot create a tag with a prohibited pattern.";
  if (!isDeletion(change) && /^[0-9a-f]{40}/.test(tag)) {
    return "You cannot create a tag with a SHA-1 or SHA-256 tag name.";
  }
  if (tagRules(store, project, tag).length === 0) return undefined;
  if (isDeletion(change)) {
    return projectLevel(store, user, project) >= AccessLevel.Maintainer
      ? "You can only delete protected tags using the web interface."
      : "You are not allowed to delete protected tags from this project. Only a project maintainer or owner can delete a protected tag.";
  }
  if (!isCreation(change)) return "Protected tags cannot be updated.";
  return canCreateTag(store, user, project, tag)
    ? undefined
    : "You are not allowed to create this tag as it is protected.";
}
