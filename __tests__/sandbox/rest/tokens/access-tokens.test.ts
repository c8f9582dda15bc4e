import { addDays } from "../../../../sandbox/model/clock";
import { Sandbox } from "../../../../sandbox/sandbox";
import { ApiClient } from "../../../support/api-client";

const NOW = "2026-03-10T12:00:00.000Z";
const TODAY = NOW.slice(0, 10);
const TOKENS = "/projects/xlink%2Fshop/access_tokens";

let sandbox: Sandbox;
let admin: ApiClient;
let maintainer: ApiClient;
let developer: ApiClient;

beforeEach(async () => {
  sandbox = await Sandbox.start({
    provider: "registry",
    now: () => new Date(NOW),
    seed: { projects: [{ path: "xlink/shop" }] },
  });
  admin = ApiClient.admin(sandbox);
  const mona = await admin.newUser("mona");
  const dave = await admin.newUser("dave");
  await admin.post("/projects/xlink%2Fshop/members", { user_id: mona.id, access_level: 40 });
  await admin.post("/projects/xlink%2Fshop/members", { user_id: dave.id, access_level: 30 });
  maintainer = mona.api;
  developer = dave.api;
});

afterEach(() => sandbox.stop());

const push = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  name: "pusher",
  scopes: ["write_repository"],
  access_level: 30,
  expires_at: "2026-06-01",
  ...changes,
});

describe("GIVEN a project", () => {
  test("WHEN a token is created THEN a bot with that role becomes a member and only this answer has the value", async () => {
    const { status, body } = await maintainer.post(TOKENS, push());
    expect(status).toBe(201);
    expect(body).toMatchObject({
      name: "pusher",
      scopes: ["write_repository"],
      access_level: 30,
      expires_at: "2026-06-01",
      active: true,
      revoked: false,
      created_at: NOW,
      last_used_at: null,
    });
    expect(body.token).toMatch(/^glpat-[\w-]{27,}\.\w{2}\.\w{9}$/);
    const bot = (await admin.get(`/users/${body.user_id}`)).body;
    expect(bot.username).toMatch(/^project_1_bot_[0-9a-f]{32}$/);
    expect(bot).toMatchObject({ name: "pusher", bot: true });
    expect((await admin.get(`/projects/1/members/${body.user_id}`)).body.access_level).toBe(30);
    const read = (await maintainer.get(`${TOKENS}/${body.id}`)).body;
    expect(read).not.toHaveProperty("token");
    expect(JSON.stringify((await maintainer.get(TOKENS)).body)).not.toContain(body.token);
  });

  test("WHEN role and date are left out THEN it is a Maintainer for 365 days", async () => {
    const { body } = await maintainer.post(TOKENS, { name: "x", scopes: ["api"] });
    expect(body).toMatchObject({ access_level: 40, expires_at: addDays(TODAY, 365) });
  });

  test.each([
    ["no name", { name: undefined }, "name is missing"],
    ["no scopes", { scopes: undefined }, "scopes is missing"],
    ["an unknown scope", { scopes: ["everything"] }, "scopes does not have a valid value"],
    ["a strange role", { access_level: 35 }, "access_level does not have a valid value"],
    ["a date that is none", { expires_at: "2026-02-30" }, "expires_at is invalid"],
  ])("WHEN %s is sent THEN it is 400 by parameter", async (_what, changes, error) => {
    expect(await maintainer.post(TOKENS, push(changes))).toMatchObject({ status: 400, body: { error } });
  });

  test.each([
    [365, 201],
    [366, 400],
  ])("WHEN the date is %i days ahead THEN it is %i", async (days, status) => {
    const answer = await maintainer.post(TOKENS, push({ expires_at: addDays(TODAY, days) }));
    expect(answer.status).toBe(status);
    if (status === 400) {
      expect(answer.body).toEqual({
        message: `400 Bad request - Expires at must be before ${addDays(TODAY, 365)}`,
      });
    }
  });

  test("WHEN the instance allows 400 days THEN so does the token", async () => {
    await admin.put("/application/settings", { max_personal_access_token_lifetime: 400 });
    expect((await maintainer.post(TOKENS, push({ expires_at: addDays(TODAY, 400) }))).status).toBe(201);
    expect((await maintainer.post(TOKENS, push({ expires_at: addDays(TODAY, 401) }))).status).toBe(400);
  });

  test.each(["2020-01-01", TODAY])(
    "WHEN the date %s is not in the future THEN it is accepted and dead",
    async (date) => {
      const { status, body } = await maintainer.post(TOKENS, push({ scopes: ["api"], expires_at: date }));
      expect(status).toBe(201);
      expect(body).toMatchObject({ active: false, revoked: false });
      expect((await admin.as(body.token).get("/user")).body.error_description).toMatch(/^Token is expired/);
    },
  );

  test("WHEN the caller is a Developer THEN reading is 401 and creating 400", async () => {
    expect(await developer.get(TOKENS)).toMatchObject({ status: 401 });
    expect(await developer.post(TOKENS, push())).toMatchObject({
      status: 400,
      body: { message: "400 Bad request - User does not have permission to create project access token" },
    });
  });

  test("WHEN a Maintainer asks for an Owner token THEN it is more than they have", async () => {
    expect(await maintainer.post(TOKENS, push({ access_level: 50 }))).toMatchObject({
      status: 400,
      body: {
        message: "400 Bad request - Access level of the token contains permissions not held by the creating user",
      },
    });
  });

  test("WHEN a project token tries to create a token THEN it cannot", async () => {
    const { body } = await admin.post(TOKENS, push({ scopes: ["api"], access_level: 40 }));
    const bot = admin.as(body.token);
    expect((await bot.post(TOKENS, push())).status).toBe(400);
    expect((await bot.get(TOKENS)).status).toBe(200);
    expect((await bot.post(`${TOKENS}/${body.id}/rotate`)).status).toBe(401);
  });

  test("WHEN a write_repository token calls the API THEN its scope is too small", async () => {
    const { body } = await maintainer.post(TOKENS, push());
    expect(await admin.as(body.token).get("/projects/1")).toMatchObject({
      status: 403,
      body: { error: "insufficient_scope", scope: "api read_api" },
    });
    expect((await admin.as(body.token).get("/personal_access_tokens/self")).body).toMatchObject({ id: body.id });
  });
});

describe("GIVEN a token", () => {
  test("WHEN it is rotated THEN bot, name and scopes stay, id and value are new, and the old one is dead at once", async () => {
    const old = (await maintainer.post(TOKENS, push({ scopes: ["api"], access_level: 40 }))).body;
    const { status, body } = await maintainer.post(`${TOKENS}/${old.id}/rotate`, { expires_at: "2026-09-01" });
    expect(status).toBe(200);
    expect(body).toMatchObject({ user_id: old.user_id, name: "pusher", scopes: ["api"], expires_at: "2026-09-01" });
    expect(body.id).not.toBe(old.id);
    expect(body.token).not.toBe(old.token);
    expect((await admin.as(old.token).get("/user")).status).toBe(401);
    expect((await admin.as(body.token).get("/user")).status).toBe(200);
    expect((await maintainer.get(`${TOKENS}/${old.id}`)).body).toMatchObject({ revoked: true, active: false });
  });

  test("WHEN rotation names no date THEN the new token lives one week", async () => {
    const old = (await maintainer.post(TOKENS, push())).body;
    expect((await maintainer.post(`${TOKENS}/${old.id}/rotate`)).body.expires_at).toBe(addDays(TODAY, 7));
  });

  test("WHEN it is expired THEN it can be rotated by another token", async () => {
    const old = (await maintainer.post(TOKENS, push({ expires_at: "2020-01-01" }))).body;
    expect((await maintainer.post(`${TOKENS}/${old.id}/rotate`, { expires_at: "2026-09-01" })).status).toBe(200);
  });

  test("WHEN it is rotated twice by its old id THEN the second is refused and the family lives", async () => {
    const old = (await maintainer.post(TOKENS, push({ scopes: ["api"] }))).body;
    const fresh = (await maintainer.post(`${TOKENS}/${old.id}/rotate`)).body;
    expect(await maintainer.post(`${TOKENS}/${old.id}/rotate`)).toMatchObject({
      status: 400,
      body: { message: "400 Bad request - Token already revoked" },
    });
    expect((await admin.as(fresh.token).get("/user")).status).toBe(200);
  });

  test.each([
    ["an administrator", () => admin, 404, { message: "404 Not Found" }],
    ["a Maintainer", () => maintainer, 401, { message: "401 Unauthorized" }],
  ])("WHEN %s rotates an unknown id THEN only administrators learn so", async (_who, who, status, body) => {
    expect(await who().post(`${TOKENS}/9999/rotate`)).toMatchObject({ status, body });
  });

  test("WHEN a Maintainer rotates an Owner's token THEN it is more than they have", async () => {
    const strong = (await admin.post(TOKENS, push({ access_level: 50 }))).body;
    expect(await maintainer.post(`${TOKENS}/${strong.id}/rotate`)).toMatchObject({
      status: 400,
      body: { message: "400 Bad request - Not eligible to rotate tokens with permissions not held by the user" },
    });
  });

  test.each([
    ["self_rotate", 200],
    ["api", 200],
    ["write_repository", 403],
  ])("WHEN a token with %s rotates itself THEN it is %i", async (scope, status) => {
    const token = (await maintainer.post(TOKENS, push({ scopes: [scope] }))).body;
    expect((await admin.as(token.token).post(`${TOKENS}/self/rotate`)).status).toBe(status);
  });

  test("WHEN a personal token calls self/rotate of a project THEN it is 405", async () => {
    expect(await maintainer.post(`${TOKENS}/self/rotate`)).toMatchObject({
      status: 405,
      body: { message: "405 Method Not Allowed" },
    });
  });

  test("WHEN a revoked token rotates itself THEN the whole family dies", async () => {
    const first = (await maintainer.post(TOKENS, push({ scopes: ["self_rotate", "api"] }))).body;
    const second = (await admin.as(first.token).post(`${TOKENS}/self/rotate`)).body;
    expect((await admin.as(second.token).get("/user")).status).toBe(200);
    expect((await admin.as(first.token).get("/user")).status).toBe(401);
    expect((await admin.as(second.token).get("/user")).status).toBe(200);
    expect((await admin.as(first.token).post(`${TOKENS}/self/rotate`)).status).toBe(401);
    expect((await admin.as(second.token).get("/user")).status).toBe(401);
  });

  test("WHEN it is revoked THEN the record stays for 30 days, then bot and record are gone", async () => {
    const token = (await maintainer.post(TOKENS, push())).body;
    expect((await maintainer.delete(`${TOKENS}/${token.id}`)).status).toBe(204);
    expect((await maintainer.delete(`${TOKENS}/${token.id}`)).status).toBe(204);
    await admin.control("PUT", "clock", { advance_seconds: 30 * 86_400 });
    expect((await maintainer.get(`${TOKENS}/${token.id}`)).body).toMatchObject({ revoked: true });
    await admin.control("PUT", "clock", { advance_seconds: 86_400 });
    expect(await maintainer.get(`${TOKENS}/${token.id}`)).toMatchObject({
      status: 404,
      body: { message: "404 project Access Token Not Found" },
    });
    expect((await admin.get(`/users/${token.user_id}`)).status).toBe(404);
    expect((await admin.get(`/projects/1/members/${token.user_id}`)).status).toBe(404);
  });
});

describe("GIVEN tokens in several states", () => {
  test.each([
    ["", ["a-live", "b-expired", "c-revoked"]],
    ["?state=active", ["a-live"]],
    ["?state=inactive", ["b-expired", "c-revoked"]],
    ["?revoked=true", ["c-revoked"]],
    ["?search=EXP", ["b-expired"]],
    ["?expires_before=2026-01-01", ["b-expired"]],
    ["?sort=name_desc", ["c-revoked", "b-expired", "a-live"]],
  ])("WHEN listing %s THEN the filters hold", async (query, names) => {
    await maintainer.post(TOKENS, push({ name: "a-live" }));
    await maintainer.post(TOKENS, push({ name: "b-expired", expires_at: "2025-12-31" }));
    const revoked = (await maintainer.post(TOKENS, push({ name: "c-revoked" }))).body;
    await maintainer.delete(`${TOKENS}/${revoked.id}`);
    const listed = (await maintainer.get(`${TOKENS}${query}`)).body as { name: string }[];
    expect(listed.map(({ name }) => name)).toEqual(names);
  });
});

describe("GIVEN a group", () => {
  test("WHEN an Owner creates a token THEN its bot is a member of the group and of its projects", async () => {
    const { status, body } = await admin.post("/groups/xlink/access_tokens", push({ scopes: ["api"] }));
    expect(status).toBe(201);
    const group = (await admin.get("/groups/xlink")).body;
    const bot = (await admin.get(`/users/${body.user_id}`)).body;
    expect(bot.username).toMatch(new RegExp(`^group_${group.id}_bot_[0-9a-f]{32}$`));
    expect((await admin.as(body.token).get("/projects/xlink%2Fshop")).status).toBe(200);
    const rotated = await admin.post(`/groups/xlink/access_tokens/${body.id}/rotate`);
    expect(rotated).toMatchObject({ status: 200, body: { user_id: body.user_id } });
    expect((await admin.get(`/projects/1/access_tokens/${rotated.body.id}`)).status).toBe(404);
    expect((await admin.delete(`/groups/xlink/access_tokens/${rotated.body.id}`)).status).toBe(204);
  });
});
