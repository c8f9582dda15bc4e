import { Sandbox } from "../../../../sandbox/sandbox";
import { ApiClient } from "../../../support/api-client";

let sandbox: Sandbox;
let admin: ApiClient;

beforeAll(async () => {
  sandbox = await Sandbox.start({
    provider: "registry",
    seed: {
      groups: [{ path: "xlink", variables: [{ key: "GROUP", value: "of the group" }] }],
      projects: [{ path: "xlink/shop", files: { f: "x" } }],
    },
  });
  admin = ApiClient.admin(sandbox);
});

afterAll(() => sandbox.stop());

const VARIABLES = "/admin/ci/variables";

test("GIVEN variables of the instance WHEN a job starts THEN it has them, below those of groups", async () => {
  const made = await admin.post(VARIABLES, { key: "INSTANCE", value: "of all", protected: true, description: "d" });
  expect(made).toMatchObject({
    status: 201,
    body: { key: "INSTANCE", protected: true, masked: false, description: "d" },
  });
  expect(made.body).not.toHaveProperty("environment_scope");
  await admin.post(VARIABLES, { key: "GROUP", value: "of all" });
  const job = (ref: string) => admin.control("POST", "jobs", { project: "xlink/shop", ref });
  expect((await job("main")).body.variables).toMatchObject({ INSTANCE: "of all", GROUP: "of the group" });
  await admin.post("/projects/xlink%2Fshop/repository/branches", { branch: "open", ref: "main" });
  expect((await job("open")).body.variables).not.toHaveProperty("INSTANCE");
});

test("GIVEN one WHEN read, changed and removed THEN as GitLab does it, and for administrators only", async () => {
  await admin.post(VARIABLES, { key: "KEY", value: "long-enough", masked: true });
  expect((await admin.put(`${VARIABLES}/KEY`, { value: "another-value" })).body).toMatchObject({
    value: "another-value",
    masked: true,
  });
  expect((await admin.post(VARIABLES, { key: "KEY", value: "v" })).body).toEqual({
    message: { key: ["(KEY) has already been taken"] },
  });
  expect((await admin.put(`${VARIABLES}/KEY`, { value: "x".repeat(10_001), masked: false })).status).toBe(400);
  const { api } = await admin.newUser("ann");
  expect((await api.get(VARIABLES)).status).toBe(403);
  expect((await api.get(`${VARIABLES}/KEY`)).status).toBe(403);
  expect((await admin.delete(`${VARIABLES}/KEY`)).status).toBe(204);
  expect(await admin.get(`${VARIABLES}/KEY`)).toMatchObject({
    status: 404,
    body: { message: "404 InstanceVariable Not Found" },
  });
});
