import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, reasonOf } from "../gitlab/api-error";
import { plainBaseUrl } from "../gitlab/base-url";
import { ExpectedError } from "../gitlab/expected-error";
import { httpCall } from "../gitlab/http-call";
import { retryDelay } from "../gitlab/retry";
import type { Secrets } from "./secrets";

/** The longest that an answer may take, in milliseconds. */
const TIMEOUT = 60_000;

/** Statuses of a server, or of a proxy before it, that has no time or is not there: they say nothing of what was asked. */
const AWAY: readonly (number | string | undefined)[] = [429, 502, 503, 504];

/** Tells whether an answer is none. */
export const isAway = (status: number | string | undefined): boolean => AWAY.includes(status);

/** The words of a server, a refusal too: both are what a case is about. */
export interface Answer {
  readonly status: number;
  /** JSON as it is; any other text as a text, but a page in a word; undefined: nothing. */
  readonly body: unknown;
}

/** The segments of a path below `/api/v4`, each percent-encoded here. */
export type Path = readonly (string | number)[];

/**
 * A GitLab seen with one token. Every answer comes back, a refusal too; it is an error when there is none, or none to the question: a
 * server that {@link isAway}, or that no longer takes the operator's own token, which is the run's.
 */
export class Server {
  /** Without `/api/v4` and a slash at the end. */
  readonly baseUrl: string;

  /**
   * @param signal ends calls that are under way, when the run is stopped; @default - nothing does
   * @param isOperators the token is the run's own
   */
  constructor(
    baseUrl: string,
    private readonly token: string,
    readonly secrets: Secrets,
    private readonly signal?: AbortSignal,
    private readonly isOperators = true,
  ) {
    this.baseUrl = plainBaseUrl(baseUrl);
    secrets.add(token);
    // fetch would quote the value in its own message.
    if (!/^[\x21-\x7e]+$/.test(token)) {
      throw new ExpectedError({
        got: "a GITLAB_TOKEN that is empty, or has blanks or characters outside ASCII",
        allowed: "the value as GitLab showed it",
        fix: "copy it anew, without a line end",
      });
    }
  }

  /** The same server seen with another token. */
  as(token: string): Server {
    return new Server(this.baseUrl, token, this.secrets, this.signal, false);
  }

  /** The same, for what is tidied up after a stop. */
  unstoppable(): Server {
    return new Server(this.baseUrl, this.token, this.secrets, undefined, this.isOperators);
  }

  get(path: Path, query: Query = {}): Promise<Answer> {
    return this.send("GET", path, { query });
  }

  post(path: Path, body?: object, query: Query = {}): Promise<Answer> {
    return this.send("POST", path, { query, body });
  }

  put(path: Path, body: object, query: Query = {}): Promise<Answer> {
    return this.send("PUT", path, { query, body });
  }

  patch(path: Path, body: object): Promise<Answer> {
    return this.send("PATCH", path, { body });
  }

  delete(path: Path, body?: object, query: Query = {}): Promise<Answer> {
    return this.send("DELETE", path, { query, body });
  }

  private async send(method: string, path: Path, { query, body }: { query?: Query; body?: object }): Promise<Answer> {
    for (let attempt = 0; ; attempt += 1) {
      const response = await this.once(method, path, query ?? {}, body);
      // Whether a write was done that a proxy answered with 502 nobody knows: only 429 says that it was not.
      const mayRepeat = method === "GET" || response.status === 429;
      const delay = mayRepeat ? retryDelay(response, attempt, Date.now()) : undefined;
      if (delay === undefined) {
        const { status, text } = response;
        if (!isAway(status) && !(status === 401 && this.isOperators)) return { status, body: this.noted(text) };
        throw ApiError.answered(`${method} /${path.join("/")}`, status, text);
      }
      await sleep(delay, undefined, { signal: this.signal }).catch(() => this.signal?.throwIfAborted());
    }
  }

  private async once(method: string, path: Path, query: Query, body?: object) {
    const url = new URL(`${this.baseUrl}/api/v4${path.map((segment) => `/${encodeURIComponent(segment)}`).join("")}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
    try {
      return await httpCall(url, {
        method,
        headers: { "PRIVATE-TOKEN": this.token, Accept: "application/json" },
        body,
        signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT), ...(this.signal ? [this.signal] : [])]),
      });
    } catch (error) {
      this.signal?.throwIfAborted();
      if (error instanceof ExpectedError) throw error;
      throw ApiError.unanswered(`${method} ${url.pathname}`, error, TIMEOUT);
    }
  }

  /** The body, after the values of tokens in it became known as secrets. */
  private noted(text: string): unknown {
    const body = bodyOf(text);
    const value = field(body, "token");
    if (typeof value === "string") this.secrets.add(value);
    return body;
  }
}

type Query = Readonly<Record<string, string | number | boolean>>;

function bodyOf(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text.trimStart().startsWith("<") ? reasonOf(text) : text;
  }
}

/** A field of what should be an object; undefined when it is none. */
export const field = (body: unknown, name: string): unknown =>
  typeof body === "object" && body !== null ? (body as Record<string, unknown>)[name] : undefined;
