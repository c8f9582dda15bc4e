import { existsSync } from "node:fs";
import type { Job } from "../model/ci/job";
import { canDownloadCode, canPushCode, canReadProject, isMember, projectLevel } from "../model/members/access";
import { AccessLevel } from "../model/members/access-level";
import type { Project } from "../model/projects/project";
import type { Store } from "../model/store";
import type { AccessToken } from "../model/tokens/access-token";
import { jobTokenReaches } from "../model/tokens/authentication";
import { deployTokenReaches } from "../model/tokens/deploy-tokens";
import type { User } from "../model/users/user";
import type { GitActor, GitService } from "./git-authentication";
import { GitRefusal } from "./git-refusal";

/** Scopes that carry each right (`Gitlab::Auth.abilities_for_scopes`). */
const DOWNLOAD_SCOPES = ["api", "read_api", "read_repository", "write_repository"];
const PUSH_SCOPES = ["api", "write_repository"];

/**
 * Checks that GitLab makes before it looks at the project, in the order of its `Gitlab::GitAccess`.
 *
 * @param path `group/project`, as the URL has it
 * @returns the service, now that it is known to be one
 * @throws GitRefusal 403 or 404 with GitLab's text
 */
export function checkGitRequest(
  store: Store,
  actor: GitActor,
  service: GitService | undefined,
  path: string,
): GitService {
  checkProtocol(store, actor);
  checkScope(actor, service);
  if (!service) throw GitRefusal.forbidden("The command you're trying to execute is not allowed.");
  if (service === "git-receive-pack" && store.settings.maintenance_mode) {
    throw GitRefusal.forbidden("You can't push code to a read-only GitLab instance.");
  }
  if (!store.namespaceByPath(path.slice(0, path.lastIndexOf("/")))) {
    throw GitRefusal.notFound("The namespace you were looking for could not be found.");
  }
  return service;
}

/**
 * Checks that GitLab makes of the project before it sends or takes a pack, in the order of its `Gitlab::GitAccess`. Branches
 * are not looked at yet.
 *
 * @param project undefined: there is no such project
 * @throws GitRefusal 403 or 404 with GitLab's text
 */
export function checkGitProject(
  store: Store,
  actor: GitActor,
  service: GitService,
  project: Project | undefined,
): Project {
  if (!project || !canRead(store, actor, project)) throw invisible(store, actor, project);
  if (!existsSync(store.repositoryPath(project))) {
    throw GitRefusal.notFound("A repository for this project does not exist yet.");
  }
  if (service === "git-upload-pack") checkDownload(store, actor, project);
  else checkPush(store, actor, project);
  return project;
}

/** Jobs get through even where the instance has HTTP switched off for people. */
function checkProtocol(store: Store, actor: GitActor): void {
  if (actor.kind !== "job" && !store.settings.git_http_enabled) {
    throw GitRefusal.forbidden("Git access over HTTP is not allowed");
  }
}

function checkScope(actor: GitActor, service: GitService | undefined): void {
  if (service === "git-upload-pack" && "token" in actor && !carries(actor.token, DOWNLOAD_SCOPES)) {
    throw GitRefusal.forbidden("You are not allowed to download code.");
  }
  if (service === "git-receive-pack" && "token" in actor && !carries(actor.token, PUSH_SCOPES)) {
    throw GitRefusal.forbidden("You are not allowed to upload code.");
  }
}

function carries(token: Pick<AccessToken, "scopes">, scopes: readonly string[]): boolean {
  return token.scopes.some((scope) => scopes.includes(scope));
}

function canRead(store: Store, actor: GitActor, project: Project): boolean {
  if (canReadProject(store, null, project)) return true;
  if (actor.kind === "anonymous") return false;
  if (actor.kind === "deploy") return deployTokenReaches(store, actor.token, project);
  if (actor.kind === "job" && !jobTokenReaches(store, actor.job, project)) return false;
  return canReadProject(store, actor.user, project);
}

/** Jobs are told more than people; projects are named by their last path segment. */
function invisible(store: Store, actor: GitActor, project: Project | undefined): GitRefusal {
  if (!project || actor.kind !== "job") {
    return GitRefusal.notFound(
      "The project you were looking for could not be found or you don't have permission to view it.",
    );
  }
  if (project.visibility === "internal" || jobTokenReaches(store, actor.job, project)) {
    return GitRefusal.forbidden(`Insufficient permissions to pull from the repository of project ${project.path}.`);
  }
  const source = store.projects.get(actor.job.projectId);
  return GitRefusal.forbidden(`Authentication by CI/CD job token not allowed from ${source?.path} to ${project.path}.`);
}

function checkDownload(store: Store, actor: GitActor, project: Project): void {
  const allowed =
    canDownloadCode(store, null, project) ||
    (actor.kind === "deploy" && deployTokenReaches(store, actor.token, project)) ||
    (actor.kind === "token" && canDownloadCode(store, actor.user, project)) ||
    (actor.kind === "job" && jobMayDownload(store, actor.user, actor.job, project));
  if (!allowed) throw GitRefusal.forbidden("You are not allowed to download code from this project.");
}

/** An administrator's job reads a private project only where the administrator is a member. */
function jobMayDownload(store: Store, user: User, job: Job, project: Project): boolean {
  if (!jobTokenReaches(store, job, project) || !canDownloadCode(store, user, project)) return false;
  return project.visibility !== "private" || isMember(store, user, project);
}

function checkPush(store: Store, actor: GitActor, project: Project): void {
  if (project.repositoryReadOnly) {
    throw GitRefusal.forbidden("The repository is temporarily read-only. Please try again later.");
  }
  if (project.archived) throw GitRefusal.forbidden("You can't push code to an archived project.");
  const allowed =
    actor.kind === "job"
      ? jobMayPush(store, actor.user, actor.job, project)
      : actor.kind === "token" && canPushCode(store, actor.user, project);
  if (!allowed) throw GitRefusal.forbidden("You are not allowed to push code to this project.");
}

/** Since 18.4, where the project switched it on: only to the job's own project, with the role of who started the job. */
function jobMayPush(store: Store, user: User, job: Job, project: Project): boolean {
  return (
    project.jobTokenPushAllowed &&
    job.projectId === project.id &&
    projectLevel(store, user, project) >= AccessLevel.Developer
  );
}
