import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import express from "express";
import { type GitHttp, gitHttp } from "../../sandbox/git/git-http";
import { createPipeline, startJob } from "../../sandbox/model/ci/jobs";
import { Clock } from "../../sandbox/model/clock";
import { createGroup } from "../../sandbox/model/groups/groups";
import type { Edition, Settings, Visibility } from "../../sandbox/model/instance/settings";
import { AccessLevel } from "../../sandbox/model/members/access-level";
import type { Project } from "../../sandbox/model/projects/project";
import { createProject, repositoryOf } from "../../sandbox/model/projects/projects";
import type { AccessEntry, ProtectedBranch } from "../../sandbox/model/protected-refs/protected-branch";
import { protectDefaultBranch, roleEntry } from "../../sandbox/model/protected-refs/protected-refs";
import { Store } from "../../sandbox/model/store";
import { createPersonalToken } from "../../sandbox/model/tokens/personal-access-tokens";
import { createResourceToken } from "../../sandbox/model/tokens/resource-access-tokens";
import type { User } from "../../sandbox/model/users/user";
import { createUser } from "../../sandbox/model/users/users";

export interface GitServerOptions {
  readonly edition?: Edition;
  readonly settings?: Partial<Settings>;
}

export interface ProjectOptions {
  /** @default "private" */
  readonly visibility?: Visibility;
  /** Files of a first commit on `main`, which is then the protected default branch; null leaves it empty. */
  readonly files?: Readonly<Record<string, string>> | null;
}

/** The day all tests of Git happen on. */
export const TODAY = "2030-06-15";

/** A sandbox of Git alone, with its model at hand. */
export class GitServer {
  readonly root: User;
  private projects = 0;

  private constructor(
    readonly store: Store,
    private readonly git: GitHttp,
    private readonly server: Server,
  ) {
    this.root = createUser(store, { username: "root", admin: true });
    createGroup(store, this.root, { path: "xlink", visibility: "public" });
  }

  static async start(options: GitServerOptions = {}): Promise<GitServer> {
    const directory = mkdtempSync(join(tmpdir(), "git-server-"));
    const clock = new Clock(() => new Date(`${TODAY}T12:00:00Z`));
    const store = new Store({ directory, clock, ...options });
    const git = gitHttp(store);
    const server = createServer(express().use(git));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    store.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return new GitServer(store, git, server);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await this.git.close();
    await new Promise((resolve) => this.server.close(resolve));
    await rm(this.store.directory, { recursive: true, force: true });
  }

  /** A project of its own for one test, in the group `xlink`. */
  async project(options: ProjectOptions = {}): Promise<Project> {
    this.projects += 1;
    const project = await createProject(this.store, this.root, {
      path: `app-${this.projects}`,
      namespace: this.store.namespaceByPath("xlink")!,
      visibility: options.visibility ?? "private",
    });
    const files = options.files === undefined ? { "README.md": "read me\n" } : options.files;
    if (files) await this.seed(project, "main", files);
    return project;
  }

  /** Commits past Git over HTTP, as the API would. */
  async seed(project: Project, branch: string, files: Readonly<Record<string, string>>): Promise<string> {
    const id = await repositoryOf(this.store, project).writeCommit({
      branch,
      message: `Seed ${branch}`,
      ...(project.defaultBranch ? { startFrom: project.defaultBranch } : {}),
      changes: Object.entries(files).map(([path, text]) => ({ action: "create", path, content: Buffer.from(text) })),
      author: { name: "Seed", email: "seed@example.com", date: this.store.clock.now() },
    });
    if (project.defaultBranch === null) {
      project.defaultBranch = branch;
      protectDefaultBranch(this.store, project);
    }
    return id;
  }

  /** A person with a role in a project. */
  member(project: Project, accessLevel: number): User {
    const user = createUser(this.store, { username: `user-${this.store.users.size}` });
    this.store.memberships.set({
      userId: user.id,
      source: "project",
      sourceId: project.id,
      accessLevel,
      expiresAt: null,
      createdAt: this.store.clock.timestamp(),
      createdById: this.root.id,
    });
    return user;
  }

  personalToken(user: User, ...scopes: string[]): string {
    return createPersonalToken(this.store, user, { name: "personal", scopes }).value;
  }

  /** A project access token as the constructs make it: `write_repository` and Developer unless told otherwise. */
  bot(project: Project, options: { accessLevel?: number; scopes?: string[]; expiresAt?: string } = {}) {
    return createResourceToken(
      this.store,
      this.root,
      { source: "project", project },
      {
        name: "bot",
        scopes: options.scopes ?? ["write_repository"],
        accessLevel: options.accessLevel ?? AccessLevel.Developer,
        ...(options.expiresAt ? { expiresAt: options.expiresAt } : {}),
      },
    );
  }

  /** A running job's CI_JOB_TOKEN. */
  job(project: Project, user: User) {
    const pipeline = createPipeline(this.store, project, user, { ref: "main", sha: "0".repeat(40), source: "push" });
    return startJob(this.store, pipeline);
  }

  /** Adds a rule; levels or entries of `push` and `merge`, Maintainers unless told otherwise. */
  protect(
    project: Project,
    name: string,
    options: { push?: number | AccessEntry[]; merge?: number; allowForcePush?: boolean } = {},
  ): ProtectedBranch {
    const { push = AccessLevel.Maintainer } = options;
    return this.store.protectedBranches.insert({
      id: this.store.protectedBranches.nextId(),
      source: "project",
      sourceId: project.id,
      name,
      allowForcePush: options.allowForcePush ?? false,
      codeOwnerApprovalRequired: false,
      push: typeof push === "number" ? [roleEntry(this.store, push)] : push,
      merge: [roleEntry(this.store, options.merge ?? AccessLevel.Maintainer)],
      unprotect: [],
    });
  }

  /** The URL a job would use. */
  remote(project: Project | string, secret?: string, username = "gitlab-ci-token"): string {
    const path = typeof project === "string" ? project : this.store.projectFullPath(project);
    const credentials = secret === undefined ? "" : `${username}:${secret}@`;
    return `${this.store.url.replace("http://", `http://${credentials}`)}/${path}.git`;
  }
}
