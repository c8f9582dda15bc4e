import { Sandbox } from "../../../../sandbox/sandbox";
import { ApiClient } from "../../../support/api-client";

let sandbox: Sandbox;
let admin: ApiClient;

const SCOPE = "/projects/1/job_token_scope";

beforeEach(async () => {
  sandbox = await Sandbox.start({
    provider: "registry",
    seed: {
      projects: [
        { path: "a/target", files: { f: "x" } },
        { path: "b/source", files: { f: "x" } },
      ],
    },
  });
  admin = ApiClient.admin(sandbox);
});

afterEach(() => sandbox.stop());

test("GIVEN a project WHEN its scope is read and changed THEN inbound is on by default and follows", async () => {
  expect((await admin.get(SCOPE)).body).toEqual({ inbound_enabled: true, outbound_enabled: false });
  expect((await admin.patch(SCOPE, { enabled: false })).status).toBe(204);
  expect((await admin.get(SCOPE)).body.inbound_enabled).toBe(false);
  expect(await admin.patch(SCOPE, {})).toMatchObject({ status: 400, body: { error: "enabled is missing" } });
});

test("GIVEN the allowlist WHEN projects and groups come and go THEN it holds them, itself first", async () => {
  expect((await admin.get(`${SCOPE}/allowlist`)).body).toMatchObject([{ id: 1 }]);
  const added = await admin.post(`${SCOPE}/allowlist`, { target_project_id: 2 });
  expect(added).toMatchObject({ status: 201, body: { source_project_id: 1, target_project_id: 2 } });
  expect((await admin.post(`${SCOPE}/allowlist`, { target_project_id: 2 })).status).toBe(400);
  expect((await admin.get(`${SCOPE}/allowlist`)).body).toMatchObject([{ id: 1 }, { id: 2 }]);
  expect((await admin.delete(`${SCOPE}/allowlist/2`)).status).toBe(204);
  expect((await admin.delete(`${SCOPE}/allowlist/2`)).status).toBe(404);
  const group = (await admin.get("/groups/b")).body.id;
  expect((await admin.post(`${SCOPE}/groups_allowlist`, { target_group_id: group })).status).toBe(201);
  expect((await admin.get(`${SCOPE}/groups_allowlist`)).body).toMatchObject([{ id: group, name: "b" }]);
  expect((await admin.delete(`${SCOPE}/groups_allowlist/${group}`)).status).toBe(204);
});

test("GIVEN a running job WHEN its token calls the API THEN only endpoints for jobs answer, until it ends", async () => {
  const job = (await admin.control("POST", "jobs", { project: "a/target" })).body;
  const withToken = (path: string): Promise<number> =>
    fetch(`${sandbox.url}/api/v4${path}`, { headers: { "JOB-TOKEN": job.token } }).then(({ status }) => status);
  expect(await withToken("/job")).toBe(200);
  expect(await withToken("/projects/1/repository/files/f/raw?ref=main")).toBe(200);
  expect(await withToken("/projects/1/variables")).toBe(401);
  expect(await withToken("/projects/1/access_tokens")).toBe(401);
  expect((await admin.get(`/projects/1/jobs/${job.id}`)).body).toMatchObject({ status: "running", ref: "main" });
  await admin.control("POST", `jobs/${job.id}/finish`);
  expect(await withToken("/job")).toBe(401);
  expect((await admin.get(`/projects/1/jobs/${job.id}`)).body).toMatchObject({ status: "success" });
  expect((await admin.get(`/projects/1/pipelines/${job.pipeline_id}/jobs`)).body).toHaveLength(1);
});
