import { Sandbox } from "../../../../sandbox/sandbox";
import { ApiClient } from "../../../support/api-client";

let sandbox: Sandbox;
let admin: ApiClient;
let developer: ApiClient;

const PROJECT = "/projects/xlink%2Fshop";
const REQUESTS = `${PROJECT}/merge_requests`;

beforeEach(async () => {
  sandbox = await Sandbox.start({
    provider: "registry",
    seed: { projects: [{ path: "xlink/shop", files: { "README.md": "shop\n" } }] },
  });
  admin = ApiClient.admin(sandbox);
  const dave = await admin.newUser("dave");
  await admin.post(`${PROJECT}/members`, { user_id: dave.id, access_level: 30 });
  developer = dave.api;
  await developer.post(`${PROJECT}/repository/files/new.txt`, {
    branch: "work",
    start_branch: "main",
    content: "new\n",
    commit_message: "Add new",
  });
});

afterEach(() => sandbox.stop());

const wanted = { source_branch: "work", target_branch: "main", title: "Add new" };

test("GIVEN a branch WHEN a merge request goes its way THEN it is opened, noted, refused to a Developer, and merged", async () => {
  const { status, body } = await developer.post(REQUESTS, wanted);
  expect(status).toBe(201);
  expect(body).toMatchObject({ iid: 1, state: "opened", draft: false, author: { username: "dave" }, reference: "!1" });
  expect((await developer.get(`${REQUESTS}/1/changes`)).body.changes).toMatchObject([
    { new_path: "new.txt", new_file: true },
  ]);
  expect((await developer.get(`${REQUESTS}/1/commits`)).body).toMatchObject([{ title: "Add new" }]);

  const note = (await developer.post(`${REQUESTS}/1/notes`, { body: "plan: 1 to add" })).body;
  expect((await developer.put(`${REQUESTS}/1/notes/${note.id}`, { body: "plan: none" })).body.body).toBe("plan: none");
  expect((await admin.get(`${REQUESTS}/1/notes`)).body).toMatchObject([{ id: note.id, body: "plan: none" }]);
  expect((await developer.delete(`${REQUESTS}/1/notes/${note.id}`)).status).toBe(204);
  expect((await developer.get(`${REQUESTS}/1/notes/${note.id}`)).status).toBe(404);

  expect((await developer.put(`${REQUESTS}/1/merge`)).status).toBe(401);
  const merged = await admin.put(`${REQUESTS}/1/merge`, { should_remove_source_branch: true });
  expect(merged).toMatchObject({ status: 200, body: { state: "merged", merged_by: { username: "root" } } });
  expect((await admin.get(`${PROJECT}/repository/files/new.txt/raw?ref=main`)).body).toBe("new\n");
  expect((await admin.get(`${PROJECT}/repository/branches/work`)).status).toBe(404);
  expect((await admin.put(`${REQUESTS}/1/merge`)).status).toBe(405);
});

test.each([
  ["the same branches again", wanted, 409, "Another open merge request already exists for this source branch: !1"],
  [
    "one branch for both",
    { ...wanted, source_branch: "main" },
    422,
    "You can't use same project/branch for source and target",
  ],
  ["a source that is not there", { ...wanted, source_branch: "none" }, 422, 'Source branch "none" does not exist'],
])("GIVEN one is open WHEN another has %s THEN it is refused", async (_what, input, status, message) => {
  await developer.post(REQUESTS, wanted);
  expect(await developer.post(REQUESTS, input)).toMatchObject({ status, body: { message: [message] } });
});

test("GIVEN one is open WHEN it is updated THEN title, labels and state follow and filters find it", async () => {
  await developer.post(REQUESTS, { ...wanted, labels: "a,b" });
  const { body } = await developer.put(`${REQUESTS}/1`, { title: "Draft: later", add_labels: "c", remove_labels: "a" });
  expect(body).toMatchObject({ draft: true, labels: ["b", "c"], detailed_merge_status: "draft_status" });
  expect((await admin.put(`${REQUESTS}/1/merge`)).status).toBe(405);
  await developer.put(`${REQUESTS}/1`, { state_event: "close" });
  expect((await developer.get(`${REQUESTS}?state=opened`)).body).toEqual([]);
  expect((await developer.get(`${REQUESTS}?state=closed&source_branch=work`)).body).toHaveLength(1);
  await developer.put(`${REQUESTS}/1`, { state_event: "reopen" });
  expect((await developer.get(`${REQUESTS}/1`)).body.state).toBe("opened");
});

test("GIVEN both branches changed one file WHEN it is merged THEN the conflict is 422", async () => {
  const file = `${PROJECT}/repository/files/README.md`;
  await developer.put(file, { branch: "work", content: "theirs\n", commit_message: "theirs" });
  await admin.put(file, { branch: "main", content: "ours\n", commit_message: "ours" });
  await developer.post(REQUESTS, wanted);
  expect(await admin.put(`${REQUESTS}/1/merge`)).toMatchObject({
    status: 422,
    body: { message: "Branch cannot be merged" },
  });
});
