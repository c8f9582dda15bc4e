import type { Request, Response } from "express";
import { GitLabError } from "../model/gitlab-error";
import type { Group } from "../model/groups/namespace";
import { canReadGroup, canReadProject, groupLevel, projectLevel } from "../model/members/access";
import type { Project } from "../model/projects/project";
import type { Store } from "../model/store";
import { type Identity, jobTokenReaches } from "../model/tokens/authentication";
import type { User } from "../model/users/user";
import { paginate } from "./pagination";
import { type Parameter, type RawParameters, readParameters } from "./parameters";

/** One API call: who, what was sent, and the ways to refuse it as GitLab does. */
export class Call {
  constructor(
    readonly store: Store,
    readonly request: Request,
    readonly response: Response,
    /** Path, query and body in one. */
    readonly raw: RawParameters,
    /** null = anonymous. */
    readonly identity: Identity | null,
  ) {}

  get currentUser(): User | null {
    return this.identity?.user ?? null;
  }

  /** The caller. Errors: 401 for anonymous. */
  get user(): User {
    if (!this.currentUser) throw GitLabError.unauthorized();
    return this.currentUser;
  }

  /** A segment of the route, or all that a `*name` of it stands for, percent-decoded. */
  path(name: string): string {
    return [this.request.params[name]].flat().join("/");
  }

  /** A numeric segment of the route. Errors: 400 `{"error": "<name> is invalid"}`. */
  id(name: string): number {
    const value = this.path(name);
    if (!/^\d+$/.test(value)) throw new GitLabError(400, { error: `${name} is invalid` });
    return Number(value);
  }

  read<S extends Record<string, Parameter<unknown>>>(shape: S): ReturnType<typeof readParameters<S>> {
    return readParameters(shape, this.raw);
  }

  /** Tells whether the caller sent a parameter at all, be it null or empty. */
  sent(name: string): boolean {
    return this.raw[name] !== undefined;
  }

  /**
   * The project of `:id`. Errors: 404 when it does not exist for the caller, 403 below the needed role, and for a job
   * of a project that is not in its allowlist.
   * @param level the least role; administrators count as Owner
   */
  project(level = 0): Project {
    const project = this.store.findProject(this.path("id"));
    if (project) this.requireReach(project);
    if (!project || !canReadProject(this.store, this.currentUser, project)) throw GitLabError.notFound("Project");
    if (projectLevel(this.store, this.currentUser, project) < level) throw GitLabError.forbidden();
    return project;
  }

  private requireReach(project: Project): void {
    const credential = this.identity?.credential;
    if (credential?.kind !== "job" || project.visibility !== "private") return;
    if (jobTokenReaches(this.store, credential.job, project)) return;
    const source = this.store.projects.get(credential.job.projectId);
    throw GitLabError.forbidden(
      `Authentication by CI/CD job token not allowed from ${source?.path} to ${project.path}.`,
    );
  }

  /** The group of `:id`, likewise. */
  group(level = 0): Group {
    const group = this.store.findGroup(this.path("id"));
    if (!group || !canReadGroup(this.store, this.currentUser, group)) throw GitLabError.notFound("Group");
    if (groupLevel(this.store, this.currentUser, group) < level) throw GitLabError.forbidden();
    return group;
  }

  /** Errors: 401 for anonymous, 403 for anyone who is no administrator. */
  requireAdmin(): User {
    if (!this.user.admin) throw GitLabError.forbidden();
    return this.user;
  }

  /** One page of rows, with GitLab's pagination headers. */
  page<Row, Shown>(rows: readonly Row[], show: (row: Row) => Shown): Shown[] {
    const { request, response, raw } = this;
    return paginate(rows, { request, response, raw, url: this.store.url }).map(show);
  }

  status(code: number): this {
    this.response.status(code);
    return this;
  }
}
