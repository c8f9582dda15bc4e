import { Sandbox } from "../../../../sandbox/sandbox";
import { ApiClient } from "../../../support/api-client";

let sandbox: Sandbox;
let admin: ApiClient;

beforeEach(async () => {
  sandbox = await Sandbox.start({
    provider: "registry",
    seed: { projects: [{ path: "xlink/shop" }, { path: "xlink/other" }] },
  });
  admin = ApiClient.admin(sandbox);
});

afterEach(() => sandbox.stop());

const register = (
  more: Record<string, unknown> = {},
): Promise<{ status: number; body: { id: number; token: string } }> =>
  admin.post("/user/runners", { runner_type: "project_type", project_id: 1, description: "shop runner", ...more });

describe("GIVEN a project runner", () => {
  test("WHEN registered THEN it has a token, is offline until it calls, and goes stale", async () => {
    const { status, body } = await register({ tag_list: "docker,linux" });
    expect(status).toBe(201);
    expect(body).toEqual({ id: expect.any(Number), token: expect.stringMatching(/^glrt-/), token_expires_at: null });
    const path = `/runners/${body.id}`;
    expect((await admin.get(path)).body).toMatchObject({
      description: "shop runner",
      runner_type: "project_type",
      status: "never_contacted",
      online: null,
      paused: false,
      active: true,
      tag_list: ["docker", "linux"],
      projects: [{ path_with_namespace: "xlink/shop" }],
    });
    expect((await admin.as(undefined).post("/runners/verify", { token: body.token })).status).toBe(200);
    expect((await admin.get(path)).body).toMatchObject({ status: "online", online: true });
    await admin.control("PUT", "clock", { advance_seconds: 3 * 3600 });
    expect((await admin.get(path)).body).toMatchObject({ status: "offline", online: false });
    await admin.control("PUT", "clock", { advance_seconds: 8 * 86_400 });
    expect((await admin.get(path)).body.status).toBe("stale");
  });

  test("WHEN paused, found by status and removed THEN the lists follow", async () => {
    const { id } = (await register()).body;
    expect((await admin.put(`/runners/${id}`, { paused: true })).body).toMatchObject({ paused: true, active: false });
    expect((await admin.get("/projects/1/runners?paused=true")).body).toHaveLength(1);
    expect((await admin.get("/projects/1/runners?status=online")).body).toEqual([]);
    expect((await admin.get("/projects/2/runners")).body).toEqual([]);
    expect((await admin.post("/projects/2/runners", { runner_id: id })).status).toBe(201);
    expect((await admin.get("/projects/2/runners")).body).toHaveLength(1);
    expect((await admin.delete(`/projects/2/runners/${id}`)).status).toBe(204);
    expect((await admin.delete(`/projects/1/runners/${id}`)).status).toBe(403);
    expect((await admin.delete(`/runners/${id}`)).status).toBe(204);
    expect((await admin.get(`/runners/${id}`)).status).toBe(404);
  });

  test.each([
    ["no type", { runner_type: undefined }, 400, { error: "runner_type is missing" }],
    ["no project", { project_id: undefined }, 400, { error: "project_id is missing" }],
    ["an unknown project", { project_id: 99 }, 404, { message: "404 Project Not Found" }],
    [
      "neither tags nor untagged jobs",
      { run_untagged: false },
      400,
      { message: { tags_list: ["can not be empty when runner is not allowed to pick untagged jobs"] } },
    ],
  ])("WHEN registered with %s THEN it is refused", async (_what, more, status, body) => {
    expect(await register(more)).toMatchObject({ status, body });
  });

  test("WHEN a wrong runner token calls THEN it is 403", async () => {
    expect((await admin.as(undefined).post("/runners/verify", { token: "glrt-wrong" })).status).toBe(403);
  });

  test("WHEN the caller is no Maintainer THEN it is 403, and an instance runner is for administrators", async () => {
    const { id, api } = await admin.newUser("dave");
    await admin.post("/projects/1/members", { user_id: id, access_level: 30 });
    expect((await api.post("/user/runners", { runner_type: "project_type", project_id: 1 })).status).toBe(403);
    expect((await api.post("/user/runners", { runner_type: "instance_type" })).status).toBe(403);
    expect((await api.get("/runners/all")).status).toBe(403);
    expect((await register({ runner_type: "instance_type" })).status).toBe(201);
    expect((await admin.get("/projects/1/runners?type=instance_type")).body).toMatchObject([{ is_shared: true }]);
  });
});
