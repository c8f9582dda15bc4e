import type { Sandbox } from "../../sandbox/sandbox";

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  readonly body: any;
  readonly headers: Headers;
}

type Body = Record<string, unknown> | readonly unknown[] | undefined;

/** An ordinary JSON client of a sandbox's API, for one token. */
export class ApiClient {
  constructor(
    readonly url: string,
    readonly token: string | undefined,
  ) {}

  static admin(sandbox: Sandbox): ApiClient {
    return new ApiClient(sandbox.url, sandbox.adminToken);
  }

  /** The same server seen with another token; undefined = anonymous. */
  as(token: string | undefined): ApiClient {
    return new ApiClient(this.url, token);
  }

  get(path: string): Promise<Answer> {
    return this.send("GET", path);
  }

  post(path: string, body?: Body): Promise<Answer> {
    return this.send("POST", path, body);
  }

  put(path: string, body?: Body): Promise<Answer> {
    return this.send("PUT", path, body);
  }

  patch(path: string, body?: Body): Promise<Answer> {
    return this.send("PATCH", path, body);
  }

  delete(path: string, body?: Body): Promise<Answer> {
    return this.send("DELETE", path, body);
  }

  /** A call of the sandbox's own control. */
  async control(method: string, path: string, body?: Body): Promise<Answer> {
    const response = await fetch(`${this.url}/-/sandbox/${path}`, {
      method,
      headers: { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return answerOf(response);
  }

  async send(method: string, path: string, body?: Body, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(`${this.url}/api/v4${path}`, {
      method,
      headers: {
        ...(this.token === undefined ? {} : { "PRIVATE-TOKEN": this.token }),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return answerOf(response);
  }

  /** A new person with a personal access token of scope `api`. */
  async newUser(username: string, scopes: readonly string[] = ["api"]): Promise<{ id: number; api: ApiClient }> {
    const created = await this.post("/users", {
      username,
      name: username,
      email: `${username}@example.com`,
      force_random_password: true,
    });
    const { id } = created.body as { id: number };
    const token = await this.post(`/users/${id}/personal_access_tokens`, { name: "test", scopes });
    return { id, api: this.as(token.body.token) };
  }
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const json = (response.headers.get("content-type") ?? "").includes("application/json") && text !== "";
  return { status: response.status, body: json ? JSON.parse(text) : text, headers: response.headers };
}
