import type { Call } from "./call";

export interface RouteOptions {
  /** Anonymous callers come through to the handler. @default false: 401 */
  readonly anonymous?: boolean;
  /** Running jobs may call it with their CI_JOB_TOKEN. @default false: 401 */
  readonly jobToken?: boolean;
  /** A runner's call: the handler looks at the job's token itself. @default false */
  readonly runner?: boolean;
  /** Token scopes that suffice besides `api` (and, for reading, `read_api`). */
  readonly scopes?: readonly string[];
}

/** One endpoint. What the handler returns is the JSON answer; undefined answers 204. */
export interface Route extends RouteOptions {
  readonly method: "get" | "post" | "put" | "patch" | "delete" | "head";
  /** Below `/api/v4`, in Express's notation. */
  readonly path: string;
  readonly handle: (call: Call) => unknown;
}

type Handler = Route["handle"];

export function get(path: string, handle: Handler, options: RouteOptions = {}): Route {
  return { method: "get", path, handle, ...options };
}

/** Answers 201 unless the handler sets another status. */
export function post(path: string, handle: Handler, options: RouteOptions = {}): Route {
  return { method: "post", path, handle, ...options };
}

export function put(path: string, handle: Handler, options: RouteOptions = {}): Route {
  return { method: "put", path, handle, ...options };
}

export function patch(path: string, handle: Handler, options: RouteOptions = {}): Route {
  return { method: "patch", path, handle, ...options };
}

export function del(path: string, handle: Handler, options: RouteOptions = {}): Route {
  return { method: "delete", path, handle, ...options };
}

/** An answer that is not JSON: a file, a trace, a state. */
export class RawAnswer {
  constructor(
    readonly content: Buffer | string,
    readonly contentType: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}
}
