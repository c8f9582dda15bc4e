import { Sandbox } from "../../../sandbox/sandbox";
import { type Answer, ApiClient } from "../../support/api-client";

let sandbox: Sandbox;
let admin: ApiClient;
let ann: { id: number; api: ApiClient };

const SHOP = "/projects/xlink%2Fshop";

beforeEach(async () => {
  sandbox = await Sandbox.start({
    provider: "registry",
    seed: {
      groups: [{ path: "team" }, { path: "xlink" }, { path: "xlink/sub" }],
      projects: [
        { path: "xlink/shop", files: { f: "x" } },
        { path: "xlink/sub/other", files: { f: "x" } },
      ],
    },
  });
  admin = ApiClient.admin(sandbox);
  ann = await admin.newUser("ann");
});

afterEach(() => sandbox.stop());

const idOf = async (path: string): Promise<number> => (await admin.get(path)).body.id;

describe("GIVEN a project shared with a group", () => {
  test("WHEN somebody is in the group THEN they have the lower of both roles, until the share ends", async () => {
    await admin.post("/groups/team/members", { user_id: ann.id, access_level: 40 });
    const group = await idOf("/groups/team");
    expect((await ann.api.get(SHOP)).status).toBe(404);
    const shared = await admin.post(`${SHOP}/share`, { group_id: group, group_access: 30, expires_at: "2099-01-01" });
    expect(shared).toMatchObject({
      status: 201,
      body: { group_id: group, group_access: 30, expires_at: "2099-01-01" },
    });
    expect((await admin.get(SHOP)).body.shared_with_groups).toMatchObject([
      { group_full_path: "team", group_access_level: 30 },
    ]);
    expect((await admin.get(`${SHOP}/members/all/${ann.id}`)).body).toMatchObject({ access_level: 30 });
    expect((await admin.get(`${SHOP}/members`)).body).toEqual([]);
    expect((await ann.api.post(`${SHOP}/repository/branches`, { branch: "b", ref: "main" })).status).toBe(201);
    expect((await ann.api.get(`${SHOP}/variables`)).status).toBe(403);
    await admin.control("PUT", "clock", { now: "2099-01-01T00:00:00Z" });
    const token = await admin.post(`/users/${ann.id}/personal_access_tokens`, { name: "t", scopes: ["api"] });
    expect((await admin.as(token.body.token).get(SHOP)).status).toBe(404);
  });

  test("WHEN shared twice, with a group above it, or with none THEN it is refused; and taken back once", async () => {
    const share = async (path: string): Promise<Answer> =>
      admin.post(`${SHOP}/share`, { group_id: await idOf(`/groups/${path}`), group_access: 30 });
    await share("team");
    expect(await share("team")).toMatchObject({
      status: 409,
      body: { message: "Group already shared with this group" },
    });
    expect((await share("xlink")).body.message).toMatch(/one of its ancestors/);
    expect((await admin.post(`${SHOP}/share`, { group_id: 999, group_access: 30 })).status).toBe(404);
    const team = await idOf("/groups/team");
    expect((await admin.delete(`${SHOP}/share/${team}`)).status).toBe(204);
    expect(await admin.delete(`${SHOP}/share/${team}`)).toMatchObject({
      status: 404,
      body: { message: "404 Group Link Not Found" },
    });
    await admin.put("/groups/xlink", { share_with_group_lock: true });
    expect((await share("team")).status).toBe(400);
  });
});

describe("GIVEN a deploy key of a project", () => {
  const KEY = { title: "mirror", key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKey", can_push: true };
  const OTHER = "/projects/xlink%2Fsub%2Fother";

  test("WHEN enabled for another one THEN both have it, each with its own right, until the last one gives it up", async () => {
    const { id } = (await admin.post(`${SHOP}/deploy_keys`, KEY)).body;
    expect((await admin.post(`${OTHER}/deploy_keys/${id}/enable`)).status).toBe(201);
    expect((await admin.get(`${OTHER}/deploy_keys`)).body).toMatchObject([{ id, can_push: false }]);
    expect((await admin.get(`${SHOP}/deploy_keys/${id}`)).body).toMatchObject({ can_push: true });
    expect((await admin.delete(`${SHOP}/deploy_keys/${id}`)).status).toBe(204);
    expect((await admin.get("/deploy_keys")).body).toMatchObject([{ id }]);
    await admin.delete(`${OTHER}/deploy_keys/${id}`);
    expect((await admin.get("/deploy_keys")).body).toEqual([]);
  });

  test("WHEN it is of others THEN it can neither be enabled nor made again", async () => {
    const { id } = (await admin.post(`${SHOP}/deploy_keys`, KEY)).body;
    await admin.post(`${OTHER}/members`, { user_id: ann.id, access_level: 40 });
    expect((await ann.api.post(`${OTHER}/deploy_keys/${id}/enable`)).status).toBe(404);
    expect(await ann.api.post(`${OTHER}/deploy_keys`, KEY)).toMatchObject({
      status: 400,
      body: { message: { "deploy_key.fingerprint_sha256": ["has already been taken"] } },
    });
    expect((await ann.api.get("/deploy_keys")).status).toBe(403);
  });
});

describe("GIVEN a group", () => {
  const transfer = (path: string, to?: number): Promise<Answer> =>
    admin.post(`/groups/${path}/transfer`, to === undefined ? {} : { group_id: to });

  test("WHEN transferred below another one, and back to the top THEN its projects go along", async () => {
    const team = await idOf("/groups/team");
    expect(await transfer("xlink%2Fsub", team)).toMatchObject({ status: 201, body: { full_path: "team/sub" } });
    expect((await admin.get("/projects/team%2Fsub%2Fother")).status).toBe(200);
    expect((await transfer("team%2Fsub")).body).toMatchObject({ full_path: "sub", parent_id: null });
  });

  test.each<[string, string, string | undefined, string]>([
    ["to the top, where it is", "xlink", undefined, "Group is already a root group."],
    ["to where it is", "xlink%2Fsub", "xlink", "Group is already associated to the parent group."],
    ["into itself", "xlink", "xlink%2Fsub", "Cannot transfer group to one of its subgroup."],
  ])("WHEN transferred %s THEN it is refused", async (_, path, to, problem) => {
    const answer = await transfer(path, to === undefined ? undefined : await idOf(`/groups/${to}`));
    expect(answer).toMatchObject({ status: 400, body: { message: `Transfer failed: ${problem}` } });
  });

  test("WHEN it would be more visible than what it goes into THEN all of it is less", async () => {
    await admin.put("/groups/xlink", { visibility: "public" });
    await admin.put("/groups/xlink%2Fsub", { visibility: "public" });
    await admin.put("/projects/xlink%2Fsub%2Fother", { visibility: "public" });
    await transfer("xlink%2Fsub", await idOf("/groups/team"));
    expect((await admin.get("/groups/team%2Fsub")).body.visibility).toBe("private");
    expect((await admin.get("/projects/team%2Fsub%2Fother")).body.visibility).toBe("private");
  });
});
