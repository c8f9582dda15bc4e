import { type ChildProcess, spawn } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex, Readable, Writable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { GitService } from "./git-authentication";
import { gitEnvironment } from "./git-environment";
import { type HookAnswer, type HookCall, serveHooks } from "./hook-channel";

/** A request that passed every check, on its way to Git. */
export interface ServiceRequest {
  /** Folder of the bare repository. */
  readonly repository: string;
  readonly service: GitService;
  /** Asks what there is (`info/refs`), before anything is sent. */
  readonly advertisement: boolean;
  /** The user who pushes or fetches; null = anonymous. */
  readonly username: string | null;
  /** Holds the hooks; see `installHooks`. */
  readonly hooksDirectory: string;
  /** Decides on a push, then learns that it was done. */
  readonly onHook: (call: HookCall) => Promise<HookAnswer>;
}

/** The time that a Git process may take to end by itself after its client went away, in milliseconds. */
const GRACE = 5_000;

const NO_CACHE = {
  Expires: "Fri, 01 Jan 1980 00:00:00 GMT",
  Pragma: "no-cache",
  "Cache-Control": "no-cache, max-age=0, must-revalidate",
};

/** Runs `git upload-pack` and `git receive-pack` (gitprotocol-http), one group of processes a request, and forgets none of them. */
export class GitServiceProcesses {
  private readonly running = new Set<ChildProcess>();
  /** The answer of version 2 to what Git can do, which is the same for every repository and client. */
  private capabilities: Buffer | undefined;

  /** Streams the request in and the answer out; resolves when the process and the answer are both done with. */
  async serve(asked: ServiceRequest, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const unfit = asked.advertisement ? undefined : unfitType(asked.service, request);
    if (unfit !== undefined) {
      refuse(request, response, 415, unfit);
      return;
    }
    const isGeneral = asksCapabilities(asked, request);
    if (isGeneral && this.capabilities) {
      writeHead(asked, request, response);
      response.end(this.capabilities);
      return;
    }
    // A group of its own, so that index-pack and hooks end with it.
    const child = spawn("git", argumentsFor(asked), {
      env: environment(asked, request),
      stdio: ["pipe", "pipe", "pipe", "pipe"],
      detached: true,
    });
    this.running.add(child);
    const [stdin, stdout, stderr, channel] = child.stdio as unknown as [Writable, Readable, Readable, Duplex];
    serveHooks(channel, asked.onHook);
    response.on("close", () => {
      if (!response.writableFinished) abandon(child, asked.service);
    });
    // Either end may go away at any time; "close" and the exit code say so.
    stdin.on("error", () => undefined);
    response.on("error", () => undefined);
    const body = bodyOf(request);
    body.pipe(stdin);
    body.on("error", () => stdin.destroy());
    const complaint = collect(stderr);
    const answer: Buffer[] = [];
    if (isGeneral) stdout.on("data", (chunk: Buffer) => answer.push(chunk));
    try {
      const [code] = await Promise.all([exitOf(child), relay(stdout, asked, request, response)]);
      if (!response.headersSent && code !== 0) {
        refuse(request, response, 500, unanswered(asked.service, code, complaint()));
        return;
      }
      if (!response.headersSent) writeHead(asked, request, response);
      response.end();
      if (isGeneral && code === 0) this.capabilities = Buffer.concat(answer);
    } finally {
      this.running.delete(child);
      channel.destroy();
      body.unpipe(stdin);
      request.resume();
    }
  }

  /** Ends what still runs. */
  async close(): Promise<void> {
    const ends = [...this.running].map((child) => exitOf(child));
    for (const child of this.running) endGroup(child);
    await Promise.all(ends);
  }
}

function argumentsFor({ repository, service, advertisement }: ServiceRequest): string[] {
  return [
    service.replace(/^git-/, ""),
    "--stateless-rpc",
    // Its newer name, --http-backend-info-refs, is not known to Git before 2.34.
    ...(advertisement ? ["--advertise-refs"] : []),
    repository,
  ];
}

function environment({ username, hooksDirectory }: ServiceRequest, request: IncomingMessage): NodeJS.ProcessEnv {
  const protocol = request.headers["git-protocol"];
  const user = username ?? "anonymous";
  return {
    ...gitEnvironment(),
    ...configuration({
      "core.hooksPath": hooksDirectory,
      "receive.advertisePushOptions": "true",
      // The hook refuses it, with GitLab's text.
      "receive.denyDeleteCurrent": "ignore",
      // GitLab's own refs: clients may not write them.
      "receive.hideRefs": "refs/merge-requests",
      "uploadpack.allowFilter": "true",
      "uploadpack.allowAnySHA1InWant": "true",
      "gc.auto": "0",
      "maintenance.auto": "false",
      "receive.autogc": "false",
    }),
    LC_ALL: "C",
    // Whom the reflog names.
    GIT_COMMITTER_NAME: user,
    GIT_COMMITTER_EMAIL: `${user}@http.${request.socket.remoteAddress ?? "(none)"}`,
    ...(typeof protocol === "string" ? { GIT_PROTOCOL: protocol } : {}),
  };
}

/** Settings for this process and those it starts, as `git -c` would give them. */
function configuration(settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { GIT_CONFIG_COUNT: String(Object.keys(settings).length) };
  Object.entries(settings).forEach(([key, value], position) => {
    environment[`GIT_CONFIG_KEY_${position}`] = key;
    environment[`GIT_CONFIG_VALUE_${position}`] = value;
  });
  return environment;
}

/** Says what is wrong with the content type of what was posted; undefined when nothing is. */
function unfitType(service: GitService, request: IncomingMessage): string | undefined {
  const [wanted, got] = [`application/x-${service}-request`, request.headers["content-type"] ?? ""];
  return got === wanted ? undefined : `Expected POST with Content-Type '${wanted}', but received '${got}' instead.\n`;
}

/** The body that was posted, unpacked. */
function bodyOf(request: IncomingMessage): Readable {
  const packed = /^(x-)?gzip$/.test(request.headers["content-encoding"] ?? "");
  return packed ? request.pipe(createGunzip()) : request;
}

/** Copies an answer, once there is one. Resolves at its end, or when the client is gone. */
function relay(
  stdout: Readable,
  asked: ServiceRequest,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  return new Promise((resolve) => {
    stdout.once("data", (chunk: Buffer) => {
      writeHead(asked, request, response);
      response.write(chunk);
      stdout.pipe(response, { end: false });
    });
    stdout.on("close", resolve);
    response.on("close", () => {
      stdout.unpipe(response);
      stdout.resume();
    });
  });
}

function writeHead(
  { service, advertisement }: ServiceRequest,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const type = `application/x-${service}-${advertisement ? "advertisement" : "result"}`;
  response.writeHead(200, { ...NO_CACHE, "Content-Type": type });
  if (!advertisement || speaksVersion2(request)) return;
  const line = `# service=${service}\n`;
  response.write(`${(line.length + 4).toString(16).padStart(4, "0")}${line}0000`);
}

/** Version 2 tells a fetching client what this Git can do, and nothing of the repository (gitprotocol-v2). */
const asksCapabilities = ({ service, advertisement }: ServiceRequest, request: IncomingMessage): boolean =>
  advertisement && service === "git-upload-pack" && speaksVersion2(request);

/** Of the versions that a client names the highest one counts. */
function speaksVersion2(request: IncomingMessage): boolean {
  const named = String(request.headers["git-protocol"] ?? "").split(":");
  return named.includes("version=2");
}

function unanswered(service: GitService, code: number | null, complaint: string): string {
  const program = service.replace("-", " ");
  return `${program} ended with exit code ${code} and without an answer: ${complaint || "it said nothing"}. Is Git installed?\n`;
}

function refuse(request: IncomingMessage, response: ServerResponse, status: number, text: string): void {
  // What the client has begun to send must be read, else it meets a broken pipe before it reads the answer.
  request.resume();
  if (response.destroyed) return;
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8" });
  response.end(text);
}

/** The exit code; null when it was ended by a signal or never started. */
function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode);
    child.once("error", () => resolve(null));
    child.once("close", (code) => resolve(code));
  });
}

/** Keeps the end of what a process complains about. */
function collect(stderr: Readable): () => string {
  let text = "";
  stderr.on("data", (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-2_000);
  });
  return () => text.trim();
}

/** Nobody reads the answer any more: a fetch may end where it is, a push must still clear its quarantine away. */
function abandon(child: ChildProcess, service: GitService): void {
  child.stdin?.end();
  if (service !== "git-receive-pack") {
    endGroup(child);
    return;
  }
  const timer = setTimeout(() => endGroup(child), GRACE);
  timer.unref();
  child.once("close", () => clearTimeout(timer));
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  signalGroup(child.pid, "SIGTERM");
  const timer = setTimeout(() => signalGroup(child.pid!, "SIGKILL"), GRACE);
  timer.unref();
  child.once("close", () => clearTimeout(timer));
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
