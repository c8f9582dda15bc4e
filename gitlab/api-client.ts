import { setTimeout as sleep } from "node:timers/promises";
import { anyObject, type Form, oddField } from "./answer-form";
import { ApiError } from "./api-error";
import { plainBaseUrl } from "./base-url";
import { ExpectedError } from "./expected-error";
import { type AnswerHeaders, type HttpAnswer, httpCall } from "./http-call";
import { Limiter } from "./limiter";
import type { Problem } from "./problem";
import { retryDelay } from "./retry";

const CONCURRENCY = 8;
const TIMEOUT = 30_000;
const PER_PAGE = 100;

/** Pages of one list: a million entries. */
const MOST_PAGES = 10_000;

export interface ApiClientOptions {
  /** The address of GitLab, with or without `/api/v4`, as in `GITLAB_BASE_URL`. */
  readonly baseUrl: string;
  /** A personal, project or group access token. Sent as `PRIVATE-TOKEN`, to that address only, and shown nowhere. */
  readonly token: string;
  /** Calls at once. @default 8 */
  readonly concurrency?: number;
  /** The longest that an answer may take, in milliseconds. @default 30000 */
  readonly timeout?: number;
  /** Waits so many milliseconds before a call is made again. @default - the machine's clock */
  readonly wait?: (milliseconds: number) => Promise<unknown>;
}

/** Query parameters; those that are undefined are left out. `filter[environment_scope]` is written as it is. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** The segments of a path below `/api/v4`, each percent-encoded here: `["projects", "group/project", "access_tokens"]`. */
export type ApiPath = readonly (string | number)[];

/**
 * A thin client of GitLab's REST API v4: JSON, pages, limits, and errors in our words.
 * @see https://docs.gitlab.com/api/rest/
 */
export class ApiClient {
  /** Without `/api/v4` and a slash at the end. */
  readonly baseUrl: string;

  /** @throws ExpectedError when the address is none, or the token could not be a header; the message does not hold it */
  constructor(
    private readonly options: ApiClientOptions,
    private readonly limiter = new Limiter(options.concurrency ?? CONCURRENCY),
  ) {
    this.baseUrl = plainBaseUrl(options.baseUrl);
    // fetch would quote the value in its own message.
    if (!/^[\x21-\x7e]+$/.test(options.token)) throw new ExpectedError(unusableToken(options.token));
  }

  /** One object. @param form its fields; @default - any. @throws ApiError, as all here, also when the answer is none of a GitLab */
  async get<T>(path: ApiPath, query: Query = {}, form = anyObject as Form<T>): Promise<T> {
    return record<T>("GET", path, await this.call("GET", path, query), form);
  }

  /** A file, as it is. @throws ApiError */
  async text(path: ApiPath): Promise<string> {
    return checked("GET", path, await this.call("GET", path)).text;
  }

  /** Makes something. Whether it was made is unknown when the answer is lost: it is not asked for again. @throws ApiError */
  async post<T>(path: ApiPath, body: object): Promise<T> {
    return record<T>("POST", path, await this.call("POST", path, {}, body));
  }

  /** Changes something. @throws ApiError */
  async put<T>(path: ApiPath, body: object): Promise<T> {
    return record<T>("PUT", path, await this.call("PUT", path, {}, body));
  }

  /** Removes something. @throws ApiError; 404 when it is not there, which may be the work of a call whose answer was lost */
  async delete(path: ApiPath): Promise<void> {
    checked("DELETE", path, await this.call("DELETE", path));
  }

  /** All elements of a list, page by page; keyset pagination where `query` asks for it. @param form that of each. @throws ApiError */
  async list<T>(path: ApiPath, query: Query = {}, form = anyObject as Form<T>): Promise<T[]> {
    const all: T[] = [];
    const asked = new Set<string>();
    let next: Query | undefined = { per_page: PER_PAGE, ...query };
    while (next) {
      const answer: HttpAnswer = await this.call("GET", path, next);
      const body = parsed("GET", path, answer);
      if (!Array.isArray(body)) throw strange("GET", path, answer, "an answer that is no list");
      const odd = body.find((each) => !form.fits(each));
      if (odd !== undefined)
        throw strange("GET", path, answer, oddText(odd, form, "an answer that is no list of objects"));
      for (const each of body) all.push(form.read(each));
      asked.add(JSON.stringify(next));
      next = nextPage(answer.headers, next);
      if (next && (asked.size >= MOST_PAGES || asked.has(JSON.stringify(next))))
        throw strange("GET", path, answer, "a list without an end");
    }
    return all;
  }

  /** The same GitLab seen with another token, under the same limit. @throws ExpectedError as the constructor does */
  as(token: string): ApiClient {
    return new ApiClient({ ...this.options, token }, this.limiter);
  }

  private async call(method: Method, path: ApiPath, query: Query = {}, body?: object): Promise<HttpAnswer> {
    return this.limiter.run(async () => {
      for (let attempt = 0; ; attempt += 1) {
        const answer = await this.send(method, path, query, body);
        const { status } = answer;
        const delay = mayHaveActed(method, status) ? undefined : retryDelay(answer, attempt, Date.now());
        if (delay === undefined) return { ...answer, text: this.quotable(answer) };
        await (this.options.wait ?? sleep)(delay);
      }
    });
  }

  /** The text of an answer, of a redirect its address. A proxy may show in its error what it was sent. */
  private quotable({ status, headers, text }: HttpAnswer): string {
    if (status < 300) return text;
    return (status < 400 ? redirected(headers) : text).replaceAll(this.options.token, "[a token]");
  }

  private async send(method: Method, path: ApiPath, query: Query, body?: object): Promise<HttpAnswer> {
    const timeout = this.options.timeout ?? TIMEOUT;
    try {
      return await httpCall(this.url(path, query), {
        method,
        headers: { "PRIVATE-TOKEN": this.options.token, Accept: "application/json" },
        body,
        signal: AbortSignal.timeout(timeout),
      });
    } catch (error) {
      if (error instanceof ExpectedError) throw error;
      throw ApiError.unanswered(`${callOf(method, path)} at ${this.baseUrl}`, error, timeout);
    }
  }

  private url(path: ApiPath, query: Query): URL {
    const url = new URL(`${this.baseUrl}/api/v4${encoded(path)}`);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    return url;
  }
}

type Method = "GET" | "POST" | "PUT" | "DELETE";

/** A proxy's 502 or 503 may hide that GitLab made what was asked for; 429 says that it did not. */
const mayHaveActed = (method: Method, status: number): boolean => method === "POST" && status !== 429;

const encoded = (path: ApiPath): string => path.map((segment) => `/${encodeURIComponent(segment)}`).join("");

const callOf = (method: string, path: ApiPath): string => `${method} ${encoded(path)}`;

/** @throws ApiError when it is no success */
function checked(method: Method, path: ApiPath, answer: HttpAnswer): HttpAnswer {
  const { status, text } = answer;
  if (status >= 200 && status < 300) return answer;
  throw ApiError.answered(callOf(method, path), status, text);
}

/** @throws ApiError when it is no success, or no JSON */
function parsed(method: Method, path: ApiPath, answer: HttpAnswer): unknown {
  const body = jsonIn(checked(method, path, answer).text);
  if (body !== undefined) return body;
  throw strange(method, path, answer, NO_JSON);
}

/** @throws ApiError when it is no success, or no object in JSON of that form */
function record<T>(method: Method, path: ApiPath, answer: HttpAnswer, form = anyObject as Form<T>): T {
  const body = parsed(method, path, answer);
  if (form.fits(body)) return form.read(body);
  throw strange(method, path, answer, oddText(body, form, NO_JSON));
}

const NO_JSON = "an answer that is no JSON of GitLab's";

function oddText(value: unknown, form: Form, otherwise: string): string {
  const field = oddField(value, form);
  return field === undefined ? otherwise : `an answer with another ${field} than GitLab's have`;
}

const strange = (method: Method, path: ApiPath, { status }: HttpAnswer, got: string): ApiError =>
  ApiError.answered(callOf(method, path), status, got);

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const redirected = (headers: AnswerHeaders): string =>
  `a redirect to ${headers.get("location")?.split("?")[0] ?? "elsewhere"}`;

/** The base of a `Link` that is relative. */
const ANY = "http://gitlab.invalid";

/**
 * The query that asks for the page after, or undefined at the end. Of a `Link` only the parameters are taken: behind a proxy its address may be
 * another one, and the token goes to ours only.
 */
function nextPage(headers: AnswerHeaders, query: Query): Query | undefined {
  const page = headers.get("x-next-page");
  if (page) return { ...query, page };
  const link = /<([^>]+)>\s*;\s*rel="?next"?/.exec(headers.get("link") ?? "")?.[1];
  if (!link || !URL.canParse(link, ANY)) return undefined;
  return { ...query, ...Object.fromEntries(new URL(link, ANY).searchParams) };
}

const unusableToken = (token: string): Problem => ({
  got: `a token ${token === "" ? "that is empty" : "with blanks, line ends or characters outside ASCII"}`,
  allowed: "the value as GitLab showed it",
  fix: "copy it anew, without a line end",
});
