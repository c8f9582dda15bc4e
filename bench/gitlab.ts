/** A call as GitLab answered it. */
export interface LoggedCall {
  readonly method: string;
  /** Percent-decoded, without the query. */
  readonly path: string;
  readonly status: number;
  /** The time of the answer, ISO 8601. */
  readonly at: string;
}

/** The message that a runner gets of a job it starts. */
export interface StartedJob {
  readonly id: number;
  readonly variables: Readonly<Record<string, string>>;
}

/** The sandbox's GitLab as its API's clients see it, and the sandbox's own switches. */
export class GitLab {
  readonly url: string;
  private readonly adminToken: string;

  /** @param environment what the sandbox printed when it started */
  constructor({ GITLAB_BASE_URL, GITLAB_TOKEN }: NodeJS.ProcessEnv) {
    if (!GITLAB_BASE_URL || !GITLAB_TOKEN) throw new Error("the sandbox printed no GITLAB_BASE_URL and GITLAB_TOKEN");
    this.url = GITLAB_BASE_URL;
    this.adminToken = GITLAB_TOKEN;
  }

  /** One call of the REST API. @param route such as `GET projects/1/variables`. @throws Error unless it succeeds */
  api<T>(route: string, body?: object, token = this.adminToken): Promise<T> {
    return this.call(route, "api/v4", body, { "private-token": token });
  }

  /** Starts a job of a project's pipeline on a branch. */
  startJob(project: string, ref: string): Promise<StartedJob> {
    return this.call("POST jobs", "-/sandbox", { project, ref });
  }

  /** A personal access token of somebody. */
  async personalToken(username: string, scopes: readonly string[]): Promise<string> {
    const [user] = await this.api<{ id: number }[]>(`GET users?username=${username}`);
    if (!user) throw new Error(`there is no user ${username}`);
    const made = await this.api<{ token: string }>(`POST users/${user.id}/personal_access_tokens`, {
      name: "bench",
      scopes,
    });
    return made.token;
  }

  /** Answers every call from now on whose path matches that much later. @param milliseconds 0 = none is held back any more */
  async hold(path: string, milliseconds: number): Promise<void> {
    await this.call("DELETE faults", "-/sandbox");
    if (milliseconds === 0) return;
    await this.call("POST faults", "-/sandbox", { path, delay_ms: milliseconds, times: Number.MAX_SAFE_INTEGER });
  }

  /** Answers 500 to everything but the first so many calls from now on. @param after undefined = to nothing any more */
  async fail(after?: number): Promise<void> {
    await this.call("DELETE faults", "-/sandbox");
    if (after === undefined) return;
    await this.call("POST faults", "-/sandbox", { after, status: 500, times: Number.MAX_SAFE_INTEGER });
  }

  /** The calls since {@link forgetCalls}, in the order of their answers. */
  calls(): Promise<LoggedCall[]> {
    return this.call("GET requests", "-/sandbox");
  }

  async forgetCalls(): Promise<void> {
    await this.call("DELETE requests", "-/sandbox");
  }

  private async call<T>(route: string, base: string, body?: object, headers: Record<string, string> = {}): Promise<T> {
    const [method, path] = route.split(" ");
    const response = await fetch(`${this.url}/${base}/${path}`, {
      method,
      headers: { ...headers, ...(body ? { "content-type": "application/json" } : {}) },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`expected success of ${route}; got ${response.status}: ${text.slice(0, 1000)}`);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }
}
