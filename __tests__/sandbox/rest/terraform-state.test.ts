import { Sandbox } from "../../../sandbox/sandbox";
import { ApiClient } from "../../support/api-client";

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
