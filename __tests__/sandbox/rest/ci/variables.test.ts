import { Sandbox } from "../../../../sandbox/sandbox";
import { ApiClient } from "../../../support/api-client";

let sandbox: Sandbox;
let admin: ApiClient;

const VARIABLES = "/projects/xlink%2Fshop/variables";

async function start(edition: "free" | "premium" = "free"): Promise<void> {
  sandbox = await Sandbox.start({ provider: "registry", edition, seed: { projects: [{ path: "xlink/shop" }] } });
  admin = ApiClient.admin(sandbox);
}

afterEach(() => sandbox.stop());

describe("GIVEN a project", () => {
  beforeEach(() => start());

  test("WHEN a variable is created with a key and a value THEN the rest is GitLab's defaults", async () => {
    expect(await admin.post(VARIABLES, { key: "KEY", value: "v" })).toMatchObject({
      status: 201,
      body: {
        variable_type: "env_var",
        key: "KEY",
        value: "v",
        hidden: false,
        protected: false,
        masked: false,
        raw: false,
        environment_scope: "*",
        description: null,
      },
    });
  });

  const hidden = "The visibility setting cannot be changed for masked and hidden variables.";
  test.each([
    ["no key", { value: "v" }, { error: "key is missing" }],
    ["no value", { key: "K" }, { error: "value is missing" }],
    ["a bad key", { key: "A-B", value: "v" }, { message: { key: ["can contain only letters, digits and '_'."] } }],
    [
      "an unknown type",
      { key: "K", value: "v", variable_type: "x" },
      { error: "variable_type does not have a valid value" },
    ],
    [
      "a long key",
      { key: "K".repeat(256), value: "v" },
      { message: { key: ["is too long (maximum is 255 characters)"] } },
    ],
    [
      "a long description",
      { key: "K", value: "v", description: "d".repeat(256) },
      { message: { description: ["is too long (maximum is 255 characters)"] } },
    ],
  ])("WHEN %s is sent THEN it is 400", async (_what, body, answer) => {
    expect(await admin.post(VARIABLES, body)).toMatchObject({ status: 400, body: answer });
  });

  test.each([
    ["8 characters", "abcdefgh", false, true],
    ["7 characters", "abcdefg", false, false],
    ["a routable token", "glpat-abcDEF123_-xyz.01.0z1234567", false, true],
    ["a space", "abcd efgh", false, false],
    ["a line break", "abcd\nefgh", false, false],
    ["a dollar, expanded", "abcd$efgh", false, false],
    ["a dollar, raw", "abcd$efgh", true, true],
    ["a space, raw", "abcd efgh", true, false],
  ])("WHEN a masked value has %s THEN the masking rule decides", async (_what, value, raw, allowed) => {
    const answer = await admin.post(VARIABLES, { key: "K", value, masked: true, raw });
    expect(answer.status).toBe(allowed ? 201 : 400);
    if (!allowed) expect(answer.body).toEqual({ message: { value: ["is invalid"] } });
  });

  test("WHEN key and scope are taken THEN it is 400, and another scope is fine", async () => {
    await admin.post(VARIABLES, { key: "K", value: "1" });
    expect(await admin.post(VARIABLES, { key: "K", value: "2" })).toMatchObject({
      status: 400,
      body: { message: { key: ["(K) has already been taken"] } },
    });
    expect((await admin.post(VARIABLES, { key: "K", value: "2", environment_scope: "prod/*" })).status).toBe(201);
  });

  test("WHEN a key has two scopes THEN a look-up needs the filter", async () => {
    await admin.post(VARIABLES, { key: "K", value: "1" });
    await admin.post(VARIABLES, { key: "K", value: "2", environment_scope: "prod" });
    for (const method of ["GET", "PUT", "DELETE"]) {
      const answer = await admin.send(method, `${VARIABLES}/K`, method === "PUT" ? { value: "3" } : undefined);
      expect(answer.status).toBe(409);
      expect(answer.body.message).toContain("There are multiple variables with provided parameters");
    }
    const scoped = await admin.get(`${VARIABLES}/K?filter[environment_scope]=prod`);
    expect(scoped.body).toMatchObject({ value: "2" });
    const changed = await admin.put(`${VARIABLES}/K?filter%5Benvironment_scope%5D=prod`, { value: "9" });
    expect(changed.body).toMatchObject({ value: "9", environment_scope: "prod" });
    expect((await admin.delete(`${VARIABLES}/K?filter[environment_scope]=prod`)).status).toBe(204);
    expect((await admin.get(`${VARIABLES}/K`)).body.value).toBe("1");
  });

  test("WHEN the variable is not there THEN it is 404", async () => {
    for (const method of ["GET", "PUT", "DELETE"]) {
      const answer = await admin.send(method, `${VARIABLES}/NONE`, method === "PUT" ? { value: "v" } : undefined);
      expect(answer).toMatchObject({ status: 404, body: { message: "404 Variable Not Found" } });
    }
  });

  test("WHEN an update breaks a rule THEN nothing changes", async () => {
    await admin.post(VARIABLES, { key: "K", value: "12345678", masked: true });
    expect((await admin.put(`${VARIABLES}/K`, { value: "short", protected: true })).status).toBe(400);
    expect((await admin.get(`${VARIABLES}/K`)).body).toMatchObject({ value: "12345678", protected: false });
  });

  test("WHEN a variable is masked and hidden THEN its value is never shown and it stays so", async () => {
    const created = await admin.post(VARIABLES, { key: "K", value: "12345678", masked_and_hidden: true });
    expect(created.body).toMatchObject({ hidden: true, masked: true, value: null });
    expect((await admin.get(`${VARIABLES}/K`)).body.value).toBeNull();
    expect((await admin.put(`${VARIABLES}/K`, { value: "87654321", masked: true })).status).toBe(200);
    expect(await admin.put(`${VARIABLES}/K`, { value: "87654321", masked: false })).toMatchObject({
      status: 400,
      body: { message: { base: [hidden] } },
    });
  });

  test.each([
    [30, 403],
    [40, 200],
  ])("WHEN the caller's role is %i THEN the list is %i", async (level, status) => {
    const user = await admin.newUser("someone");
    await admin.post("/projects/xlink%2Fshop/members", { user_id: user.id, access_level: level });
    expect((await user.api.get(VARIABLES)).status).toBe(status);
    // The group itself is visible through the project, its variables are its Owners'.
    expect((await user.api.get("/groups/xlink/variables")).status).toBe(403);
  });
});

describe("GIVEN a group", () => {
  test("WHEN the caller is a Maintainer of the group THEN it is 403; its Owner may", async () => {
    await start();
    const user = await admin.newUser("someone");
    await admin.post("/groups/xlink/members", { user_id: user.id, access_level: 40 });
    expect((await user.api.post("/groups/xlink/variables", { key: "K", value: "v" })).status).toBe(403);
    await admin.put(`/groups/xlink/members/${user.id}`, { access_level: 50 });
    expect((await user.api.post("/groups/xlink/variables", { key: "K", value: "v" })).status).toBe(201);
    expect(await user.api.get("/groups/xlink/variables/NONE")).toMatchObject({
      status: 404,
      body: { message: "404 GroupVariable Not Found" },
    });
  });

  test.each([
    ["free", "*"],
    ["premium", "prod"],
  ] as const)("WHEN edition is %s THEN a scope is stored as %s", async (edition, scope) => {
    await start(edition);
    const body = { key: "K", value: "v", environment_scope: "prod" };
    expect((await admin.post("/groups/xlink/variables", body)).body.environment_scope).toBe(scope);
  });
});
