import type { MergeRequest } from "../model/merge-requests/merge-request";
import { isDraftTitle, openMergeRequest } from "../model/merge-requests/merge-requests";
import type { Project } from "../model/projects/project";
import { repositoryOf } from "../model/projects/projects";
import type { Store } from "../model/store";
import type { User } from "../model/users/user";
import type { MergeRequestOptions } from "./push-options";

/** More branches than this and GitLab does nothing. */
const BRANCH_LIMIT = 10;

/**
 * Creates or updates the merge requests that `git push -o merge_request.*` asks for, one for each pushed branch but the
 * default one.
 *
 * @returns what went wrong, for the client to read; the push itself is done
 */
export async function applyMergeRequestOptions(
  store: Store,
  user: User,
  project: Project,
  pushed: readonly string[],
  options: MergeRequestOptions,
): Promise<string[]> {
  const branches = pushed.filter((branch) => branch !== project.defaultBranch);
  const problem = await problemWith(store, project, branches, options);
  if (problem) return [problem];
  const errors: string[] = [];
  for (const branch of branches) {
    const open = store
      .mergeRequestsOf(project.id)
      .find((candidate) => candidate.state === "opened" && candidate.sourceBranch === branch);
    const error = open ? update(store, open, options) : await create(store, { user, project, branch, options });
    if (error) errors.push(error);
  }
  return errors;
}

async function problemWith(
  store: Store,
  project: Project,
  branches: readonly string[],
  { target }: MergeRequestOptions,
): Promise<string | undefined> {
  const path = store.projectFullPath(project);
  if (project.attributes.merge_requests_access_level === "disabled") {
    return `Merge requests are not enabled for project ${path}`;
  }
  if (branches.length > BRANCH_LIMIT) {
    return `Too many branches pushed (${branches.length} were pushed, limit is ${BRANCH_LIMIT})`;
  }
  if (target !== undefined && !(await repositoryOf(store, project).branch(target))) {
    return `Target branch ${path}:${target} does not exist`;
  }
  return undefined;
}

interface Creation {
  readonly user: User;
  readonly project: Project;
  readonly branch: string;
  readonly options: MergeRequestOptions;
}

async function create(store: Store, { user, project, branch, options }: Creation): Promise<string | undefined> {
  if (!options.create) {
    return `A merge_request.create push option is required to create a merge request for branch ${branch}`;
  }
  const targetBranch = options.target ?? project.defaultBranch;
  if (targetBranch === null) return `Target branch of ${branch} does not exist`;
  if (targetBranch === branch) return "Branch conflict You can't use same project/branch for source and target";
  const title = titled(options.title ?? (await defaultTitle(store, project, branch, targetBranch)), options.draft);
  const assigned = userIds(store, options.assign);
  openMergeRequest(store, project, user, {
    title,
    description: options.description,
    sourceBranch: branch,
    targetBranch,
    labels: options.labels,
    assigneeIds: assigned.length > 0 ? assigned : [user.id],
    removeSourceBranch: options.removeSourceBranch,
  });
  return undefined;
}

function update(store: Store, mergeRequest: MergeRequest, options: MergeRequestOptions): undefined {
  mergeRequest.title = titled(options.title ?? mergeRequest.title, options.draft);
  mergeRequest.draft = isDraftTitle(mergeRequest.title);
  if (options.description !== undefined) mergeRequest.description = options.description;
  if (options.target !== undefined) mergeRequest.targetBranch = options.target;
  if (options.removeSourceBranch !== undefined) mergeRequest.removeSourceBranch = options.removeSourceBranch;
  mergeRequest.labels = changed(mergeRequest.labels, options.labels, options.unlabels);
  mergeRequest.assigneeIds = changed(
    mergeRequest.assigneeIds,
    userIds(store, options.assign),
    userIds(store, options.unassign),
  );
  mergeRequest.updatedAt = store.clock.timestamp();
}

/** The subject of the only new commit, else the branch's name in words. */
async function defaultTitle(store: Store, project: Project, branch: string, target: string): Promise<string> {
  const repository = repositoryOf(store, project);
  const range = `refs/heads/${target}..refs/heads/${branch}`;
  if ((await repository.countCommits(range)) === 1) {
    const commit = await repository.commit(`refs/heads/${branch}`);
    if (commit) return commit.message.split("\n")[0]!;
  }
  const words = branch.replace(/[-_]+/g, " ").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function titled(title: string, draft: boolean | undefined): string {
  return draft && !isDraftTitle(title) ? `Draft: ${title}` : title;
}

/** @param names user ids or user names; unknown ones are left out, as GitLab does */
function userIds(store: Store, names: readonly string[]): number[] {
  return names.flatMap((name) => {
    const user = /^\d+$/.test(name) ? store.users.get(Number(name)) : store.userByUsername(name.toLowerCase());
    return user ? [user.id] : [];
  });
}

function changed<Item>(items: readonly Item[], added: readonly Item[], removed: readonly Item[]): Item[] {
  return [...new Set([...items, ...added])].filter((item) => !removed.includes(item));
}
