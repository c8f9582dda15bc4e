import type { NextFunction, Request, RequestHandler, Response } from "express";
import type { Project } from "../model/projects/project";
import { repositoryOf } from "../model/projects/projects";
import type { Store } from "../model/store";
import { checkGitProject, checkGitRequest } from "./git-access";
import { authenticateGit, basicCredentials, type GitActor, type GitService, isUser } from "./git-authentication";
import { GitRefusal } from "./git-refusal";
import { GitServiceProcesses } from "./git-service-process";
import type { HookAnswer, HookCall } from "./hook-channel";
import { installHooks } from "./hooks-directory";
import { LoginBan } from "./login-ban";
import { finishPush } from "./post-receive";
import { pushRefusal } from "./pre-receive";
import { createProjectOnPush, projectCreatedMessage } from "./push-to-create";

/** An Express handler, to be closed before its server's folder is taken away. */
export interface GitHttp extends RequestHandler {
  /** Ends the Git processes that still run. */
  close(): Promise<void>;
}

/** A URL of Git's smart HTTP protocol, taken apart. */
interface GitUrl {
  /** `group/project`, without `.git`. */
  readonly path: string;
  /** Tells whether the path ended in `.git`. */
  readonly complete: boolean;
  readonly action: "info/refs" | GitService;
}

/**
 * Git over smart HTTP at `/<group>/<project>.git`, as GitLab serves it: who may come in, whose branch is whose, and
 * what a push sets off. All other paths are passed on.
 */
export function gitHttp(store: Store): GitHttp {
  const server = new GitHttpServer(store);
  const handler: RequestHandler = (request, response, next) => {
    const url = gitUrl(request.path);
    if (!url || !isServed(request, url)) next();
    else if (request.method === "HEAD") response.status(403).end();
    else if (!url.complete) redirectToDotGit(request, response, url);
    else server.serve(request, response, url).catch((error: Error) => answerError(error, request, response, next));
  };
  return Object.assign(handler, { close: () => server.close() });
}

class GitHttpServer {
  private readonly processes = new GitServiceProcesses();
  private readonly ban: LoginBan;
  private readonly hooksDirectory: string;
  /** Projects that a push made, until the client was told so. */
  private readonly newProjects = new Set<number>();

  constructor(private readonly store: Store) {
    this.ban = new LoginBan(store);
    this.hooksDirectory = installHooks(store.directory);
  }

  async serve(request: Request, response: Response, url: GitUrl): Promise<void> {
    const { store } = this;
    const found = store.projectByPath(url.path);
    const named = serviceOf(request, url);
    const actor = authenticateGit(store, this.ban, {
      credentials: basicCredentials(request.headers.authorization),
      service: named,
      project: found,
      address: request.socket.remoteAddress ?? "",
    });
    if (isUser(actor)) response.locals.user = actor.user.username;
    const service = checkGitRequest(store, actor, named, url.path);
    const project = checkGitProject(store, actor, service, found ?? (await this.createProject(actor, service, url)));
    const asked = {
      repository: store.repositoryPath(project),
      service,
      advertisement: url.action === "info/refs",
      username: isUser(actor) ? actor.user.username : null,
      hooksDirectory: this.hooksDirectory,
      onHook: (hook: HookCall) => this.answerHook(actor, project, hook),
    };
    await this.processes.serve(asked, request, response);
  }

  async close(): Promise<void> {
    await this.processes.close();
    await Promise.all([...this.store.repositories.values()].map((repository) => repository.close()));
  }

  private async createProject(actor: GitActor, service: GitService, url: GitUrl): Promise<Project | undefined> {
    if (actor.kind !== "token" || service !== "git-receive-pack" || url.action !== "info/refs") return undefined;
    const project = await createProjectOnPush(this.store, actor.user, url.path);
    if (project) this.newProjects.add(project.id);
    return project;
  }

  private async answerHook(actor: GitActor, project: Project, call: HookCall): Promise<HookAnswer> {
    if (!isUser(actor)) return refused("You are not allowed to upload code for this project.");
    if (call.hook === "pre-receive") {
      const emptyRepository = await repositoryOf(this.store, project).isEmpty();
      const refusal = pushRefusal({ store: this.store, user: actor.user, project, emptyRepository }, call.changes);
      if (refusal !== undefined) return refused(refusal);
      const { serverHook } = this.store;
      return serverHook === undefined
        ? { accepted: true, lines: [] }
        : { accepted: false, lines: serverHook.split("\n") };
    }
    const messages = await finishPush(this.store, actor, project, call);
    if (this.newProjects.delete(project.id)) messages.push(projectCreatedMessage(this.store, project));
    return { accepted: true, lines: messages.flatMap((message) => ["", ...message.split("\n"), ""]) };
  }
}

function gitUrl(requestPath: string): GitUrl | undefined {
  const match = /^\/((?!api\/|-\/)[^/]+\/.+?)(\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(
    requestPath,
  );
  if (!match) return undefined;
  try {
    const path = decodeURIComponent(match[1]!);
    return { path, complete: match[2] !== undefined, action: match[3] as GitUrl["action"] };
  } catch {
    return undefined;
  }
}

/** The routes GitLab has: `info/refs` to read, the services to post to; without `.git` only a redirect. */
function isServed(request: Request, url: GitUrl): boolean {
  if (url.action === "info/refs") {
    const readable = request.method === "GET" || request.method === "HEAD";
    return readable && (url.complete || typeof request.query.service === "string");
  }
  return request.method === "POST" && url.complete;
}

function serviceOf(request: Request, url: GitUrl): GitService | undefined {
  const service = url.action === "info/refs" ? request.query.service : url.action;
  return service === "git-upload-pack" || service === "git-receive-pack" ? service : undefined;
}

function redirectToDotGit(request: Request, response: Response, url: GitUrl): void {
  const query = request.originalUrl.slice(request.originalUrl.indexOf("?"));
  response.redirect(301, `/${url.path.split("/").map(encodeURIComponent).join("/")}.git/info/refs${query}`);
}

function answerError(error: Error, request: Request, response: Response, next: NextFunction): void {
  if (!(error instanceof GitRefusal)) {
    next(error);
    return;
  }
  // What the client has begun to send must be read, else it meets a broken pipe before it reads the answer.
  request.resume();
  response.status(error.status).set(error.headers).type("text/plain").send(error.message);
}

/** Gitaly prints what the pre-receive hook refuses with `GitLab: ` before it. */
function refused(text: string): HookAnswer {
  return { accepted: false, lines: `GitLab: ${text}`.split("\n") };
}
