import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiClient, type ApiClientOptions } from "../../gitlab/api-client";
import { ApiError } from "../../gitlab/api-error";

const TOKEN = "glpat-SecretSecretSecret1";

/** A server that answers as the test says, and what it was asked. */
class Stage {
  readonly seen: IncomingMessage[] = [];
  readonly waits: number[] = [];

  private constructor(private readonly server: Server) {}

  static async start(answer: (request: IncomingMessage, response: ServerResponse, call: number) => void) {
    const server = createServer((request, response) => {
      stage.seen.push(request);
      answer(request, response, stage.seen.length);
    });
    const stage = new Stage(server);
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return stage;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  client(options: Partial<ApiClientOptions> = {}): ApiClient {
    const wait = async (milliseconds: number) => this.waits.push(milliseconds);
    return new ApiClient({ baseUrl: this.url, token: TOKEN, wait, ...options });
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}

let stage: Stage;
afterEach(() => stage?.stop());

const json = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) =>
  response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(body));

describe("a call", () => {
  test.each([
    ["", "/api/v4"],
    ["/", "/api/v4"],
    ["/api/v4", "/api/v4"],
    ["/api/v4/", "/api/v4"],
    ["/gitlab/", "/gitlab/api/v4"],
  ])("GIVEN the address of GitLab with %j, goes to %s", async (suffix, prefix) => {
    stage = await Stage.start((_request, response) => json(response, 200, { id: 1 }));
    await stage.client({ baseUrl: `${stage.url}${suffix}` }).get(["version"]);
    expect(stage.seen[0]!.url).toBe(`${prefix}/version`);
  });

  test("carries the token in a header, and encodes paths and queries", async () => {
    stage = await Stage.start((_request, response) => json(response, 200, { id: 1 }));
    const query = { "filter[environment_scope]": "prod/*", state: undefined, simple: true };
    await stage.client().get(["projects", "xlink/git ops", "variables", "A_B"], query);
    expect(stage.seen[0]!.url).toBe(
      "/api/v4/projects/xlink%2Fgit%20ops/variables/A_B?filter%5Benvironment_scope%5D=prod%2F*&simple=true",
    );
    expect(stage.seen[0]!.headers["private-token"]).toBe(TOKEN);
    expect(stage.seen[0]!.url).not.toContain(TOKEN);
  });

  test.each(["gitlab.example.com", "ftp://gitlab.example.com", "", "https://me:pass@gitlab.example.com"])(
    "GIVEN the address %j, is refused before anything is sent",
    (baseUrl) => {
      const made = () => new ApiClient({ baseUrl, token: TOKEN });
      expect(made).toThrow(/^got GITLAB_BASE_URL .*; allowed: the address of a GitLab.*; fix: /);
      expect(made).not.toThrow(/pass@/);
    },
  );

  test.each([`${TOKEN}\n`, ` ${TOKEN}`, "glpat-sécret", ""])(
    "GIVEN a token that no header can carry (%#), is refused without showing it",
    (token) => {
      const made = () => new ApiClient({ baseUrl: "https://gitlab.example.com", token });
      expect(made).toThrow(/^got a token .*fix: copy it anew/);
      expect(made).not.toThrow(/SecretSecret|sécret/);
    },
  );
});

describe("lists", () => {
  test("are read to their end by X-Next-Page", async () => {
    stage = await Stage.start((request, response) => {
      const page = Number(new URL(request.url!, "http://x").searchParams.get("page") ?? 1);
      json(response, 200, [{ page }], { "X-Next-Page": page < 3 ? String(page + 1) : "" });
    });
    expect(await stage.client().list(["projects"], { simple: true })).toEqual([{ page: 1 }, { page: 2 }, { page: 3 }]);
    expect(stage.seen.map(({ url }) => url)).toEqual([
      "/api/v4/projects?per_page=100&simple=true",
      "/api/v4/projects?per_page=100&simple=true&page=2",
      "/api/v4/projects?per_page=100&simple=true&page=3",
    ]);
  });

  test("are read to their end by Link, and the token stays with the address it is for", async () => {
    stage = await Stage.start((request, response) => {
      const cursor = new URL(request.url!, "http://x").searchParams.get("cursor");
      const next = `<http://elsewhere.invalid/api/v4/projects?cursor=abc&per_page=100>; rel="next"`;
      json(response, 200, [{ cursor }], cursor ? {} : { Link: `${next}, <http://x/?page=1>; rel="first"` });
    });
    expect(await stage.client().list(["projects"], { pagination: "keyset" })).toEqual([
      { cursor: null },
      { cursor: "abc" },
    ]);
  });
});

describe("a list", () => {
  test.each([
    ["with the next page always the same", { "X-Next-Page": "2" }],
    ["with a next page by Link that is this one", { Link: '</api/v4/projects?per_page=100>; rel="next"' }],
  ])("%s is none of GitLab's, and ends", async (_, headers) => {
    stage = await Stage.start((_request, response) => json(response, 200, [{}], headers));
    await expect(stage.client().list(["projects"])).rejects.toThrow(/got 200 a list without an end; .*GITLAB_BASE_URL/);
    expect(stage.seen.length).toBeLessThan(3);
  });

  test("with a Link that is no address ends there, and one of more entries than a call can take arguments is whole", async () => {
    const many = new Array(200_000).fill({});
    stage = await Stage.start((_request, response) => json(response, 200, many, { Link: '<http://[x>; rel="next"' }));
    expect(await stage.client().list(["projects"])).toHaveLength(many.length);
  });
});

describe("a call that is turned away for the moment", () => {
  const later = Math.floor(Date.now() / 1000) + 20;
  test.each<[number, Record<string, string>, (waits: number[]) => void]>([
    [429, { "Retry-After": "7" }, (waits) => expect(waits).toEqual([7000, 7000])],
    [429, { "RateLimit-Reset": String(later) }, (waits) => expect(waits[0]).toBeGreaterThan(10_000)],
    [429, {}, (waits) => expect(waits).toEqual([500, 1000])],
    ...["-5", "NaN", "1.5", "Mon, 01 Jan 2001 00:00:00 GMT"].map(
      (odd): [number, Record<string, string>, (waits: number[]) => void] => [
        429,
        { "Retry-After": odd },
        (waits) => expect(waits).toEqual([500, 1000]),
      ],
    ),
    [502, {}, (waits) => expect(waits).toEqual([500, 1000])],
    [503, { "Retry-After": new Date((later + 5) * 1000).toUTCString() }, (w) => expect(w[0]).toBeGreaterThan(10_000)],
  ])("GIVEN %i with %j, waits and is made again", async (status, headers, check) => {
    stage = await Stage.start((_request, response, call) =>
      call < 3 ? response.writeHead(status, headers).end("Retry later") : json(response, 200, { call }),
    );
    expect(await stage.client().get(["version"])).toEqual({ call: 3 });
    check(stage.waits);
  });

  test.each([429, 502, 503])("GIVEN %i for ever, gives up after five calls", async (status) => {
    stage = await Stage.start((_request, response) => response.writeHead(status).end("Retry later"));
    await expect(stage.client().get(["version"])).rejects.toMatchObject({ status, reason: `${status} Retry later` });
    expect(stage.seen).toHaveLength(5);
  });

  test("GIVEN a wait of an hour, gives up at once", async () => {
    stage = await Stage.start((_request, response) => response.writeHead(429, { "Retry-After": "3600" }).end());
    await expect(stage.client().get(["version"])).rejects.toMatchObject({ status: 429 });
    expect(stage.seen).toHaveLength(1);
  });

  test.each([500, 504, 404, 401])("GIVEN %i, is not made again", async (status) => {
    stage = await Stage.start((_request, response) => json(response, status, { message: "no" }));
    await expect(stage.client().get(["version"])).rejects.toMatchObject({ status });
    expect(stage.seen).toHaveLength(1);
  });
});

describe("a call that changes something", () => {
  const PATH = ["projects", "a/b", "notes"];
  const body = { body: "ü" };

  test("sends JSON, and reads what is answered", async () => {
    const sent: string[] = [];
    stage = await Stage.start(async (request, response) => {
      let text = "";
      for await (const chunk of request.setEncoding("utf8")) text += chunk;
      sent.push(`${request.method} ${request.url} ${request.headers["content-type"] ?? "none"} ${text}`);
      if (request.method === "DELETE") response.writeHead(204).end();
      else json(response, request.method === "POST" ? 201 : 200, { id: 1 });
    });
    expect(await stage.client().post(PATH, body)).toEqual({ id: 1 });
    expect(await stage.client().put([...PATH, 1], body)).toEqual({ id: 1 });
    expect(await stage.client().delete([...PATH, 1])).toBeUndefined();
    expect(sent).toEqual([
      'POST /api/v4/projects/a%2Fb/notes application/json {"body":"ü"}',
      'PUT /api/v4/projects/a%2Fb/notes/1 application/json {"body":"ü"}',
      "DELETE /api/v4/projects/a%2Fb/notes/1 none ",
    ]);
  });

  test.each<["post" | "put" | "delete", number, number]>([
    ["post", 429, 2],
    ["put", 429, 2],
    ["delete", 429, 2],
    ["put", 502, 2],
    ["delete", 503, 2],
    // It may have been done.
    ["post", 502, 1],
    ["post", 503, 1],
  ])("GIVEN %s is answered %i, is sent %i times", async (method, status, times) => {
    stage = await Stage.start((_request, response, call) =>
      call === 1 ? response.writeHead(status).end("Retry later") : json(response, 200, { call }),
    );
    const sent = stage.client()[method](PATH, body);
    if (times === 1) await expect(sent).rejects.toMatchObject({ status });
    else await sent;
    expect(stage.seen).toHaveLength(times);
  });

  test.each(["post", "put", "delete"] as const)("GIVEN the answer to %s is lost, is not sent again", async (method) => {
    stage = await Stage.start((request) => request.socket.destroy());
    await expect(stage.client()[method](PATH, body)).rejects.toMatchObject({ status: undefined });
    expect(stage.seen).toHaveLength(1);
  });
});

test("a file is read as it is", async () => {
  stage = await Stage.start((_request, response, call) => response.writeHead(call === 1 ? 200 : 404).end("[1,\n"));
  const path = ["projects", 1, "jobs", 2, "artifacts", "review", "1", "digest"];
  expect(await stage.client().text(path)).toBe("[1,\n");
  expect(stage.seen[0]!.url).toBe("/api/v4/projects/1/jobs/2/artifacts/review/1/digest");
  await expect(stage.client().text(path)).rejects.toMatchObject({ status: 404 });
});

describe("an error", () => {
  test.each<[number, string, string]>([
    [404, '{"message":"404 Project Not Found"}', "404 Project Not Found"],
    [
      400,
      '{"message":{"value":["is invalid"],"key":["is too long","is bad"]}}',
      "400 value is invalid; key is too long, is bad",
    ],
    [
      422,
      '{"message":["Push access levels user is not a member of the project"]}',
      "422 Push access levels user is not a member of the project",
    ],
    [400, '{"error":"page is invalid"}', "400 page is invalid"],
    [
      403,
      '{"error":"insufficient_scope","error_description":"More is needed.","scope":"api"}',
      "403 insufficient_scope: More is needed.",
    ],
    [500, "<html><body>Whoops</body></html>", "500 a web page instead of GitLab's API"],
    [429, "Retry later\n", "429 Retry later"],
    [400, `{"message":"bad glpat-abcdefgh1234.01.xyz"}`, "400 bad [a token]"],
    [500, "", "500"],
  ])("of %i with %s says %s", async (status, body, reason) => {
    stage = await Stage.start((_request, response) => response.writeHead(status).end(body));
    const error = await stage
      .client()
      .get(["projects", "a/b"])
      .catch((thrown: ApiError) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status, reason });
    expect((error as Error).message).toMatch(/^GET \/projects\/a%2Fb: got \d+.*; allowed: .*; fix: .*/);
    expect((error as Error).message).not.toContain(TOKEN);
  });

  test("never shows the token, even of another form, when a proxy sends it back", async () => {
    const token = "company-Secret";
    stage = await Stage.start((request, response) =>
      response.writeHead(400).end(`got ${request.rawHeaders.join(" ")}`),
    );
    const call = stage.client({ token }).get(["version"]);
    await expect(call).rejects.toThrow("[a token]");
    await expect(call).rejects.not.toThrow(token);
  });

  test("says when the address answers, but is no GitLab", async () => {
    stage = await Stage.start((_request, response) => response.writeHead(200).end("<html>Welcome</html>"));
    await expect(stage.client().get(["version"])).rejects.toThrow(/got 200 .*no JSON.*fix: check that GITLAB_BASE_URL/);
  });

  test.each(["null", '"x"', "[]"])("says that %s, where one object should be, is none of GitLab's", async (body) => {
    stage = await Stage.start((_request, response) => response.writeHead(200).end(body));
    await expect(stage.client().get(["version"])).rejects.toThrow(/got 200 .*fix: check that GITLAB_BASE_URL/);
  });

  test.each(["null", '"x"', "{}", "[null]", "[[]]"])(
    "says that %s, where a list should be, is none of GitLab's",
    async (body) => {
      stage = await Stage.start((_request, response) => response.writeHead(200).end(body));
      await expect(stage.client().list(["projects"])).rejects.toThrow(/got 200 .*fix: check that GITLAB_BASE_URL/);
    },
  );

  test.each([
    [403, "<!DOCTYPE html><title>Sign in</title>", /^check that GITLAB_BASE_URL/],
    [404, "<!-- gate 7 --><html>Sign in</html>", /^check that GITLAB_BASE_URL/],
    [404, '<?xml version="1.0"?><html>Sign in</html>', /^check that GITLAB_BASE_URL/],
    [502, "<html>GitLab is not responding</html>", /^try again later/],
    [302, "", /^write GitLab's final address/],
  ])("of %i with %s says what mends it", async (status, body, fix) => {
    stage = await Stage.start((_request, response) => response.writeHead(status).end(body));
    const wait = async () => undefined;
    const { problem } = (await stage
      .client({ wait })
      .get(["user"])
      .catch((thrown) => thrown)) as ApiError;
    expect(problem).toMatchObject({
      of: "GET /user",
      got: expect.stringContaining(`${status} a `),
      fix: expect.stringMatching(fix),
    });
  });

  test.each(["://:", "=a", "eyJaaaaaaaa-"])(
    "GIVEN a long answer of %j without an end THEN its beginning is told, in one line",
    async (unit) => {
      stage = await Stage.start((_request, response) =>
        response.writeHead(400).end(unit.repeat(300_000 / unit.length)),
      );
      const { problem, message } = (await stage
        .client()
        .get(["user"])
        .catch((thrown) => thrown)) as ApiError;
      expect(problem?.got.length).toBeLessThan(400);
      expect(message).not.toContain("\n");
    },
  );

  test.each([
    ["CERT_HAS_EXPIRED", /^have the certificate renewed/],
    ["ERR_TLS_CERT_ALTNAME_INVALID", /^write the name that the certificate is for/],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", /^let NODE_EXTRA_CA_CERTS/],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", /^let NODE_EXTRA_CA_CERTS/],
    ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", /^let NODE_EXTRA_CA_CERTS/],
    ["EPROTO", /^check http or https/],
    ["HPE_HEADER_OVERFLOW", /^check that GITLAB_BASE_URL is the address of a GitLab/],
    ["ENOTFOUND", /^check GITLAB_BASE_URL, and that this machine reaches it/],
  ])("of no answer for %s says what mends it", (code, fix) => {
    const { problem } = ApiError.unanswered("GET /user", Object.assign(new Error("no"), { code }), 1_000);
    expect(problem).toMatchObject({ got: expect.stringContaining(code), fix: expect.stringMatching(fix) });
  });

  test("of a redirect with the token in its address does not show it", async () => {
    const token = "company-Secret";
    const headers = { Location: `/login/${token}?back=${token}` };
    stage = await Stage.start((_request, response) => response.writeHead(302, headers).end());
    await expect(stage.client({ token }).get(["version"])).rejects.toThrow("a redirect to /login/[a token];");
  });

  test("of a redirect does not send the token after it", async () => {
    stage = await Stage.start((request, response) =>
      request.url!.startsWith("/api")
        ? response.writeHead(301, { Location: "/elsewhere?x=1" }).end()
        : response.end("{}"),
    );
    await expect(stage.client().get(["version"])).rejects.toThrow("a redirect to /elsewhere;");
    expect(stage.seen).toHaveLength(1);
  });

  test("of a server that never answers comes with the timeout", async () => {
    stage = await Stage.start(() => undefined);
    await expect(stage.client({ timeout: 50 }).get(["version"])).rejects.toThrow("got no answer within 0.05 s");
  });

  test("of a server that is not there names the address, and the likely fix", async () => {
    stage = await Stage.start(() => undefined);
    const { url } = stage;
    await stage.stop();
    await expect(new ApiClient({ baseUrl: url, token: TOKEN }).get(["version"])).rejects.toThrow(
      `GET /version at ${url}: got ECONNREFUSED; allowed: an answer of GitLab; fix: check GITLAB_BASE_URL`,
    );
  });
});

test("at most so many calls are made at once, also of clients for other tokens, and all are answered", async () => {
  let now = 0;
  let most = 0;
  stage = await Stage.start(async (_request, response) => {
    now += 1;
    most = Math.max(most, now);
    await sleep(5);
    now -= 1;
    json(response, 200, {});
  });
  const client = stage.client({ concurrency: 3 });
  const clients = [client, client.as("glpat-another"), client.as("glpat-third")];
  await Promise.all(Array.from({ length: 30 }, (_, i) => clients[i % 3]!.get(["version"])));
  expect(most).toBe(3);
  expect(stage.seen).toHaveLength(30);
});
