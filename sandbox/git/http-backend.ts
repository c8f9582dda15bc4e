import { type ChildProcess, spawn } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex, Readable, Writable } from "node:stream";
import { gitEnvironment } from "./git-environment";
import { type HookAnswer, type HookCall, serveHooks } from "./hook-channel";

/** A request that passed every check, on its way to `git http-backend`. */
export interface BackendRequest {
  /** Folder of the bare repository. */
  readonly repository: string;
  /** The part of the URL after the repository: `info/refs`, `git-upload-pack` or `git-receive-pack`. */
  readonly action: string;
  /** `service=…` of `info/refs`; empty otherwise. */
  readonly query: string;
  /** The user who pushes or fetches; null = anonymous. */
  readonly username: string | null;
  /** Holds the hooks; see `installHooks`. */
  readonly hooksDirectory: string;
  /** Decides on a push, then learns that it was done. */
  readonly onHook: (call: HookCall) => Promise<HookAnswer>;
}

/** The time that a Git process may take to end by itself after its client went away, in milliseconds. */
const GRACE = 5_000;

/** The most a CGI header may take before the process is taken for something else, in bytes. */
const HEADER_LIMIT = 64 * 1024;

/** Runs `git http-backend` (CGI), one group of processes a request, and forgets none of them. */
export class HttpBackend {
  private readonly running = new Set<ChildProcess>();

  /** Streams the request in and the answer out; resolves when the process and the answer are both done with. */
  async serve(backend: BackendRequest, request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A group of its own, so that upload-pack, index-pack and hooks end with it.
    const child = spawn("git", ["http-backend"], {
      env: cgiEnvironment(backend, request),
      stdio: ["pipe", "pipe", "pipe", "pipe"],
      detached: true,
    });
    this.running.add(child);
    const [stdin, stdout, stderr, channel] = child.stdio as unknown as [Writable, Readable, Readable, Duplex];
    serveHooks(channel, backend.onHook);
    response.on("close", () => {
      if (!response.writableFinished) abandon(child, backend.action);
    });
    // Either end may go away at any time; "close" and the exit code say so.
    stdin.on("error", () => undefined);
    response.on("error", () => undefined);
    request.pipe(stdin);
    const complaint = collect(stderr);
    try {
      const [code] = await Promise.all([exitOf(child), relay(stdout, response)]);
      if (!response.headersSent) refuse(response, code, complaint());
      else response.end();
    } finally {
      this.running.delete(child);
      channel.destroy();
      request.unpipe(stdin);
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

function cgiEnvironment(backend: BackendRequest, request: IncomingMessage): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {
    ...gitEnvironment(),
    ...configuration({
      "core.hooksPath": backend.hooksDirectory,
      "http.receivepack": "true",
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
    GIT_HTTP_EXPORT_ALL: "1",
    PATH_TRANSLATED: `${backend.repository}/${backend.action}`,
    REQUEST_METHOD: request.method,
    QUERY_STRING: backend.query,
    CONTENT_TYPE: request.headers["content-type"] ?? "",
    REMOTE_ADDR: request.socket.remoteAddress ?? "",
  };
  if (backend.username) environment.REMOTE_USER = backend.username;
  const { "content-length": length, "content-encoding": encoding, "git-protocol": protocol } = request.headers;
  if (length) environment.CONTENT_LENGTH = length;
  if (encoding) environment.HTTP_CONTENT_ENCODING = encoding;
  if (typeof protocol === "string") environment.GIT_PROTOCOL = protocol;
  return environment;
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

/** Copies a CGI answer: header lines, an empty line, the body. Resolves at its end, or when the client is gone. */
function relay(stdout: Readable, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    let head = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const end = headerEnd(head);
      if (!end && head.length < HEADER_LIMIT) return;
      stdout.off("data", onData);
      if (!end) {
        stdout.resume();
        return;
      }
      writeHead(response, head.subarray(0, end.header).toString("latin1"));
      response.write(head.subarray(end.body));
      stdout.pipe(response, { end: false });
    };
    stdout.on("data", onData);
    stdout.on("close", resolve);
    response.on("close", () => {
      stdout.unpipe(response);
      stdout.resume();
    });
  });
}

function headerEnd(head: Buffer): { header: number; body: number } | undefined {
  for (const separator of ["\r\n\r\n", "\n\n"]) {
    const at = head.indexOf(separator);
    if (at >= 0) return { header: at, body: at + separator.length };
  }
  return undefined;
}

function writeHead(response: ServerResponse, head: string): void {
  response.statusCode = 200;
  for (const line of head.split(/\r?\n/)) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    if (name.toLowerCase() === "status") response.statusCode = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
}

function refuse(response: ServerResponse, code: number | null, complaint: string): void {
  if (response.destroyed) return;
  response.statusCode = 500;
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.end(
    `git http-backend ended with exit code ${code} and without an answer: ${complaint || "it said nothing"}. Is a complete Git (with http-backend; Alpine calls it git-daemon) installed?\n`,
  );
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
function abandon(child: ChildProcess, action: string): void {
  child.stdin?.end();
  if (action !== "git-receive-pack") {
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
