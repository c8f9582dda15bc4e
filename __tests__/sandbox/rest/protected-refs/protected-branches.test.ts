import { Sandbox } from "../../../../sandbox/sandbox";
import { ApiClient } from "../../../support/api-client";

let sandbox: Sandbox;
let admin: ApiClient;

const RULES = "/projects/xlink%2Fshop/protected_branches";

async function start(edition: "free" | "premium"): Promise<void> {
  sandbox = await Sandbox.start({
    provider: "registry",
    edition,
    seed: {
      users: [{ username: "dave" }, { username: "mona" }, { username: "stranger" }],
      projects: [
        {
          path: "xlink/shop",
          files: { "README.md": "shop\n" },
          branches: ["release/1", "feature"],
          members: { dave: "developer", mona: "maintainer" },
        },
      ],
    },
  });
  admin = ApiClient.admin(sandbox);
}

const idOf = async (username: string): Promise<number> => (await admin.get(`/users?username=${username}`)).body[0].id;

async function tokenOf(username: string): Promise<ApiClient> {
  const path = `/users/${await idOf(username)}/personal_access_tokens`;
  return admin.as((await admin.post(path, { name: "t", scopes: ["api"] })).body.token);
}

afterEach(() => sandbox.stop());

describe("GIVEN Community Edition", () => {
  beforeEach(() => start("free"));

  test("WHEN the project got its first commit THEN the default branch is fully protected", async () => {
    const { body } = await admin.get(RULES);
    expect(body).toEqual([
      {
        id: expect.any(Number),
        name: "main",
        push_access_levels: [
          { id: expect.any(Number), access_level: 40, access_level_description: "Maintainers", deploy_key_id: null },
        ],
        merge_access_levels: [{ id: expect.any(Number), access_level: 40, access_level_description: "Maintainers" }],
        allow_force_push: false,
      },
    ]);
  });

  test("WHEN a rule is made with a name alone THEN it is Maintainers, stored as written", async () => {
    const { status, body } = await admin.post(RULES, { name: "release/*" });
    expect(status).toBe(201);
    expect(body).toMatchObject({ name: "release/*", allow_force_push: false });
    expect((await admin.get(`${RULES}/release%2F*`)).body).toEqual(body);
  });

  test.each([
    ["the same name", { name: "main" }, 409, { message: "Protected branch 'main' already exists" }],
    ["no name", {}, 400, { error: "name is missing" }],
    [
      "a strange level",
      { name: "x", push_access_level: 20 },
      400,
      { error: "push_access_level does not have a valid value" },
    ],
  ])("WHEN %s is posted THEN it is refused", async (_what, input, status, body) => {
    expect(await admin.post(RULES, input)).toMatchObject({ status, body });
  });

  test("WHEN a rule is looked up by a branch it matches THEN it is 404: only its own name finds it", async () => {
    await admin.post(RULES, { name: "release/*" });
    for (const method of ["GET", "PATCH", "DELETE"]) {
      const answer = await admin.send(method, `${RULES}/release%2F1`, method === "PATCH" ? {} : undefined);
      expect(answer).toMatchObject({ status: 404, body: { message: "404 Not found" } });
    }
  });

  test("WHEN force push is patched THEN it changes and the levels do not", async () => {
    const { body } = await admin.patch(`${RULES}/main`, { allow_force_push: true, push_access_level: 0 });
    expect(body).toMatchObject({ allow_force_push: true, push_access_levels: [{ access_level: 40 }] });
  });

  test("WHEN Premium lists are sent THEN Community Edition knows nothing of them", async () => {
    const { status, body } = await admin.post(RULES, {
      name: "stable",
      push_access_level: 0,
      allowed_to_push: [{ user_id: await idOf("dave") }],
    });
    expect(status).toBe(201);
    expect(body.push_access_levels).toMatchObject([{ access_level: 0, access_level_description: "No one" }]);
    expect(body).not.toHaveProperty("unprotect_access_levels");
    expect(body).not.toHaveProperty("code_owner_approval_required");
    expect((await admin.get("/groups/xlink/protected_branches")).status).toBe(404);
  });

  test.each([
    ["developer", "dave", 403],
    ["stranger", "stranger", 404],
    ["maintainer", "mona", 201],
  ])("WHEN a %s protects a branch THEN it is as the role allows", async (role, username, status) => {
    const caller = await tokenOf(username);
    const expected = { developer: [200, 403, 403], stranger: [404, 404, 404], maintainer: [200, 200, 204] }[role];
    const rule = `${RULES}/main`;
    expect([
      (await caller.get(rule)).status,
      (await caller.patch(rule, {})).status,
      (await caller.delete(rule)).status,
    ]).toEqual(expected);
    expect((await caller.post(RULES, { name: "stable" })).status).toBe(status);
  });

  test.each([
    ["one exact rule", [{ name: "feature", push_access_level: 40 }], false, true],
    ["nobody", [{ name: "feature", push_access_level: 0 }], false, false],
    [
      "a wildcard that opens what the exact rule closes",
      [
        { name: "feature", push_access_level: 0 },
        { name: "f*", push_access_level: 30 },
      ],
      true,
      true,
    ],
    [
      "an exact rule that opens what the wildcard closes",
      [
        { name: "*", push_access_level: 0 },
        { name: "feature", push_access_level: 30 },
      ],
      true,
      true,
    ],
    ["another case", [{ name: "Feature", push_access_level: 0 }], true, true],
  ])("WHEN a branch has %s THEN the most permissive rule wins", async (_what, rules, developerMay, maintainerMay) => {
    for (const rule of rules) await admin.post(RULES, rule);
    const developer = (await (await tokenOf("dave")).get("/projects/xlink%2Fshop/repository/branches/feature")).body;
    const maintainer = (await (await tokenOf("mona")).get("/projects/xlink%2Fshop/repository/branches/feature")).body;
    expect([developer.can_push, maintainer.can_push]).toEqual([developerMay, maintainerMay]);
    expect(developer.protected).toBe(rules.some(({ name }) => name !== "Feature"));
  });

  test("WHEN the default branch's rule is deleted THEN nothing protects it until a rule is posted", async () => {
    const branch = "/projects/xlink%2Fshop/repository/branches/main";
    expect((await admin.delete(`${RULES}/main`)).status).toBe(204);
    expect((await admin.get(branch)).body.protected).toBe(false);
    await admin.post(RULES, { name: "mai*n", push_access_level: 0, merge_access_level: 0 });
    expect((await admin.get(branch)).body).toMatchObject({ protected: true, can_push: false });
  });
});

describe("GIVEN Premium", () => {
  beforeEach(() => start("premium"));

  test("WHEN only a bot may push THEN level 0 and its user id stand side by side", async () => {
    const bot = (
      await admin.post("/projects/xlink%2Fshop/access_tokens", {
        name: "pusher",
        scopes: ["write_repository", "api"],
        access_level: 30,
      })
    ).body;
    const { status, body } = await admin.post(RULES, {
      name: "release/*",
      push_access_level: 0,
      allowed_to_push: [{ user_id: bot.user_id }],
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ inherited: false, code_owner_approval_required: false });
    expect(body.push_access_levels).toMatchObject([
      { access_level: 0, user_id: null },
      { user_id: bot.user_id, access_level_description: "pusher" },
    ]);
    expect(body.unprotect_access_levels).toMatchObject([{ access_level: 40 }]);
    const branch = "/projects/xlink%2Fshop/repository/branches/release%2F1";
    expect((await admin.as(bot.token).get(branch)).body.can_push).toBe(true);
    expect((await (await tokenOf("mona")).get(branch)).body.can_push).toBe(false);
  });

  test("WHEN only a list is given THEN no default role stands beside it", async () => {
    const { body } = await admin.post(RULES, { name: "stable", allowed_to_push: [{ user_id: await idOf("dave") }] });
    expect(body.push_access_levels).toHaveLength(1);
    expect(body.merge_access_levels).toMatchObject([{ access_level: 40 }]);
  });

  test.each([
    [
      "a user who is no member",
      async () => ({ allowed_to_push: [{ user_id: await idOf("stranger") }] }),
      ["Push access levels user is not a member of the project"],
    ],
    [
      "one user twice",
      async () => ({ allowed_to_merge: [{ user_id: await idOf("dave") }, { user_id: await idOf("dave") }] }),
      ["Merge access levels user has already been taken"],
    ],
    [
      "one role twice",
      async () => ({ push_access_level: 30, allowed_to_push: [{ access_level: 30 }] }),
      ["Push access levels access level has already been taken"],
    ],
  ])("WHEN %s is listed THEN it is 422 and no rule is made", async (_what, build, sentences) => {
    expect(await admin.post(RULES, { name: "stable", ...(await build()) })).toMatchObject({
      status: 422,
      body: { message: sentences },
    });
    expect((await admin.get(`${RULES}/stable`)).status).toBe(404);
  });

  test("WHEN unprotect is set to nobody THEN it is no valid value", async () => {
    expect(await admin.post(RULES, { name: "x", unprotect_access_level: 0 })).toMatchObject({
      status: 400,
      body: { error: "unprotect_access_level does not have a valid value" },
    });
  });

  test("WHEN patched THEN entries are added, changed by id and destroyed", async () => {
    const [dave, mona] = [await idOf("dave"), await idOf("mona")];
    const rule = (await admin.post(RULES, { name: "stable", allowed_to_push: [{ user_id: dave }] })).body;
    const first = rule.push_access_levels[0].id;
    const added = (await admin.patch(`${RULES}/stable`, { allowed_to_push: [{ user_id: mona }] })).body;
    expect(added.push_access_levels).toMatchObject([{ id: first, user_id: dave }, { user_id: mona }]);
    const removed = await admin.patch(`${RULES}/stable`, { allowed_to_push: [{ id: first, _destroy: true }] });
    expect(removed.body.push_access_levels).toMatchObject([{ user_id: mona }]);
    expect((await admin.patch(`${RULES}/stable`, { allowed_to_push: [{ user_id: mona }] })).status).toBe(422);
    expect((await admin.patch(`${RULES}/stable`, { allowed_to_push: [{ id: 9999, _destroy: true }] })).status).toBe(
      404,
    );
  });

  test("WHEN a form sends nested lists THEN they are read as Rack reads them", async () => {
    const form = `name=stable&push_access_level=0&allowed_to_push[][user_id]=${await idOf("dave")}&allowed_to_push[][user_id]=${await idOf("mona")}`;
    const response = await fetch(`${sandbox.url}/api/v4${RULES}`, {
      method: "POST",
      headers: { "PRIVATE-TOKEN": sandbox.adminToken, "Content-Type": "application/x-www-form-urlencoded" },
      body: form,
    });
    expect(((await response.json()) as { push_access_levels: unknown[] }).push_access_levels).toHaveLength(3);
  });

  test("WHEN an administrator is no member THEN rules they could not unprotect are not theirs to make", async () => {
    await admin.newUser("other");
    const boss = await admin.post("/users", {
      username: "boss",
      name: "boss",
      email: "boss@example.com",
      admin: true,
      force_random_password: true,
    });
    const { token } = (
      await admin.post(`/users/${boss.body.id}/personal_access_tokens`, { name: "t", scopes: ["api"] })
    ).body;
    expect((await admin.as(token).post(RULES, { name: "stable" })).status).toBe(403);
    expect((await admin.post(RULES, { name: "stable" })).status).toBe(201);
  });

  test("WHEN the group has a rule THEN projects inherit it: listed, effective, not found by name", async () => {
    const created = await admin.post("/groups/xlink/protected_branches", { name: "feature", push_access_level: 0 });
    expect(created.status).toBe(201);
    expect(created.body).not.toHaveProperty("inherited");
    const listed = (await admin.get(RULES)).body as { name: string; inherited: boolean }[];
    expect(listed.map(({ name, inherited }) => [name, inherited])).toEqual([
      ["feature", true],
      ["main", false],
    ]);
    expect((await admin.get(`${RULES}/feature`)).status).toBe(404);
    expect((await admin.delete(`${RULES}/feature`)).status).toBe(404);
    const branch = (await admin.get("/projects/xlink%2Fshop/repository/branches/feature")).body;
    expect(branch).toMatchObject({ protected: true, can_push: false });
    expect((await admin.delete("/groups/xlink/protected_branches/feature")).status).toBe(204);
  });
});
