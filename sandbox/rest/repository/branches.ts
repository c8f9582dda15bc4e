import { isBranchName } from "../../git/ref-name";
import type { Commit, Ref } from "../../git/repository";
import { GitLabError } from "../../model/gitlab-error";
import { canDownloadCode, canPushCode } from "../../model/members/access";
import { AccessLevel } from "../../model/members/access-level";
import type { Project } from "../../model/projects/project";
import { noteNewCommits, repositoryOf } from "../../model/projects/projects";
import {
  canDeleteBranch,
  canMergeToBranch,
  canPushToBranch,
  canPushToEmptyRepository,
  developersCan,
  isProtectedBranch,
} from "../../model/protected-refs/protected-refs";
import type { Call } from "../call";
import { required, text } from "../parameters";
import { del, get, post } from "../route";
import { presentCommit } from "./commit-view";

/** The project, if the caller may read its code. Errors: 404 invisible, 403 no code. */
export function codeProject(call: Call): Project {
  const project = call.project();
  if (!canDownloadCode(call.store, call.currentUser, project)) {
    throw call.currentUser ? GitLabError.forbidden() : GitLabError.notFound("Project");
  }
  return project;
}

/** The project, if the caller has the role to push at all. Errors: 403. */
export function pushProject(call: Call): Project {
  const project = call.project();
  if (!canPushCode(call.store, call.user, project)) throw GitLabError.forbidden();
  return project;
}

/** Tells whether the caller may put commits on a branch through the API; the first branch has a rule of its own. */
export async function mayCommitTo(call: Call, project: Project, branch: string): Promise<boolean> {
  const { store, user } = call;
  if (project.defaultBranch === null) return canPushToEmptyRepository(store, user, project);
  return canPushToBranch(store, user, project, branch);
}

function present(call: Call, project: Project, { name }: Ref, commit: Commit): Record<string, unknown> {
  const { store, currentUser } = call;
  return {
    name,
    commit: presentCommit(store, project, commit),
    merged: false,
    protected: isProtectedBranch(store, project, name),
    developers_can_push: developersCan(store, project, name, "push"),
    developers_can_merge: developersCan(store, project, name, "merge"),
    can_push: currentUser !== null && canPushToBranch(store, currentUser, project, name),
    default: name === project.defaultBranch,
    web_url: `${store.url}/${store.projectFullPath(project)}/-/tree/${name}`,
  };
}

async function list(call: Call): Promise<unknown> {
  const project = codeProject(call);
  const { search, regex } = call.read({ search: text(), regex: text() });
  const repository = repositoryOf(call.store, project);
  const branches = (await repository.branches())
    .filter(({ name }) => search === undefined || matchesSearch(name, search))
    .filter(({ name }) => regex === undefined || safePattern(regex).test(name));
  const page = call.page(branches, (branch) => branch);
  const commits = await Promise.all(page.map(({ commitId }) => repository.commit(commitId)));
  return page.map((branch, i) => present(call, project, branch, commits[i]!));
}

/** `^text` and `text$` anchor the search, as in GitLab. */
function matchesSearch(name: string, search: string): boolean {
  const wanted = search.toLowerCase();
  const given = name.toLowerCase();
  if (wanted.startsWith("^")) return given.startsWith(wanted.slice(1));
  return wanted.endsWith("$") ? given.endsWith(wanted.slice(0, -1)) : given.includes(wanted);
}

function safePattern(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch {
    throw new GitLabError(400, { error: "regex is an invalid regular expression" });
  }
}

async function show(call: Call): Promise<unknown> {
  const project = codeProject(call);
  const repository = repositoryOf(call.store, project);
  const branch = await repository.branch(call.path("branch"));
  if (!branch) throw GitLabError.notFound("Branch");
  return present(call, project, branch, (await repository.commit(branch.commitId))!);
}

async function create(call: Call): Promise<unknown> {
  const { store, user } = call;
  const project = pushProject(call);
  const { branch: name, ref } = call.read({ branch: required(text()), ref: required(text()) });
  const repository = repositoryOf(store, project);
  if (!isBranchName(name)) throw GitLabError.message(400, "Branch name is invalid");
  if (await repository.branch(name)) throw GitLabError.message(400, "Branch already exists");
  const commitId = await repository.resolve(ref);
  if (!commitId) throw GitLabError.message(400, `Invalid reference name: ${ref}`);
  const may = canPushToBranch(store, user, project, name) || canMergeToBranch(store, user, project, name);
  if (!may) {
    throw GitLabError.message(
      400,
      `Failed to create branch '${name}': You are not allowed to create protected branches on this project.`,
    );
  }
  if (/^[0-9a-f]{40}$/.test(name)) {
    throw GitLabError.message(400, `Failed to create branch '${name}': invalid reference name '${name}'`);
  }
  await repository.setRef(`refs/heads/${name}`, commitId);
  await noteNewCommits(store, project, name);
  return present(call, project, { name, commitId }, (await repository.commit(commitId))!);
}

async function remove(call: Call): Promise<void> {
  const { store, user } = call;
  const project = pushProject(call);
  const name = call.path("branch");
  const repository = repositoryOf(store, project);
  if (!(await repository.branch(name))) throw GitLabError.notFound("Branch");
  if (name === project.defaultBranch) {
    throw GitLabError.message(400, "The default branch of a project cannot be deleted.");
  }
  if (!canDeleteBranch(store, user, project, name)) {
    throw GitLabError.message(
      400,
      "You are not allowed to delete protected branches from this project. Only a project maintainer or owner can delete a protected branch.",
    );
  }
  await repository.deleteRef(`refs/heads/${name}`);
}

async function removeMerged(call: Call): Promise<unknown> {
  const { store } = call;
  const project = call.project(AccessLevel.Developer);
  const repository = repositoryOf(store, project);
  const main = project.defaultBranch;
  for (const { name, commitId } of main === null ? [] : await repository.branches()) {
    if (name === main || isProtectedBranch(store, project, name)) continue;
    if (await repository.isAncestor(commitId, `refs/heads/${main}`)) await repository.deleteRef(`refs/heads/${name}`);
  }
  call.status(202);
  return { message: "202 Accepted" };
}

const READ = { anonymous: true, scopes: ["read_repository"] };

export const branchRoutes = [
  get("/projects/:id/repository/branches", list, READ),
  get("/projects/:id/repository/branches/:branch", show, READ),
  post("/projects/:id/repository/branches", create),
  del("/projects/:id/repository/branches/:branch", remove),
  del("/projects/:id/repository/merged_branches", removeMerged),
];
