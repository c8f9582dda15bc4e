import { Sandbox } from "../../../sandbox/sandbox";
import { ApiClient } from "../../support/api-client";

let sandbox: Sandbox;
let admin: ApiClient;

beforeAll(async () => {
  sandbox = await Sandbox.start({
    provider: "registry",
    seed: {
      users: [{ username: "alice" }],
      projects: [
        { path: "xlink/shop", members: { alice: "developer" }, files: { "README.md": "shop\n" } },
        { path: "open/source", visibility: "public", files: { "README.md": "open\n" } },
      ],
    },
  });
  admin = ApiClient.admin(sandbox);
});

afterAll(() => sandbox.stop());

describe("GIVEN the ways to authenticate", () => {
  const basic = (password: string): string => `Basic ${Buffer.from(`anyone:${password}`).toString("base64")}`;
  const ways: [string, (token: string) => { headers?: Record<string, string>; query?: string }][] = [
    ["PRIVATE-TOKEN", (token) => ({ headers: { "PRIVATE-TOKEN": token } })],
    ["Authorization: Bearer", (token) => ({ headers: { Authorization: `Bearer ${token}` } })],
    ["private_token in the query", (token) => ({ query: `?private_token=${token}` })],
    ["Basic, where only the password counts", (token) => ({ headers: { Authorization: basic(token) } })],
  ];

  test.each(ways)("WHEN the token comes as %s THEN its owner is recognized", async (_way, send) => {
    const { headers, query } = send(sandbox.adminToken);
    const response = await fetch(`${sandbox.url}/api/v4/user${query ?? ""}`, { headers });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ username: "root", is_admin: true });
  });

  test.each(ways)("WHEN a wrong token comes as %s THEN the answer is 401", async (_way, send) => {
    const { headers, query } = send("glpat-wrong");
    const response = await fetch(`${sandbox.url}/api/v4/user${query ?? ""}`, { headers });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ message: "401 Unauthorized" });
  });

  test("WHEN a wrong token is sent to a public endpoint THEN it is 401 all the same", async () => {
    expect((await admin.as("glpat-wrong").get("/projects/open%2Fsource")).status).toBe(401);
    expect((await admin.as(undefined).get("/projects/open%2Fsource")).status).toBe(200);
  });
});

describe("GIVEN tokens that no longer work", () => {
  test("WHEN a revoked token calls THEN the OAuth body tells so", async () => {
    const { id, api } = await admin.newUser("revoked");
    const [token] = (await admin.get(`/personal_access_tokens?user_id=${id}`)).body;
    await admin.delete(`/personal_access_tokens/${token.id}`);
    const answer = await api.get("/user");
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({
      error: "invalid_token",
      error_description: "Token was revoked. You have to re-authorize from the user.",
    });
  });

  test("WHEN a token's day has come THEN it is dead from 00:00 UTC on", async () => {
    const { id } = await admin.newUser("expired");
    const created = await admin.post(`/users/${id}/personal_access_tokens`, {
      name: "short",
      scopes: ["api"],
      expires_at: "2030-01-02",
    });
    expect(created.status).toBe(422);
    await admin.control("PUT", "clock", { now: "2030-01-01T23:59:59Z" });
    const { token } = (
      await admin.post(`/users/${id}/personal_access_tokens`, { name: "s", scopes: ["api"], expires_at: "2030-01-02" })
    ).body;
    expect((await admin.as(token).get("/user")).status).toBe(200);
    await admin.control("PUT", "clock", { now: "2030-01-02T00:00:00Z" });
    const answer = await admin.as(token).get("/user");
    await admin.control("PUT", "clock", { reset: true });
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({
      error: "invalid_token",
      error_description: "Token is expired. You can either do re-authorization or token refresh.",
    });
  });

  test("WHEN the scope is too small THEN it is 403 with the scopes that would do", async () => {
    const { api } = await admin.newUser("reader", ["read_api"]);
    expect((await api.get("/projects")).status).toBe(200);
    const answer = await api.post("/projects", { name: "x" });
    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject({ error: "insufficient_scope", scope: "api" });
    expect(answer.headers.get("www-authenticate")).toContain("insufficient_scope");
  });
});

describe("GIVEN who may see what", () => {
  test.each([
    ["an unknown project", "/projects/9999", 404, { message: "404 Project Not Found" }],
    ["an unknown path", "/projects/no%2Fsuch", 404, { message: "404 Project Not Found" }],
    ["an unknown group", "/groups/9999", 404, { message: "404 Group Not Found" }],
    ["an unknown user", "/users/9999", 404, { message: "404 User Not Found" }],
    ["an unknown route", "/no/such/route", 404, { error: "404 Not Found" }],
    ["an id that is none", "/users/x", 400, { error: "id is invalid" }],
  ])("WHEN an administrator asks for %s THEN the answer is exact", async (_what, path, status, body) => {
    const answer = await admin.get(path);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual(body);
  });

  test("WHEN a stranger asks for a private project THEN it does not exist", async () => {
    const { api } = await admin.newUser("stranger");
    expect((await api.get("/projects/xlink%2Fshop")).body).toEqual({ message: "404 Project Not Found" });
    expect((await admin.as(undefined).get("/projects/xlink%2Fshop")).status).toBe(404);
    expect((await api.get("/projects/open%2Fsource")).status).toBe(200);
  });

  test("WHEN anonymous callers use what needs a user THEN it is 401", async () => {
    const anonymous = admin.as(undefined);
    for (const path of ["/user", "/personal_access_tokens", "/projects/xlink%2Fshop/variables", "/runners"]) {
      expect(await anonymous.get(path)).toMatchObject({ status: 401, body: { message: "401 Unauthorized" } });
    }
  });

  test("WHEN the archived branch-protection route of 2016 is called THEN it is gone", async () => {
    const answer = await admin.put("/projects/xlink%2Fshop/repository/branches/main/protection");
    expect(answer).toMatchObject({ status: 404, body: { error: "404 Not Found" } });
    expect(answer.headers.get("content-type")).toBe("application/json");
  });

  test("WHEN an administrator uses sudo THEN the call is the other user's", async () => {
    const answer = await admin.send("GET", "/user", undefined, { Sudo: "alice" });
    expect(answer.body.username).toBe("alice");
    const { api } = await admin.newUser("plain");
    expect((await api.send("GET", "/user", undefined, { Sudo: "alice" })).status).toBe(403);
  });
});

describe("GIVEN the ways to send parameters", () => {
  const path = "/api/v4/projects/xlink%2Fshop/access_tokens";
  const token = (): Record<string, string> => ({ "PRIVATE-TOKEN": sandbox.adminToken });
  const form = new FormData();
  form.append("name", "sent");
  form.append("scopes[]", "read_api");
  form.append("scopes[]", "read_repository");

  const ways: [string, () => RequestInit & { query?: string }][] = [
    [
      "JSON",
      () => ({
        headers: { ...token(), "Content-Type": "application/json" },
        body: JSON.stringify({ name: "sent", scopes: ["read_api", "read_repository"] }),
      }),
    ],
    [
      "a form",
      () => ({ headers: token(), body: new URLSearchParams("name=sent&scopes[]=read_api&scopes[]=read_repository") }),
    ],
    ["multipart", () => ({ headers: token(), body: form })],
    ["the query", () => ({ headers: token(), query: "?name=sent&scopes[]=read_api&scopes[]=read_repository" })],
  ];

  test.each(ways)("WHEN a token is asked for by %s THEN name and scopes arrive", async (_way, build) => {
    const { query, ...init } = build();
    const response = await fetch(`${sandbox.url}${path}${query ?? ""}`, { method: "POST", ...init });
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({ name: "sent", scopes: ["read_api", "read_repository"] });
  });

  test("WHEN the body is no JSON THEN it is 400", async () => {
    const headers = { ...token(), "Content-Type": "application/json" };
    const response = await fetch(`${sandbox.url}${path}`, { method: "POST", headers, body: "{" });
    expect(response.status).toBe(400);
  });

  const large = "x".repeat(30 * 1024 * 1024);
  const inForm = (value: string | Blob): FormData => {
    const parts = new FormData();
    for (const name of ["name", "other"]) parts.append(name, value);
    return parts;
  };

  test.each<[string, Record<string, string>, () => RequestInit["body"]]>([
    ["JSON", { "Content-Type": "application/json" }, () => JSON.stringify({ name: large + large, scopes: [] })],
    ["fields", {}, () => inForm(large)],
    ["files that nobody asked for", {}, () => inForm(new Blob([large]))],
  ])("WHEN a body of %s is larger than 50 MB THEN it is 413, and the client reads that", async (_, type, body) => {
    const headers = { ...token(), ...type };
    const response = await fetch(`${sandbox.url}${path}`, { method: "POST", headers, body: body() });
    expect(response.status).toBe(413);
    expect(await response.json()).toEqual({ message: "413 Request Entity Too Large" });
  });

  test("WHEN the content type is unknown THEN it is 415", async () => {
    const headers = { ...token(), "Content-Type": "text/csv" };
    const response = await fetch(`${sandbox.url}${path}`, { method: "POST", headers, body: "a,b" });
    expect(response.status).toBe(415);
  });

  test("WHEN required parameters are missing THEN all are named at once", async () => {
    const answer = await admin.post("/projects/xlink%2Fshop/access_tokens", {});
    expect(answer).toMatchObject({ status: 400, body: { error: "name is missing, scopes is missing" } });
  });
});

describe("GIVEN 45 variables", () => {
  const list = "/projects/open%2Fsource/variables";

  beforeAll(async () => {
    for (let index = 0; index < 45; index += 1) await admin.post(list, { key: `KEY_${index}`, value: "v" });
  });

  test.each([
    ["", 20, { page: "1", "per-page": "20", total: "45", "total-pages": "3", "next-page": "2", "prev-page": "" }],
    ["?page=2", 20, { page: "2", "next-page": "3", "prev-page": "1" }],
    ["?page=3&per_page=20", 5, { page: "3", "next-page": "", "prev-page": "2" }],
    ["?per_page=100", 45, { "per-page": "100", "total-pages": "1" }],
    ["?per_page=1000", 45, { "per-page": "100" }],
    ["?page=9", 0, { page: "9", total: "45" }],
  ])("WHEN listing %s THEN the page and its headers are right", async (query, rows, headers) => {
    const answer = await admin.get(`${list}${query}`);
    expect(answer.body).toHaveLength(rows);
    for (const [name, value] of Object.entries(headers)) expect(answer.headers.get(`x-${name}`)).toBe(value);
  });

  test("WHEN following Link THEN every row is met once", async () => {
    const keys: string[] = [];
    let next: string | undefined = `${sandbox.url}/api/v4${list}?per_page=10`;
    while (next) {
      const response: Response = await fetch(next, { headers: { "PRIVATE-TOKEN": sandbox.adminToken } });
      keys.push(...((await response.json()) as { key: string }[]).map(({ key }) => key));
      next = /<([^>]+)>; rel="next"/.exec(response.headers.get("link") ?? "")?.[1];
    }
    expect(new Set(keys).size).toBe(45);
    expect(keys).toHaveLength(45);
  });

  test("WHEN paging by keyset THEN every project is met once", async () => {
    const ids: number[] = [];
    let next: string | undefined = `${sandbox.url}/api/v4/projects?pagination=keyset&order_by=id&per_page=1`;
    while (next) {
      const response: Response = await fetch(next, { headers: { "PRIVATE-TOKEN": sandbox.adminToken } });
      ids.push(...((await response.json()) as { id: number }[]).map(({ id }) => id));
      next = /<([^>]+)>; rel="next"/.exec(response.headers.get("link") ?? "")?.[1];
    }
    expect(ids).toEqual([2, 1]);
  });

  test("WHEN per_page is no number THEN it is 400", async () => {
    expect(await admin.get(`${list}?per_page=x`)).toMatchObject({
      status: 400,
      body: { error: "per_page is invalid" },
    });
  });
});
