import http from "node:http";
import type { AddressInfo } from "node:net";
import { GitLabApiError } from "../../../sandbox/provider/gitlab-api-error";
import { GitLabClient } from "../../../sandbox/provider/gitlab-client";
import { type Backoff, backoffAfter, DEFAULT_BACKOFF } from "../../../sandbox/provider/retry-policy";

type Step =
  | number
  | "reset"
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string };

/** Answers call after call by a script; the last step is repeated. */
class ScriptedServer {
  readonly calls: { method: string; url: string; authorization?: string; body: string }[] = [];
  #steps: readonly Step[] = [];

  private constructor(private readonly server: http.Server) {}

  static async start(): Promise<ScriptedServer> {
    const server = http.createServer();
    const scripted = new ScriptedServer(server);
    server.on("request", (request, response) => scripted.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return scripted;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  script(...steps: Step[]): void {
    this.calls.length = 0;
    this.#steps = steps;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      this.calls.push({ method, url, authorization: headers.authorization, body });
      const step = this.#steps[Math.min(this.calls.length, this.#steps.length) - 1]!;
      if (step === "reset") return void request.socket.resetAndDestroy();
      const { status, headers: extra = {}, body: answer = "{}" } = typeof step === "number" ? { status: step } : step;
      response.writeHead(status, { "content-type": "application/json", ...extra }).end(answer);
    });
  }
}

describe("GitLabClient", () => {
  let server: ScriptedServer;
  let client: GitLabClient;
  let interruption: AbortController;

  beforeAll(async () => {
    server = await ScriptedServer.start();
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    interruption = new AbortController();
    client = clientOf(server.url);
  });
  afterEach(() => client.close());

  function clientOf(baseUrl: string, backoff: Backoff = { serverError: [0, 1], rateLimit: 1 }): GitLabClient {
    return new GitLabClient({ baseUrl, token: "secret", retries: 10, backoff, signal: () => interruption.signal });
  }

  it("sends the bearer token, a JSON body and the query, below /api/v4", async () => {
    // GIVEN a server
    server.script(200);
    // WHEN a variable is updated
    await client.put("projects/a%2Fb/variables/KEY", {
      query: { "filter[environment_scope]": "*" },
      body: { value: "x" },
    });
    // THEN the call is GitLab's
    expect(server.calls).toEqual([
      {
        method: "PUT",
        url: "/api/v4/projects/a%2Fb/variables/KEY?filter%5Benvironment_scope%5D=*",
        authorization: "Bearer secret",
        body: '{"value":"x"}',
      },
    ]);
  });

  it.each(["", "/", "/api/v4", "/api/v4/"])("takes a base URL ending in %p", async (ending) => {
    server.script(200);
    const other = clientOf(`${server.url}${ending}`);
    await other.get("user");
    other.close();
    expect(server.calls[0]!.url).toBe("/api/v4/user");
  });

  it.each([
    { method: "GET", status: 429, calls: 3 },
    { method: "GET", status: 500, calls: 3 },
    { method: "GET", status: 502, calls: 3 },
    { method: "POST", status: 500, calls: 3 },
    { method: "POST", status: 502, calls: 3 },
    { method: "POST", status: 503, calls: 3 },
    { method: "DELETE", status: 502, calls: 3 },
    { method: "POST", status: 501, calls: 1 },
    { method: "POST", status: 400, calls: 1 },
    { method: "GET", status: 403, calls: 1 },
    { method: "POST", status: 409, calls: 1 },
  ])("$method answered $status twice, then 200: $calls call(s)", async ({ method, status, calls }) => {
    server.script(status, status, 200);
    await call(method).catch((error: unknown) => expect(error).toBeInstanceOf(GitLabApiError));
    expect(server.calls).toHaveLength(calls);
  });

  it("gives up after ten retries with the last answer", async () => {
    server.script({ status: 503, body: '{"message":"503 Service Unavailable"}' });
    await expect(client.post("projects/1/access_tokens", {})).rejects.toThrow(
      `POST ${server.url}/api/v4/projects/1/access_tokens: 503 {message: 503 Service Unavailable}`,
    );
    expect(server.calls).toHaveLength(11);
  });

  it.each([
    { method: "GET", calls: 2, outcome: "repeats a read" },
    { method: "POST", calls: 1, outcome: "does not repeat a write: it may have been done" },
    { method: "PUT", calls: 1, outcome: "does not repeat a write: it may have been done" },
    { method: "DELETE", calls: 1, outcome: "does not repeat a write: it may have been done" },
  ])("a reset connection: $method $outcome", async ({ method, calls }) => {
    server.script("reset", 200);
    await call(method).catch((error: unknown) => expect(String(error)).toContain("no answer after 1 attempt(s)"));
    expect(server.calls).toHaveLength(calls);
  });

  it("repeats a write whose connection was refused, as it was never sent", async () => {
    // GIVEN a port on which nobody listens
    const gone = await ScriptedServer.start();
    const { url } = gone;
    await gone.stop();
    const other = clientOf(url);
    // WHEN something is written THEN all tries are used
    await expect(other.post("x", {})).rejects.toThrow("no answer after 11 attempt(s)");
    other.close();
  });

  it("stops waiting when Terraform is interrupted", async () => {
    server.script(503);
    const patient = clientOf(server.url, { serverError: [60_000, 60_000], rateLimit: 60_000 });
    const pending = patient.get("user");
    setTimeout(() => interruption.abort(), 20);
    await expect(pending).rejects.toThrow("interrupted");
    patient.close();
  });

  it.each([
    { status: 400, body: '{"message":{"value":["is invalid"]}}', text: "400 {message: {value: [is invalid]}}" },
    { status: 422, body: '{"message":["one","two"]}', text: "422 {message: [one, two]}" },
    { status: 400, body: '{"error":"name is missing"}', text: "400 {error: name is missing}" },
    { status: 403, body: "Forbidden", text: "403 failed to parse unknown error format: Forbidden" },
    { status: 403, body: "", text: "403" },
  ])("words $status $body as the Go client does", async ({ status, body, text }) => {
    server.script({ status, body });
    await expect(client.get("projects/a%2Fb")).rejects.toThrow(`GET ${server.url}/api/v4/projects/a/b: ${text}`);
  });

  it("words 404 without an address", async () => {
    server.script({ status: 404, body: '{"message":"404 Project Not Found"}' });
    await expect(client.get("projects/1")).rejects.toThrow(/^404 Not Found$/);
  });

  function call(method: string): Promise<unknown> {
    if (method === "GET") return client.get("x");
    if (method === "POST") return client.post("x", {});
    if (method === "PUT") return client.put("x", { body: {} });
    return client.delete("x");
  }
});

describe("waits between tries", () => {
  it.each([1, 2, 10])("after a 5xx, try %i: 0.7 to 0.9 s times the try", (attempt) => {
    const milliseconds = backoffAfter(attempt, { status: 502 }, DEFAULT_BACKOFF);
    expect(milliseconds).toBeGreaterThanOrEqual(700 * attempt);
    expect(milliseconds).toBeLessThanOrEqual(900 * attempt);
  });

  it.each([
    [1, 100],
    [2, 200],
    [4, 800],
  ])("after a 429 without RateLimit-Reset, try %i: %i ms", (attempt, milliseconds) => {
    expect(backoffAfter(attempt, { status: 429 }, DEFAULT_BACKOFF)).toBe(milliseconds);
  });

  it("after a 429 with RateLimit-Reset: until then", () => {
    const reset = Math.ceil(Date.now() / 1000) + 5;
    const milliseconds = backoffAfter(1, { status: 429, rateLimitReset: String(reset) }, DEFAULT_BACKOFF);
    expect(milliseconds).toBeGreaterThan(3_000);
    expect(milliseconds).toBeLessThanOrEqual(6_000);
  });
});
