import { Sandbox } from "../../../../sandbox/sandbox";
import { ApiClient } from "../../../support/api-client";

let sandbox: Sandbox;
let admin: ApiClient;
let developer: ApiClient;

const STATE = "/projects/xlink%2Fops/terraform/state/prod";

beforeEach(async () => {
  sandbox = await Sandbox.start({
    provider: "registry",
    seed: { projects: [{ path: "xlink/ops", files: { f: "x" } }] },
  });
  admin = ApiClient.admin(sandbox);
  const dave = await admin.newUser("dave");
  await admin.post("/projects/xlink%2Fops/members", { user_id: dave.id, access_level: 30 });
  developer = dave.api;
});

afterEach(() => sandbox.stop());

const lock = (ID: string): Record<string, string> => ({
  ID,
  Operation: "OperationTypeApply",
  Info: "",
  Who: "me@host",
  Version: "1.11.0",
  Created: "2026-01-01T00:00:00Z",
  Path: "",
});

test("GIVEN a new state WHEN written and read THEN it comes back as it was, with versions by serial", async () => {
  expect((await admin.get(STATE)).status).toBe(404);
  expect((await admin.post(STATE, { version: 4, serial: 1 })).status).toBe(200);
  expect((await admin.post(STATE, { version: 4, serial: 2, more: true })).status).toBe(200);
  expect(await developer.get(STATE)).toMatchObject({ status: 200, body: { serial: 2, more: true } });
  expect((await developer.get(`${STATE}/versions/1`)).body).toEqual({ version: 4, serial: 1 });
  expect((await admin.delete(`${STATE}/versions/1`)).status).toBe(204);
  expect((await admin.get(`${STATE}/versions/1`)).status).toBe(404);
  expect((await admin.delete(STATE)).status).toBe(200);
  expect((await admin.get(STATE)).status).toBe(404);
});

test("GIVEN a lock WHEN another comes THEN it is 409 with the lock that is held, by its GitLab user", async () => {
  expect((await admin.post(`${STATE}/lock`, lock("one"))).status).toBe(200);
  expect((await admin.post(`${STATE}/lock`, lock("one"))).status).toBe(409);
  const refused = await admin.post(`${STATE}/lock`, { ...lock("two"), Operation: "OperationTypePlan" });
  // Of the lock that is held GitLab tells id, user and instant; the rest is the caller's own.
  expect(refused).toMatchObject({ status: 409, body: { ID: "one", Who: "root", Operation: "OperationTypePlan" } });
  expect(refused.body.Created).not.toBe(lock("one").Created);
  expect((await admin.get(STATE)).status).toBe(204);
  expect((await admin.post(`${STATE}?ID=one`, { serial: 1 })).status).toBe(200);
  expect((await admin.post(`${STATE}?ID=two`, { serial: 2 })).status).toBe(500);
  expect((await admin.delete(`${STATE}/lock`, lock("two"))).status).toBe(409);
  expect((await admin.delete(`${STATE}/lock`, lock("one"))).status).toBe(200);
  await admin.post(`${STATE}/lock`, lock("three"));
  expect((await admin.delete(`${STATE}/lock`)).status).toBe(200);
});

test.each([
  ["no serial", "{}", 422, "No serial in payload"],
  ["no JSON", "nope", 422, "invalid JSON"],
])("GIVEN %s WHEN written THEN it is %i", async (_what, body, status, text) => {
  const response = await fetch(`${sandbox.url}/api/v4${STATE}`, {
    method: "POST",
    headers: { "PRIVATE-TOKEN": sandbox.adminToken, "Content-Type": "application/json" },
    body,
  });
  expect(response.status).toBe(status);
  expect(await response.text()).toContain(text);
});

test("GIVEN a size limit WHEN a state is larger THEN it is 413", async () => {
  await admin.put("/application/settings", { max_terraform_state_size_bytes: 50 });
  expect((await admin.post(STATE, { serial: 1, pad: "x".repeat(100) })).status).toBe(413);
});

test("GIVEN a Developer WHEN they lock or write THEN it is 403", async () => {
  expect((await developer.post(`${STATE}/lock`, lock("one"))).status).toBe(403);
  expect((await developer.post(STATE, { serial: 1 })).status).toBe(403);
});

test("GIVEN Basic authentication as Terraform sends it WHEN a job token is the password THEN the job's user acts", async () => {
  const job = (await admin.control("POST", "jobs", { project: "xlink/ops" })).body;
  const send = (user: string, password: string): Promise<Response> =>
    fetch(`${sandbox.url}/api/v4${STATE}/lock`, {
      method: "POST",
      headers: {
        Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
        "Content-Type": "application/json",
      },
      body: JSON.stringify(lock("basic")),
    });
  expect((await send("gitlab-ci-token", job.token)).status).toBe(200);
  // Who may, and is too late.
  expect((await send("root", sandbox.adminToken)).status).toBe(409);
  expect((await send("root", "wrong")).status).toBe(401);
});

test("GIVEN jobs of a merge request WHEN they use the state THEN a Developer's reads and may not lock, a Maintainer's may", async () => {
  await admin.post("/projects/xlink%2Fops/repository/files/new", {
    branch: "change",
    start_branch: "main",
    content: "x",
    commit_message: "c",
  });
  await admin.post("/projects/xlink%2Fops/merge_requests", {
    source_branch: "change",
    target_branch: "main",
    title: "t",
  });
  const mia = await admin.newUser("mia");
  await admin.post("/projects/xlink%2Fops/members", { user_id: mia.id, access_level: 40 });
  await admin.post(STATE, { version: 4, serial: 1 });
  const job = async (user: string): Promise<string> =>
    (await admin.control("POST", "jobs", { project: "xlink/ops", ref: "change", merge_request: true, user })).body
      .token;
  const call = (method: string, path: string, token: string, body?: Record<string, string>) => {
    const authorization = `Basic ${Buffer.from(`gitlab-ci-token:${token}`).toString("base64")}`;
    return admin.as(undefined).send(method, path, body, { Authorization: authorization });
  };
  const [daves, mias] = [await job("dave"), await job("mia")];
  expect(await call("GET", STATE, daves)).toMatchObject({ status: 200, body: { serial: 1 } });
  expect((await call("POST", `${STATE}/lock`, daves, lock("dave"))).status).toBe(403);
  expect((await call("DELETE", `${STATE}/lock`, daves)).status).toBe(403);
  expect((await call("POST", STATE, daves, { serial: "2" })).status).toBe(403);
  expect((await call("POST", `${STATE}/lock`, mias, lock("mia"))).status).toBe(200);
  expect((await call("DELETE", `${STATE}/lock`, mias, lock("mia"))).status).toBe(200);
});

test("GIVEN a job's token WHEN its user name is not gitlab-ci-token, or its project not allowed THEN it does not do", async () => {
  await admin.post("/projects", { name: "other", namespace_id: (await admin.get("/groups/xlink")).body.id });
  await admin.post("/projects/xlink%2Fother/repository/files/f", {
    branch: "main",
    content: "x",
    commit_message: "c",
  });
  await admin.post(STATE, { version: 4, serial: 1 });
  const job = async (project: string): Promise<string> => (await admin.control("POST", "jobs", { project })).body.token;
  const read = (user: string, token: string) => {
    const authorization = `Basic ${Buffer.from(`${user}:${token}`).toString("base64")}`;
    return admin.as(undefined).send("GET", STATE, undefined, { Authorization: authorization });
  };
  const own = await job("xlink/ops");
  expect((await read("gitlab-ci-token", own)).status).toBe(200);
  expect((await read("root", own)).status).toBe(401);
  expect(await read("gitlab-ci-token", await job("xlink/other"))).toMatchObject({
    status: 403,
    body: { message: "403 Forbidden - Authentication by CI/CD job token not allowed from other to ops." },
  });
});
