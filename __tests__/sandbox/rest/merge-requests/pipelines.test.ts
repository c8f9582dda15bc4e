import { Sandbox } from "../../../../sandbox/sandbox";
import { ApiClient } from "../../../support/api-client";

let sandbox: Sandbox;
let admin: ApiClient;

const PROJECT = "/projects/xlink%2Fops";
const REQUESTS = `${PROJECT}/merge_requests`;

beforeEach(async () => {
  sandbox = await Sandbox.start({
    provider: "registry",
    seed: {
      users: [{ username: "guest" }],
      projects: [{ path: "xlink/ops", files: { "README.md": "x", ".gitlab-ci.yml": "a: {script: b}\n" } }],
    },
  });
  admin = ApiClient.admin(sandbox);
  await commit("one", "work");
  await commit("two", "work");
  await admin.post(REQUESTS, { source_branch: "work", target_branch: "main", title: "Work" });
});

afterEach(() => sandbox.stop());

/** Adds a file; returns the commit's id. */
async function commit(name: string, branch: string): Promise<string> {
  const answer = await admin.post(`${PROJECT}/repository/commits`, {
    branch,
    start_branch: (await admin.get(`${PROJECT}/repository/branches/${branch}`)).status === 404 ? "main" : undefined,
    commit_message: `Add ${name}`,
    actions: [{ action: "create", file_path: name, content: name }],
  });
  expect(answer.status).toBe(201);
  return answer.body.id;
}

const tip = async (branch: string): Promise<string> =>
  (await admin.get(`${PROJECT}/repository/branches/${branch}`)).body.commit.id;

async function start(body: Record<string, unknown>): Promise<{ id: number; pipeline_id: number }> {
  const { status, body: job } = await admin.control("POST", "jobs", { project: "xlink/ops", ...body });
  expect(status).toBe(201);
  return job;
}

describe("GIVEN a merge request", () => {
  test("WHEN its pipelines are asked for THEN its own come first, then its branch's, the newest of each first", async () => {
    const own = [
      await start({ ref: "work", merge_request: true }),
      await start({ ref: "work", merge_request: true }),
    ].map(({ pipeline_id }) => pipeline_id);
    const ofBranch = (await start({ ref: "work" })).pipeline_id;
    await start({ ref: "main" });
    const { body } = await admin.get(`${REQUESTS}/1/pipelines`);
    // Each commit by the API was a push of its own.
    expect(body.map(({ id }: { id: number }) => id)).toEqual([own[1], own[0], ofBranch, 2, 1]);
    expect(body[0]).toMatchObject({
      ref: "refs/merge-requests/1/head",
      source: "merge_request_event",
      sha: await tip("work"),
      status: "running",
    });
    expect((await admin.get(`${REQUESTS}/1`)).body).toMatchObject({
      pipeline: { id: own[1] },
      head_pipeline: { id: own[1], before_sha: "0".repeat(40) },
    });
    expect((await admin.get(`${PROJECT}/pipelines/${own[0]}/jobs`)).body).toMatchObject([
      { ref: "refs/merge-requests/1/head" },
    ]);
    expect((await admin.get(`${PROJECT}/pipelines?ref=refs%2Fmerge-requests%2F1%2Fhead`)).body).toHaveLength(2);
  });

  test("WHEN a commit is added THEN the pipeline of the old one is no head pipeline any more", async () => {
    await start({ ref: "work", merge_request: true });
    await admin.put(PROJECT, { builds_access_level: "disabled" });
    await commit("three", "work");
    expect((await admin.get(`${REQUESTS}/1`)).body.head_pipeline).toBeNull();
    expect((await admin.get(`${REQUESTS}/1/pipelines`)).body).toHaveLength(3);
  });

  test("WHEN a Guest of a private project asks THEN merge requests are not for them", async () => {
    const guest = await admin.newUser("visitor");
    await admin.post(`${PROJECT}/members`, { user_id: guest.id, access_level: 10 });
    for (const path of [REQUESTS, `${REQUESTS}/1`, `${REQUESTS}/1/pipelines`]) {
      expect((await guest.api.get(path)).status).toBe(403);
    }
  });

  test("WHEN it was merged and its branch is gone THEN pipelines and commits are still told", async () => {
    const { pipeline_id } = await start({ ref: "work", merge_request: true });
    const head = await tip("work");
    await admin.put(`${REQUESTS}/1/merge`, { should_remove_source_branch: true });
    expect((await admin.get(`${REQUESTS}/1/pipelines`)).body[0].id).toBe(pipeline_id);
    expect((await admin.get(`${REQUESTS}/1`)).body).toMatchObject({ sha: head, head_pipeline: { id: pipeline_id } });
    expect((await admin.get(`${REQUESTS}/1/commits`)).body).toMatchObject([{ title: "Add two" }, { title: "Add one" }]);
  });
});

describe("GIVEN a commit", () => {
  const requestsOf = async (sha: string, query = ""): Promise<number[]> =>
    (await admin.get(`${PROJECT}/repository/commits/${sha}/merge_requests${query}`)).body.map(
      ({ iid }: { iid: number }) => iid,
    );

  test("WHEN its merge requests are asked for THEN opened and merged ones that bring it are told, by state", async () => {
    const before = await tip("main");
    const [second, first] = (await admin.get(`${REQUESTS}/1/commits`)).body.map(({ id }: { id: string }) => id);
    expect(await requestsOf(before)).toEqual([]);
    expect(await requestsOf(first)).toEqual([1]);
    expect(await requestsOf(second, "?state=merged")).toEqual([]);
    const merged = (await admin.put(`${REQUESTS}/1/merge`)).body.merge_commit_sha;
    expect(await requestsOf(merged, "?state=merged")).toEqual([1]);
    expect(await requestsOf("main")).toEqual([1]);
    expect(await requestsOf(first, "?state=merged")).toEqual([1]);
    expect(await requestsOf(first, "?state=opened")).toEqual([]);
    expect(await requestsOf(await commit("direct", "main"))).toEqual([]);
  });

  test("WHEN it is not there THEN it is 404", async () => {
    expect(await admin.get(`${PROJECT}/repository/commits/${"1".repeat(40)}/merge_requests`)).toMatchObject({
      status: 404,
      body: { message: "404 Commit Not Found" },
    });
  });

  test("WHEN a read_api token of a Developer asks THEN it is told", async () => {
    const dave = await admin.newUser("dave", ["read_api"]);
    await admin.post(`${PROJECT}/members`, { user_id: dave.id, access_level: 30 });
    expect((await dave.api.get(`${PROJECT}/repository/commits/work/merge_requests`)).body).toHaveLength(1);
  });
});
