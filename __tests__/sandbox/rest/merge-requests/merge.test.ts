import { Sandbox } from "../../../../sandbox/sandbox";
import { ApiClient } from "../../../support/api-client";

let sandbox: Sandbox;
let admin: ApiClient;

const PROJECT = "/projects/xlink%2Fops";
const REQUEST = `${PROJECT}/merge_requests/1`;

beforeEach(async () => {
  sandbox = await Sandbox.start({
    provider: "registry",
    seed: { projects: [{ path: "xlink/ops", files: { "README.md": "x", ".gitlab-ci.yml": "a: {script: b}\n" } }] },
  });
  admin = ApiClient.admin(sandbox);
  await add("one", "work");
  await add("two", "work");
  await admin.post(`${PROJECT}/merge_requests`, { source_branch: "work", target_branch: "main", title: "Both" });
});

afterEach(() => sandbox.stop());

async function add(name: string, branch: string): Promise<void> {
  const start_branch =
    (await admin.get(`${PROJECT}/repository/branches/${branch}`)).status === 404 ? "main" : undefined;
  await admin.post(`${PROJECT}/repository/files/${name}`, {
    branch,
    start_branch,
    content: name,
    commit_message: `Add ${name}`,
  });
}

const tip = async (branch = "main"): Promise<{ id: string; parent_ids: string[]; title: string }> =>
  (await admin.get(`${PROJECT}/repository/branches/${branch}`)).body.commit;

describe("GIVEN a merge request of two commits", () => {
  test("WHEN merged THEN the target gets a merge commit, and a pipeline that knows where it stood", async () => {
    const [before, head] = [await tip(), await tip("work")];
    const { body } = await admin.put(`${REQUEST}/merge`);
    const after = await tip();
    expect(after.parent_ids).toEqual([before.id, head.id]);
    expect(body).toMatchObject({ state: "merged", merge_commit_sha: after.id, squash_commit_sha: null, sha: head.id });
    const [pipeline] = (await admin.get(`${PROJECT}/pipelines?ref=main`)).body;
    expect((await admin.get(`${PROJECT}/pipelines/${pipeline.id}`)).body).toMatchObject({
      sha: after.id,
      source: "push",
      status: "created",
      before_sha: before.id,
      user: { username: "root" },
    });
  });

  test("WHEN its message says so THEN the pipeline is skipped", async () => {
    await admin.put(`${REQUEST}/merge`, { merge_commit_message: "Merge [skip ci]" });
    expect((await admin.get(`${PROJECT}/pipelines?ref=main`)).body[0].status).toBe("skipped");
  });

  test("WHEN squashed THEN one commit with the title is merged", async () => {
    const before = await tip();
    const { body } = await admin.put(`${REQUEST}/merge`, { squash: true });
    const squashed = (await admin.get(`${PROJECT}/repository/commits/${body.squash_commit_sha}`)).body;
    expect(squashed).toMatchObject({ title: "Both", parent_ids: [before.id] });
    expect((await tip()).parent_ids).toEqual([before.id, squashed.id]);
    const found = await admin.get(`${PROJECT}/repository/commits/${squashed.id}/merge_requests`);
    expect(found.body).toMatchObject([{ iid: 1 }]);
  });

  test("WHEN the caller saw other commits THEN it is 409", async () => {
    expect(await admin.put(`${REQUEST}/merge`, { sha: "1".repeat(40) })).toMatchObject({
      status: 409,
      body: { message: `SHA does not match HEAD of source branch: ${(await tip("work")).id}` },
    });
  });
});

describe("GIVEN a project that merges by fast-forward", () => {
  beforeEach(() => admin.put(PROJECT, { merge_method: "ff" }));

  test("WHEN the source is up to date THEN the target moves to its head, and its commits know the merge request", async () => {
    const head = await tip("work");
    expect((await admin.put(`${REQUEST}/merge`)).body).toMatchObject({ state: "merged", merge_commit_sha: null });
    expect((await tip()).id).toBe(head.id);
    for (const sha of [head.id, head.parent_ids[0]]) {
      const found = await admin.get(`${PROJECT}/repository/commits/${sha}/merge_requests?state=merged`);
      expect(found.body).toMatchObject([{ iid: 1 }]);
    }
  });

  test("WHEN squashed as well THEN the target gets the one commit", async () => {
    const before = await tip();
    const { body } = await admin.put(`${REQUEST}/merge`, { squash: true, squash_commit_message: "In one" });
    expect(await tip()).toMatchObject({ id: body.squash_commit_sha, title: "In one", parent_ids: [before.id] });
  });
});

test.each(["ff", "rebase_merge"])(
  "GIVEN merge method %s WHEN the target went on THEN it is 405 until rebased",
  async (merge_method) => {
    await admin.put(PROJECT, { merge_method });
    await add("meanwhile", "main");
    const before = await tip();
    expect((await admin.get(REQUEST)).body.detailed_merge_status).toBe("need_rebase");
    expect(await admin.put(`${REQUEST}/merge`)).toMatchObject({
      status: 405,
      body: { message: "405 Method Not Allowed" },
    });
    expect((await tip()).id).toBe(before.id);
  },
);
