import { Sandbox } from "../../../../sandbox/sandbox";
import { ApiClient } from "../../../support/api-client";

let sandbox: Sandbox;
let admin: ApiClient;

const PROJECT = "/projects/xlink%2Fops";
const NOTES = `${PROJECT}/merge_requests/1/notes`;

beforeAll(async () => {
  sandbox = await Sandbox.start({
    provider: "registry",
    seed: { projects: [{ path: "xlink/ops", files: { "README.md": "x" } }] },
  });
  admin = ApiClient.admin(sandbox);
  await admin.post(`${PROJECT}/repository/files/new`, {
    branch: "work",
    start_branch: "main",
    content: "x",
    commit_message: "c",
  });
  await admin.post(`${PROJECT}/merge_requests`, { source_branch: "work", target_branch: "main", title: "t" });
});

afterAll(() => sandbox.stop());

let people = 0;

/** A new member with a token. */
async function member(level: number, scope = "api"): Promise<ApiClient> {
  people += 1;
  const { id, api } = await admin.newUser(`member-${people}`, [scope]);
  await admin.post(`${PROJECT}/members`, { user_id: id, access_level: level });
  return api;
}

test.each([
  ["a Guest", 10, "api", 404, { message: "404 Not found" }],
  ["a Reporter", 20, "api", 201, { body: "plan" }],
  ["a Reporter whose token only reads", 20, "read_api", 403, { error: "insufficient_scope" }],
  ["a Developer whose token only pushes", 30, "write_repository", 403, { error: "insufficient_scope" }],
])("GIVEN %s WHEN they comment THEN it is so", async (_who, level, scope, status, body) => {
  expect(await (await member(level, scope)).post(NOTES, { body: "plan" })).toMatchObject({ status, body });
});

test("GIVEN a project access token of a Reporter WHEN it comments THEN its bot may, and may change its own note only", async () => {
  const { token } = (await admin.post(`${PROJECT}/access_tokens`, { name: "notes", scopes: ["api"], access_level: 20 }))
    .body;
  const bot = admin.as(token);
  const own = (await bot.post(NOTES, { body: "first" })).body;
  expect((await bot.put(`${NOTES}/${own.id}`, { body: "second" })).body.body).toBe("second");
  const other = (await (await member(30)).post(NOTES, { body: "mine" })).body;
  expect((await bot.put(`${NOTES}/${other.id}`, { body: "yours" })).status).toBe(403);
  expect((await bot.delete(`${NOTES}/${other.id}`)).status).toBe(403);
  expect((await (await member(40)).put(`${NOTES}/${other.id}`, { body: "ours" })).status).toBe(200);
});

test("GIVEN a running job WHEN its token comments THEN it is 401, as it is for nobody", async () => {
  const { token } = (await admin.control("POST", "jobs", { project: "xlink/ops" })).body;
  const post = (headers: Record<string, string>): Promise<number> =>
    admin
      .as(undefined)
      .send("POST", NOTES, { body: "plan" }, headers)
      .then(({ status }) => status);
  expect(await post({ "JOB-TOKEN": token })).toBe(401);
  expect(await post({})).toBe(401);
  expect((await admin.as(undefined).get(NOTES)).status).toBe(401);
});

test.each([
  ["nothing", {}, { error: "body is missing" }],
  ["blanks", { body: " \n" }, { message: '400 Bad request - Note {:note=>["can\'t be blank"]}' }],
  [
    "more than fits",
    { body: "x".repeat(1_000_001) },
    { message: '400 Bad request - Note {:note=>["is too long (maximum is 1000000 characters)"]}' },
  ],
])("GIVEN a comment of %s WHEN it is posted THEN it is 400", async (_what, body, message) => {
  expect(await admin.post(NOTES, body)).toMatchObject({ status: 400, body: message });
});

test("GIVEN a comment of 1,000,000 characters WHEN it is posted THEN it is taken, and emptied it is refused", async () => {
  const posted = await admin.post(NOTES, { body: "é".repeat(1_000_000) });
  expect(posted.status).toBe(201);
  expect(await admin.put(`${NOTES}/${posted.body.id}`, { body: "" })).toMatchObject({
    status: 400,
    body: { error: "body is empty" },
  });
  await admin.delete(`${NOTES}/${posted.body.id}`);
});

test("GIVEN many notes WHEN they are listed THEN the newest come first, by pages, and by last change when asked", async () => {
  const client = await member(30);
  const ids: number[] = [];
  for (let index = 0; index < 25; index += 1) ids.push((await client.post(NOTES, { body: `note ${index}` })).body.id);
  await admin.control("PUT", "clock", { advance_seconds: 5 });
  await client.put(`${NOTES}/${ids[0]}`, { body: "changed" });
  await admin.control("PUT", "clock", { reset: true });
  const listed = async (query = ""): Promise<number[]> =>
    (await client.get(`${NOTES}${query}`)).body.map(({ id }: { id: number }) => id);
  expect(await listed()).toEqual(ids.slice(5).reverse());
  expect((await listed("?page=2")).slice(0, 5)).toEqual(ids.slice(0, 5).reverse());
  expect((await listed("?order_by=updated_at"))[0]).toBe(ids[0]);
  expect((await listed("?sort=asc&per_page=100")).slice(-25)).toEqual(ids);
});
