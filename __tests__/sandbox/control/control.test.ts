import { Sandbox } from "../../../sandbox/sandbox";
import { ApiClient } from "../../support/api-client";

let sandbox: Sandbox;
let admin: ApiClient;

const VARIABLES = "/projects/xlink%2Fapps%2Fshop/variables";

beforeEach(async () => {
  sandbox = await Sandbox.start({
    provider: "registry",
    now: () => new Date("2026-03-10T12:00:00Z"),
    seed: {
      users: [{ username: "alice" }],
      groups: [
        {
          path: "xlink",
          variables: [
            { key: "FROM", value: "top" },
            { key: "TOP", value: "top" },
          ],
        },
        {
          path: "xlink/apps",
          variables: [
            { key: "FROM", value: "near" },
            { key: "NEAR", value: "near" },
          ],
        },
      ],
      projects: [
        {
          path: "xlink/apps/shop",
          files: { "README.md": "x" },
          branches: ["feature"],
          variables: [
            { key: "SECRET", value: "protected-value", protected: true },
            { key: "STAGE", value: "any" },
            { key: "STAGE", value: "review", environment_scope: "review/*" },
            { key: "STAGE", value: "exact", environment_scope: "review/one" },
            { key: "URL", value: "$CI_SERVER_URL/${CI_PROJECT_PATH}/$$X" },
            { key: "RAW", value: "$CI_SERVER_URL", raw: true },
          ],
        },
      ],
    },
  });
  admin = ApiClient.admin(sandbox);
});

afterEach(() => sandbox.stop());

test("GIVEN a hook of the server's own WHEN its message is none THEN that is refused", async () => {
  expect((await admin.control("PUT", "server-hook", { message: "no" })).body).toEqual({ message: "no" });
  expect((await admin.control("PUT", "server-hook", { message: null })).body).toEqual({ message: null });
  expect((await admin.control("PUT", "server-hook", { message: "" })).status).toBe(400);
});

describe("GIVEN the clock", () => {
  test("WHEN set, advanced and reset THEN it ticks from there", async () => {
    const at = async (body: Record<string, unknown>): Promise<string> =>
      (await admin.control("PUT", "clock", body)).body.now;
    expect((await admin.control("GET", "clock")).body.now).toBe("2026-03-10T12:00:00.000Z");
    expect(await at({ now: "2027-01-01T00:00:00Z" })).toBe("2027-01-01T00:00:00.000Z");
    expect(await at({ advance_seconds: 90 })).toBe("2027-01-01T00:01:30.000Z");
    expect(
      (await admin.post(VARIABLES.replace("/variables", "/access_tokens"), { name: "t", scopes: ["api"] })).body,
    ).toMatchObject({
      created_at: "2027-01-01T00:01:30.000Z",
      expires_at: "2028-01-01",
    });
    expect(await at({ reset: true })).toBe("2026-03-10T12:00:00.000Z");
  });

  test.each([{}, { now: "yesterday" }, { advance_seconds: "1" }, { now: "2027-01-01T00:00:00Z", reset: true }])(
    "WHEN %j is put THEN it is 400",
    async (body) => {
      expect((await admin.control("PUT", "clock", body)).status).toBe(400);
    },
  );
});

describe("GIVEN faults", () => {
  const create = (): Promise<{ status: number }> => admin.post(VARIABLES, { key: "NEW", value: "v" });
  const exists = async (): Promise<boolean> => (await admin.get(`${VARIABLES}/NEW`)).status === 200;

  test("WHEN a status is injected twice THEN two matching calls get it and the third goes through", async () => {
    const fault = {
      method: "post",
      path: "/variables$",
      times: 2,
      status: 502,
      body: "<html>",
      headers: { "Retry-After": "1" },
    };
    expect((await admin.control("POST", "faults", fault)).status).toBe(201);
    expect((await admin.get(VARIABLES)).status).toBe(200);
    const first = await admin.post(VARIABLES, { key: "NEW", value: "v" });
    expect(first).toMatchObject({ status: 502, body: "<html>" });
    expect(first.headers.get("retry-after")).toBe("1");
    expect((await admin.control("GET", "faults")).body).toMatchObject([{ remaining: 1, kind: "status" }]);
    expect((await create()).status).toBe(502);
    expect(await exists()).toBe(false);
    expect((await create()).status).toBe(201);
  });

  test("WHEN the path is matched THEN it is the decoded one", async () => {
    await admin.control("POST", "faults", { path: "^/api/v4/projects/xlink/apps/shop/variables$", status: 503 });
    expect((await admin.get(VARIABLES)).status).toBe(503);
  });

  test("WHEN some calls may pass THEN the fault begins after them, and others do not count", async () => {
    await admin.control("POST", "faults", { path: "/version$", after: 2, times: 100, status: 500 });
    expect((await admin.get(VARIABLES)).status).toBe(200);
    const statuses = [];
    for (let i = 0; i < 4; i += 1) statuses.push((await admin.get("/version")).status);
    expect(statuses).toEqual([200, 200, 500, 500]);
  });

  test("WHEN a reset is injected THEN the connection is cut and nothing was done", async () => {
    await admin.control("POST", "faults", { path: "/variables", reset: true });
    await expect(create()).rejects.toThrow();
    expect(await exists()).toBe(false);
  });

  test("WHEN an answer is lost THEN the connection is cut and it was done", async () => {
    await admin.control("POST", "faults", { path: "/variables", lose_answer: true });
    await expect(create()).rejects.toThrow();
    expect(await exists()).toBe(true);
  });

  test("WHEN a delay is injected THEN the call takes that long", async () => {
    await admin.control("POST", "faults", { path: "/version", delay_ms: 300 });
    const start = Date.now();
    expect((await admin.get("/version")).status).toBe(200);
    expect(Date.now() - start).toBeGreaterThanOrEqual(290);
  });

  test("WHEN they are cleared THEN none is left", async () => {
    await admin.control("POST", "faults", { path: ".", times: 100, status: 500 });
    expect((await admin.control("DELETE", "faults")).status).toBe(204);
    expect((await admin.get("/version")).status).toBe(200);
  });

  test.each([{ path: "x" }, { path: "x", status: 500, reset: true }, { path: "(", status: 500 }, { status: 1 }])(
    "WHEN %j is asked for THEN it is 400",
    async (body) => {
      expect((await admin.control("POST", "faults", body)).status).toBe(400);
    },
  );
});

describe("GIVEN the request log", () => {
  test("WHEN calls were made THEN each has method, path, status and user, and never a token", async () => {
    await admin.control("DELETE", "requests");
    await admin.get(`${VARIABLES}?private_token=${sandbox.adminToken}`);
    await admin.as(undefined).get("/user");
    await admin.control("POST", "faults", { path: "/version", reset: true });
    await admin.get("/version").catch(() => undefined);
    const { body } = await admin.control("GET", "requests");
    const shown = (body as Record<string, unknown>[]).map(({ method, path, status, user }) => [
      method,
      path,
      status,
      user,
    ]);
    expect(shown).toEqual([
      ["GET", "/api/v4/projects/xlink/apps/shop/variables", 200, "root"],
      ["GET", "/api/v4/user", 401, null],
      ["GET", "/api/v4/version", 0, null],
    ]);
    expect(JSON.stringify(body)).not.toContain(sandbox.adminToken);
  });

  test("WHEN parameters came that nothing is done with THEN the answer and the log name them, and others not", async () => {
    await admin.control("DELETE", "requests");
    const sent = { name: "quiet", public_builds: false, "not known": { to: "anybody" }, topics: ["a"] };
    const { headers } = await admin.post("/projects", sent);
    expect(headers.get("x-gitlab-sandbox-ignored")).toBe("public_builds, not%20known, topics");
    const odd = await admin.post("/projects", { name: "odd", "\ud800": 1, constructor: 2, [`${"x".repeat(59)}😀`]: 3 });
    expect([odd.status, odd.headers.get("x-gitlab-sandbox-ignored")]).toEqual([
      201,
      `%EF%BF%BD, constructor, ${"x".repeat(59)}%EF%BF%BD`,
    ]);
    const plain = await admin.get("/projects?per_page=1&page=1&search=quiet");
    expect(plain.headers.get("x-gitlab-sandbox-ignored")).toBeNull();
    const { body } = await admin.control("GET", "requests");
    expect((body as { ignored?: string[] }[]).map(({ ignored }) => ignored)).toEqual([
      ["public_builds", "not known", "topics"],
      ["\ufffd", "constructor", `${"x".repeat(59)}\ufffd`],
      undefined,
    ]);
  });
});

describe("GIVEN a job", () => {
  const start = async (
    body: Record<string, unknown> = {},
  ): Promise<{ variables: Record<string, string>; token: string }> =>
    (await admin.control("POST", "jobs", { project: "xlink/apps/shop", ...body })).body;

  test("WHEN started on the default branch THEN it gets what a runner would give it", async () => {
    const { variables, token } = await start({ user: "alice" });
    expect(variables).toMatchObject({
      CI: "true",
      CI_JOB_TOKEN: token,
      CI_PROJECT_PATH: "xlink/apps/shop",
      CI_COMMIT_REF_NAME: "main",
      CI_COMMIT_BRANCH: "main",
      CI_COMMIT_REF_PROTECTED: "true",
      CI_SERVER_URL: sandbox.url,
      CI_SERVER_HOST: "127.0.0.1",
      CI_SERVER_FQDN: new URL(sandbox.url).host,
      CI_API_V4_URL: `${sandbox.url}/api/v4`,
      GITLAB_USER_LOGIN: "alice",
      SECRET: "protected-value",
      STAGE: "any",
    });
  });

  test("WHEN started on an unprotected branch THEN protected variables are not there", async () => {
    const { variables } = await start({ ref: "feature" });
    expect(variables).toMatchObject({ CI_COMMIT_REF_PROTECTED: "false", STAGE: "any" });
    expect(variables).not.toHaveProperty("SECRET");
  });

  test("WHEN keys are set at several levels THEN the nearest wins", async () => {
    expect((await start()).variables).toMatchObject({ FROM: "near", TOP: "top", NEAR: "near" });
    await admin.post(VARIABLES, { key: "FROM", value: "project" });
    expect((await start()).variables.FROM).toBe("project");
  });

  test.each([
    [undefined, "any"],
    ["production", "any"],
    ["review/two", "review"],
    ["review/one", "exact"],
  ])("WHEN its environment is %s THEN the best scope wins", async (environment, value) => {
    expect((await start({ environment })).variables.STAGE).toBe(value);
  });

  test("WHEN a value refers to others THEN it is expanded unless raw", async () => {
    const { variables } = await start();
    expect(variables.URL).toBe(`${sandbox.url}/xlink/apps/shop/$X`);
    expect(variables.RAW).toBe("$CI_SERVER_URL");
  });

  test("WHEN it is a merge request's THEN protected variables need the project's consent and two protected branches", async () => {
    await admin.post("/projects/1/repository/files/new", { branch: "feature", content: "x", commit_message: "c" });
    await admin.post("/projects/1/merge_requests", { source_branch: "feature", target_branch: "main", title: "t" });
    await admin.post("/projects/1/protected_branches", { name: "feature" });
    const request = { ref: "feature", merge_request: true };
    const first = (await start(request)).variables;
    expect(first).toMatchObject({ CI_PIPELINE_SOURCE: "merge_request_event", CI_MERGE_REQUEST_IID: "1" });
    expect(first).not.toHaveProperty("SECRET");
    expect(first).not.toHaveProperty("CI_COMMIT_BRANCH");
    await admin.put("/projects/1", { protect_merge_request_pipelines: true });
    expect((await start(request)).variables.SECRET).toBe("protected-value");
  });

  describe("in a project with some history", () => {
    const ZEROS = "0".repeat(40);
    const commit = async (name: string, branch: string): Promise<string> => {
      const actions = [{ action: "create", file_path: name, content: name }];
      const body = { branch, commit_message: `Add ${name}\n\nBecause.\n`, actions };
      return (await admin.post("/projects/1/repository/commits", body)).body.id;
    };

    test("WHEN a push starts it THEN it knows the commit and where the branch stood", async () => {
      expect((await start()).variables.CI_COMMIT_BEFORE_SHA).toBe(ZEROS);
      const before = (await start()).variables.CI_COMMIT_SHA;
      const sha = await commit("one", "main");
      const { variables } = await start();
      expect(variables).toMatchObject({
        CI_COMMIT_SHA: sha,
        CI_COMMIT_BEFORE_SHA: before,
        CI_COMMIT_TITLE: "Add one",
        CI_COMMIT_MESSAGE: "Add one\n\nBecause.",
        CI_COMMIT_DESCRIPTION: "Because.",
        CI_COMMIT_AUTHOR: "Administrator <admin@example.com>",
        CI_PIPELINE_SOURCE: "push",
        CI_NODE_TOTAL: "1",
      });
      expect(variables).not.toHaveProperty("CI_NODE_INDEX");
      expect(variables).not.toHaveProperty("CI_OPEN_MERGE_REQUESTS");
      expect((await start({ before_sha: "a".repeat(40) })).variables.CI_COMMIT_BEFORE_SHA).toBe("a".repeat(40));
    });

    test.each([
      ["schedule", "A schedule of the sandbox"],
      ["web", undefined],
    ])("WHEN its source is %s THEN it is told so, and of no commit before", async (source, description) => {
      await commit("one", "main");
      const { variables } = await start({ source });
      expect(variables).toMatchObject({
        CI_PIPELINE_SOURCE: source,
        CI_COMMIT_BEFORE_SHA: ZEROS,
        CI_COMMIT_BRANCH: "main",
      });
      expect(variables.CI_PIPELINE_SCHEDULE_DESCRIPTION).toBe(description);
    });

    test("WHEN it is a merge request's THEN it is told the branches, their protection and the base", async () => {
      const base = (await start()).variables.CI_COMMIT_SHA;
      const sha = await commit("one", "feature");
      await commit("two", "main");
      await admin.post("/projects/1/merge_requests", {
        source_branch: "feature",
        target_branch: "main",
        title: "Draft: t",
        labels: "a,b",
      });
      const { variables } = await start({ ref: "feature", merge_request: true });
      expect(variables).toMatchObject({
        CI_COMMIT_SHA: sha,
        CI_COMMIT_BEFORE_SHA: ZEROS,
        CI_COMMIT_REF_NAME: "feature",
        CI_COMMIT_REF_PROTECTED: "false",
        CI_OPEN_MERGE_REQUESTS: "xlink/apps/shop!1",
        CI_MERGE_REQUEST_EVENT_TYPE: "detached",
        CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: "",
        CI_MERGE_REQUEST_DIFF_BASE_SHA: base,
        CI_MERGE_REQUEST_REF_PATH: "refs/merge-requests/1/head",
        CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: "feature",
        CI_MERGE_REQUEST_SOURCE_BRANCH_PROTECTED: "false",
        CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "main",
        CI_MERGE_REQUEST_TARGET_BRANCH_PROTECTED: "true",
        CI_MERGE_REQUEST_LABELS: "a,b",
        CI_MERGE_REQUEST_DRAFT: "true",
      });
      const ofBranch = (await start({ ref: "feature" })).variables;
      expect(ofBranch).toMatchObject({ CI_COMMIT_BRANCH: "feature", CI_OPEN_MERGE_REQUESTS: "xlink/apps/shop!1" });
      expect(ofBranch).not.toHaveProperty("CI_MERGE_REQUEST_IID");
    });
  });

  describe("of a pipeline with several", () => {
    const pipeline = async (id: number): Promise<{ status: string }> =>
      (await admin.get(`/projects/1/pipelines/${id}`)).body;
    const finish = (id: number, status = "success") => admin.control("POST", `jobs/${id}/finish`, { status });
    const job = async (body: Record<string, unknown>) =>
      (await admin.control("POST", "jobs", { project: 1, ...body })).body;

    test("WHEN they run in parallel THEN each knows its share, and the pipeline succeeds with the last", async () => {
      const first = await job({ name: "plan", user: "alice", node_index: 1, node_total: 2 });
      const second = await job({ name: "plan", pipeline: first.pipeline_id, node_index: 2, node_total: 2 });
      expect(second.pipeline_id).toBe(first.pipeline_id);
      expect(second.variables).toMatchObject({
        CI_JOB_NAME: "plan 2/2",
        CI_NODE_INDEX: "2",
        CI_NODE_TOTAL: "2",
        GITLAB_USER_LOGIN: "alice",
        CI_COMMIT_SHA: first.variables.CI_COMMIT_SHA,
      });
      await finish(first.id);
      expect((await pipeline(first.pipeline_id)).status).toBe("running");
      await finish(second.id);
      expect((await pipeline(first.pipeline_id)).status).toBe("success");
      expect((await admin.get(`/projects/1/pipelines/${first.pipeline_id}/jobs`)).body).toMatchObject([
        { name: "plan 2/2" },
        { name: "plan 1/2" },
      ]);
    });

    test("WHEN a manual one follows THEN it is who started it, and the pipeline runs again", async () => {
      const plan = await job({ name: "plan", user: "alice", source: "web" });
      await finish(plan.id);
      const deploy = await job({ name: "deploy", pipeline: plan.pipeline_id, user: "root", environment: "pushers" });
      expect(deploy.variables).toMatchObject({
        GITLAB_USER_LOGIN: "root",
        CI_PIPELINE_SOURCE: "web",
        CI_ENVIRONMENT_NAME: "pushers",
      });
      expect((await pipeline(plan.pipeline_id)).status).toBe("running");
    });

    test("WHEN one fails THEN the pipeline failed, until a retry of it succeeds", async () => {
      const plan = await job({ name: "plan" });
      await finish(plan.id, "failed");
      await finish((await job({ name: "test", pipeline: plan.pipeline_id })).id);
      expect((await pipeline(plan.pipeline_id)).status).toBe("failed");
      await finish((await job({ name: "plan", pipeline: plan.pipeline_id })).id);
      expect((await pipeline(plan.pipeline_id)).status).toBe("success");
      const jobs = `/projects/1/pipelines/${plan.pipeline_id}/jobs`;
      expect((await admin.get(jobs)).body).toHaveLength(2);
      expect((await admin.get(`${jobs}?include_retried=true`)).body).toHaveLength(3);
    });

    test("WHEN it joins a merge request's THEN it is one of the merge request's jobs", async () => {
      await admin.post("/projects/1/repository/files/new", { branch: "feature", content: "x", commit_message: "c" });
      await admin.post("/projects/1/merge_requests", { source_branch: "feature", target_branch: "main", title: "t" });
      const first = await job({ ref: "feature", merge_request: true });
      const { variables } = await job({ pipeline: first.pipeline_id, name: "plan" });
      expect(variables).toMatchObject({ CI_MERGE_REQUEST_IID: "1", CI_COMMIT_REF_NAME: "feature" });
      expect(variables).not.toHaveProperty("SECRET");
    });
  });

  test.each([
    [{ pipeline: 99 }, 404],
    [{ pipeline: 1, ref: "main" }, 400],
    [{ merge_request: true, source: "push" }, 400],
    [{ source: "web", before_sha: "0".repeat(40) }, 400],
    [{ node_index: 1 }, 400],
    [{ node_index: 3, node_total: 2 }, 400],
    [{ project: "no/such" }, 404],
    [{ ref: "none" }, 404],
    [{ user: "nobody" }, 404],
    [{ merge_request: true }, 404],
    [{ colour: "red" }, 400],
  ])("WHEN %j is asked for THEN it is %i", async (body, status) => {
    expect((await admin.control("POST", "jobs", { project: "xlink/apps/shop", ...body })).status).toBe(status);
  });
});

test("GIVEN the control WHEN an unknown endpoint is called THEN the answer names those there are", async () => {
  expect(await admin.control("GET", "nothing")).toMatchObject({
    status: 404,
    body: { error: expect.stringContaining("faults") },
  });
});
