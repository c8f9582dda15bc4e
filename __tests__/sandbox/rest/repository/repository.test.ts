import { Sandbox } from "../../../../sandbox/sandbox";
import { ApiClient } from "../../../support/api-client";

let sandbox: Sandbox;
let admin: ApiClient;
let developer: ApiClient;

const PROJECT = "/projects/xlink%2Fshop";
const BRANCHES = `${PROJECT}/repository/branches`;
const FILES = `${PROJECT}/repository/files`;

beforeEach(async () => {
  sandbox = await Sandbox.start({
    provider: "registry",
    seed: {
      projects: [
        { path: "xlink/shop", files: { "README.md": "shop\n", "app/deep/config.yaml": "a: 1\n" } },
        { path: "xlink/empty" },
      ],
    },
  });
  admin = ApiClient.admin(sandbox);
  const dave = await admin.newUser("dave");
  await admin.post(`${PROJECT}/members`, { user_id: dave.id, access_level: 30 });
  await admin.post("/projects/xlink%2Fempty/members", { user_id: dave.id, access_level: 30 });
  developer = dave.api;
});

afterEach(() => sandbox.stop());

describe("GIVEN branches", () => {
  test("WHEN made, listed and deleted THEN each step is read back", async () => {
    const { status, body } = await developer.post(BRANCHES, { branch: "feature/a b".replace(" ", "-"), ref: "main" });
    expect(status).toBe(201);
    expect(body).toMatchObject({ name: "feature/a-b", protected: false, can_push: true, default: false });
    expect((await developer.get(BRANCHES)).body.map(({ name }: { name: string }) => name)).toEqual([
      "feature/a-b",
      "main",
    ]);
    expect((await developer.get(`${BRANCHES}?search=^feat`)).body).toHaveLength(1);
    expect((await developer.get(`${BRANCHES}/feature%2Fa-b`)).body.commit.title).toBe("Initial commit");
    expect((await developer.delete(`${BRANCHES}/feature%2Fa-b`)).status).toBe(204);
    expect(await developer.get(`${BRANCHES}/feature%2Fa-b`)).toMatchObject({
      status: 404,
      body: { message: "404 Branch Not Found" },
    });
  });

  test.each([
    ["it exists", { branch: "main", ref: "main" }, { message: "Branch already exists" }],
    ["its start does not", { branch: "b", ref: "none" }, { message: "Invalid reference name: none" }],
    ["its name is bad", { branch: "a..b", ref: "main" }, { message: "Branch name is invalid" }],
    ["it has no start", { branch: "b" }, { error: "ref is missing" }],
  ])("WHEN one is made but %s THEN it is 400", async (_what, input, body) => {
    expect(await developer.post(BRANCHES, input)).toMatchObject({ status: 400, body });
  });

  test("WHEN a Developer makes or deletes a protected one THEN it is refused", async () => {
    await admin.post(`${PROJECT}/protected_branches`, { name: "release/*" });
    const made = await developer.post(BRANCHES, { branch: "release/1", ref: "main" });
    expect(made.status).toBe(400);
    expect(made.body.message).toContain("You are not allowed to create protected branches on this project.");
    await admin.post(BRANCHES, { branch: "release/1", ref: "main" });
    const deleted = await developer.delete(`${BRANCHES}/release%2F1`);
    expect(deleted.status).toBe(400);
    expect(deleted.body.message).toContain("You are not allowed to delete protected branches from this project.");
    expect((await admin.delete(`${BRANCHES}/release%2F1`)).status).toBe(204);
  });

  test("WHEN the default branch is to be deleted THEN nobody may", async () => {
    expect(await admin.delete(`${BRANCHES}/main`)).toMatchObject({
      status: 400,
      body: { message: "The default branch of a project cannot be deleted." },
    });
  });
});

describe("GIVEN tags", () => {
  const TAGS = `${PROJECT}/repository/tags`;

  test("WHEN a rule protects them THEN only its roles make them", async () => {
    expect((await developer.post(TAGS, { tag_name: "v0", ref: "main" })).body).toMatchObject({
      name: "v0",
      protected: false,
    });
    const rule = await admin.post(`${PROJECT}/protected_tags`, { name: "v*" });
    expect(rule).toMatchObject({
      status: 201,
      body: { name: "v*", create_access_levels: [{ access_level: 40, access_level_description: "Maintainers" }] },
    });
    expect(await developer.post(TAGS, { tag_name: "v1", ref: "main" })).toMatchObject({
      status: 400,
      body: { message: "You are not allowed to create this tag as it is protected." },
    });
    expect((await admin.post(TAGS, { tag_name: "v1", ref: "main" })).body).toMatchObject({ protected: true });
    expect((await developer.delete(`${TAGS}/v1`)).status).toBe(403);
    expect((await admin.post(`${PROJECT}/protected_tags`, { name: "v*" })).status).toBe(409);
    expect((await admin.delete(`${PROJECT}/protected_tags/v*`)).status).toBe(204);
    expect((await admin.get(`${PROJECT}/protected_tags/v*`)).status).toBe(404);
    expect((await developer.delete(`${TAGS}/v1`)).status).toBe(204);
  });
});

describe("GIVEN files", () => {
  const change = (content: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
    branch: "work",
    content,
    commit_message: "Change",
    ...more,
  });

  test("WHEN created, updated, read and deleted THEN each step is a commit", async () => {
    const path = `${FILES}/app%2Fnew%20file.txt`;
    const created = await developer.post(path, change("one\n", { start_branch: "main", author_name: "Bot" }));
    expect(created).toMatchObject({ status: 201, body: { file_path: "app/new file.txt", branch: "work" } });
    expect((await developer.put(path, change("two\n"))).status).toBe(200);
    const read = (await developer.get(`${path}?ref=work`)).body;
    expect(Buffer.from(read.content, "base64").toString()).toBe("two\n");
    expect(read).toMatchObject({ file_name: "new file.txt", size: 4, encoding: "base64", execute_filemode: false });
    const raw = await developer.get(`${path}/raw?ref=work`);
    expect(raw.body).toBe("two\n");
    expect(raw.headers.get("x-gitlab-blob-id")).toBe(read.blob_id);
    const head = await developer.send("HEAD", `${path}?ref=work`);
    expect(head.headers.get("x-gitlab-content-sha256")).toBe(read.content_sha256);
    expect((await developer.delete(path, { branch: "work", commit_message: "Drop" })).status).toBe(204);
    expect(await developer.get(`${path}?ref=work`)).toMatchObject({
      status: 404,
      body: { message: "404 File Not Found" },
    });
    const commits = (await developer.get(`${PROJECT}/repository/commits?ref_name=work`)).body;
    expect(commits.map(({ title }: { title: string }) => title)).toEqual([
      "Drop",
      "Change",
      "Change",
      "Initial commit",
    ]);
    expect(commits[2].author_name).toBe("Bot");
  });

  test("WHEN binary content comes as base64 THEN it is stored byte by byte", async () => {
    const bytes = Buffer.from([0, 255, 10, 13, 1, 34, 92]);
    const body = change(bytes.toString("base64"), { encoding: "base64", start_branch: "main" });
    await developer.post(`${FILES}/binary`, body);
    const read = (await developer.get(`${FILES}/binary?ref=work`)).body;
    expect(Buffer.from(read.content, "base64")).toEqual(bytes);
  });

  test.each([
    ["POST", "README.md", "work2", { start_branch: "main" }, "A file with this name already exists"],
    ["PUT", "none.md", "work2", { start_branch: "main" }, "A file with this name doesn't exist"],
    ["POST", "new.md", "nowhere", {}, "You can only create or edit files when you are on a branch"],
    ["POST", "new.md", "main", {}, "You are not allowed to push into this branch"],
  ])("WHEN %s %s on %s THEN it is 400", async (method, file, branch, more, message) => {
    const answer = await developer.send(method, `${FILES}/${file}`, change("x", { branch, ...more }));
    expect(answer).toMatchObject({ status: 400, body: { message } });
  });

  test("WHEN the file changed since last_commit_id THEN the update is refused", async () => {
    const first = (await admin.get(`${FILES}/README.md?ref=main`)).body.last_commit_id;
    await admin.put(`${FILES}/README.md`, change("2", { branch: "main" }));
    const stale = await admin.put(`${FILES}/README.md`, change("3", { branch: "main", last_commit_id: first }));
    expect(stale.status).toBe(400);
    expect(stale.body.message).toContain("has changed since you started editing it");
  });

  test("WHEN a Developer writes the first file of an empty project THEN only Maintainers may", async () => {
    const path = "/projects/xlink%2Fempty/repository/files/a.txt";
    const body = { branch: "main", content: "a", commit_message: "first" };
    expect((await developer.post(path, body)).status).toBe(400);
    expect((await admin.post(path, body)).status).toBe(201);
    expect((await admin.get("/projects/xlink%2Fempty")).body.default_branch).toBe("main");
    expect((await admin.get("/projects/xlink%2Fempty/protected_branches")).body).toMatchObject([{ name: "main" }]);
  });
});

describe("GIVEN commits", () => {
  test("WHEN one has several actions THEN all are done in one commit", async () => {
    const { status, body } = await developer.post(`${PROJECT}/repository/commits`, {
      branch: "work",
      start_branch: "main",
      commit_message: "Many\n\nwith a body",
      actions: [
        { action: "create", file_path: "run.sh", content: "#!/bin/sh\n", execute_filemode: true },
        { action: "update", file_path: "README.md", content: "new\n" },
        { action: "move", file_path: "config.yaml", previous_path: "app/deep/config.yaml" },
      ],
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ title: "Many", stats: { total: expect.any(Number) } });
    const tree = (await developer.get(`${PROJECT}/repository/tree?ref=work&recursive=true`)).body;
    expect(tree.map(({ path, mode }: { path: string; mode: string }) => [path, mode])).toEqual([
      ["README.md", "100644"],
      ["config.yaml", "100644"],
      ["run.sh", "100755"],
    ]);
    const diff = (await developer.get(`${PROJECT}/repository/commits/${body.id}/diff`)).body;
    expect(diff).toHaveLength(3);
    expect(diff.find((file: { new_path: string }) => file.new_path === "config.yaml")).toMatchObject({
      old_path: "app/deep/config.yaml",
      renamed_file: true,
    });
    const compare = (await developer.get(`${PROJECT}/repository/compare?from=main&to=work`)).body;
    expect(compare.commits).toHaveLength(1);
    expect((await developer.get(`${PROJECT}/repository/commits/${body.id}/refs`)).body).toEqual([
      { type: "branch", name: "work" },
    ]);
  });

  test("WHEN the branch is protected from the caller THEN it is 403", async () => {
    const answer = await developer.post(`${PROJECT}/repository/commits`, {
      branch: "main",
      commit_message: "x",
      actions: [{ action: "update", file_path: "README.md", content: "x" }],
    });
    expect(answer).toMatchObject({
      status: 403,
      body: { message: "403 Forbidden - You are not allowed to push into this branch" },
    });
  });

  test.each([
    ["/repository/tree?path=none", 404],
    ["/repository/tree?ref=none", 404],
    ["/repository/commits/none", 404],
    ["/repository/compare?from=main&to=none", 404],
    ["/repository/commits?ref_name=--all", 404],
  ])("WHEN %s is asked for THEN it is %i", async (path, status) => {
    expect((await developer.get(`${PROJECT}${path}`)).status).toBe(status);
  });
});
