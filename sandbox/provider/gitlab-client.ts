import http from "node:http";
import https from "node:https";
import { GitLabApiError } from "./gitlab-api-error";
import { type Backoff, backoffAfter, isRetriedStatus, isRetriedTransportError, wait } from "./retry-policy";

export interface GitLabClientOptions {
  /** With or without `/api/v4/`. */
  readonly baseUrl: string;
  readonly token: string;
  /** Tries after the first one. */
  readonly retries: number;
  readonly backoff: Backoff;
  /** Sent with every call. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: Pick<https.AgentOptions, "ca" | "cert" | "key" | "rejectUnauthorized">;
  /** Ends waits between tries when Terraform is interrupted. */
  readonly signal: () => AbortSignal;
}

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly rateLimitReset?: string;
}

/** Freed sockets are dropped before a server's usual 5 s, as a write on a socket that is just being closed is not repeated. */
const IDLE_SOCKET_MS = 3_000;

/**
 * GitLab's REST API v4, called as the provider's Go client calls it: bearer token, JSON bodies, ten retries.
 * The client's pacing to two thirds of `RateLimit-Limit` is left out: it changes no outcome.
 */
export class GitLabClient {
  readonly #root: URL;
  readonly #agent: http.Agent;

  constructor(private readonly options: GitLabClientOptions) {
    this.#root = apiRoot(options.baseUrl);
    const pool = { keepAlive: true, timeout: IDLE_SOCKET_MS };
    this.#agent =
      this.#root.protocol === "https:" ? new https.Agent({ ...pool, ...options.tls }) : new http.Agent(pool);
  }

  get<T>(path: string, options?: RequestOptions): Promise<T> {
    return this.#call("GET", path, options);
  }

  post<T>(path: string, body: object): Promise<T> {
    return this.#call("POST", path, { body });
  }

  put<T>(path: string, options: RequestOptions): Promise<T> {
    return this.#call("PUT", path, options);
  }

  patch<T>(path: string, body: object): Promise<T> {
    return this.#call("PATCH", path, { body });
  }

  async delete(path: string, options?: RequestOptions): Promise<void> {
    await this.#call("DELETE", path, options);
  }

  /** The same instance, addressed with another token. */
  withToken(token: string): GitLabClient {
    return new GitLabClient({ ...this.options, token });
  }

  /** The run's interruption, for polls between calls. */
  get signal(): AbortSignal {
    return this.options.signal();
  }

  close(): void {
    this.#agent.destroy();
  }

  async #call<T>(method: string, path: string, { query, body }: RequestOptions = {}): Promise<T> {
    const url = new URL(path, this.#root);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    const answer = await this.#sendWithRetries(method, url, body === undefined ? undefined : JSON.stringify(body));
    if (answer.status < 200 || answer.status > 299) {
      throw new GitLabApiError(answer.status, method, shownUrl(url), answer.text);
    }
    return (answer.text === "" ? null : JSON.parse(answer.text)) as T;
  }

  async #sendWithRetries(method: string, url: URL, body: string | undefined): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const last = attempt > this.options.retries;
      let answer: Answer | null = null;
      try {
        answer = await this.#send(method, url, body);
        if (last || !isRetriedStatus(answer.status)) return answer;
      } catch (error) {
        if (last || !isRetriedTransportError(method, error)) throw transportError(method, url, attempt, error);
      }
      await wait(backoffAfter(attempt, answer, this.options.backoff), this.signal);
    }
  }

  #send(method: string, url: URL, body: string | undefined): Promise<Answer> {
    const { promise, resolve, reject } = withResolvers<Answer>();
    const headers: http.OutgoingHttpHeaders = {
      accept: "application/json",
      "user-agent": "terraform-provider-gitlab (sandbox stand-in)",
      ...this.options.headers,
      authorization: `Bearer ${this.options.token}`,
      ...(body === undefined
        ? {}
        : { "content-type": "application/json", "content-length": Buffer.byteLength(body).toString() }),
    };
    const transport = url.protocol === "https:" ? https : http;
    const request = transport.request(url, { method, headers, agent: this.#agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const reset = response.headers["ratelimit-reset"];
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(chunks).toString("utf8"),
          rateLimitReset: typeof reset === "string" ? reset : undefined,
        });
      });
    });
    request.on("error", reject);
    request.end(body);
    return promise;
  }
}

/** An id or a path as one segment of an API path. */
export function segment(idOrPath: string | number): string {
  return encodeURIComponent(String(idOrPath));
}

function apiRoot(baseUrl: string): URL {
  const root = new URL(baseUrl);
  if (!root.pathname.endsWith("/")) root.pathname += "/";
  if (!root.pathname.endsWith("/api/v4/")) root.pathname += "api/v4/";
  return root;
}

/** The Go client prints the path decoded and leaves the query out. */
function shownUrl(url: URL): string {
  return `${url.origin}${decodeURIComponent(url.pathname)}`;
}

function transportError(method: string, url: URL, attempts: number, error: unknown): Error {
  const cause = error instanceof Error ? error.message || String((error as { code?: unknown }).code) : String(error);
  return new Error(`${method} ${shownUrl(url)}: no answer after ${attempts} attempt(s): ${cause}`);
}

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: unknown) => void } {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
