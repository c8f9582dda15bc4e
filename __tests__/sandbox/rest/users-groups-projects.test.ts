import { existsSync } from "node:fs";
import { join } from "node:path";
import { Sandbox } from "../../../sandbox/sandbox";
import { ApiClient } from "../../support/api-client";

let sandbox: Sandbox;
let admin: ApiClient;

beforeEach(async () => {
  sandbox = await Sandbox.start({ provider: "registry" });
  admin = ApiClient.admin(sandbox);
});

afterEach(() => sandbox.stop());

describe("GIVEN users", () => {
  const person = { username: "ann", name: "Ann", email: "ann@example.com", password: "long enough" };

  test("WHEN an administrator makes, finds and deletes one THEN each answer has GitLab's shape", async () => {
    const { status, body } = await admin.post("/users", person);
    expect(status).toBe(201);
    expect(body).toMatchObject({ username: "ann", email: "ann@example.com", state: "active", is_admin: false });
    expect((await admin.get("/users?username=ANN")).body).toHaveLength(1);
    expect((await admin.get("/users?search=example.com")).body).toHaveLength(2);
    expect((await admin.delete(`/users/${body.id}`)).status).toBe(204);
    expect((await admin.get("/users?username=ann")).body).toEqual([]);
  });

  test.each([
    [
      "the username is taken",
      { ...person, email: "b@example.com" },
      409,
      { message: "Username has already been taken" },
    ],
    ["the e-mail is taken", { ...person, username: "b" }, 409, { message: "Email has already been taken" }],
    ["the name is missing", { ...person, name: undefined }, 400, { error: "name is missing" }],
    [
      "the password is short",
      { ...person, username: "b", email: "b@example.com", password: "short" },
      400,
      { message: { password: ["is too short (minimum is 8 characters)"] } },
    ],
  ])("WHEN %s THEN it is refused", async (_what, input, status, body) => {
    await admin.post("/users", person);
    expect(await admin.post("/users", input)).toMatchObject({ status, body });
  });

  test("WHEN someone who is no administrator makes one THEN it is 403", async () => {
    const { api } = await admin.newUser("plain");
    expect((await api.post("/users", person)).status).toBe(403);
    expect((await api.get("/users?username=root")).body[0]).not.toHaveProperty("email");
  });

  test("WHEN one is blocked THEN their token is refused until unblocked", async () => {
    const { id, api } = await admin.newUser("blocked");
    await admin.post(`/users/${id}/block`);
    expect((await api.get("/user")).status).toBe(403);
    await admin.post(`/users/${id}/unblock`);
    expect((await api.get("/user")).status).toBe(200);
  });

  test("WHEN a person rotates their own token THEN only the new one works", async () => {
    const { api } = await admin.newUser("rotator");
    const own = (await api.get("/personal_access_tokens/self")).body;
    const rotated = await api.post("/personal_access_tokens/self/rotate");
    expect(rotated).toMatchObject({ status: 200, body: { user_id: own.user_id } });
    expect((await api.get("/user")).status).toBe(401);
    expect((await admin.as(rotated.body.token).get("/user")).status).toBe(200);
  });
});

describe("GIVEN groups", () => {
  test("WHEN made, nested, renamed and deleted THEN paths follow", async () => {
    const top = (await admin.post("/groups", { name: "Top", path: "top" })).body;
    const sub = (await admin.post("/groups", { name: "Sub", path: "sub", parent_id: top.id })).body;
    expect(sub).toMatchObject({ full_path: "top/sub", full_name: "Top / Sub", parent_id: top.id });
    await admin.post("/projects", { name: "deep", namespace_id: sub.id });
    expect((await admin.get("/groups/top/subgroups")).body).toMatchObject([{ path: "sub" }]);
    expect((await admin.get("/groups/top/projects?include_subgroups=true")).body).toMatchObject([{ path: "deep" }]);
    expect((await admin.put("/groups/top", { path: "new-top" })).body.full_path).toBe("new-top");
    expect((await admin.get("/projects/NEW-TOP%2FSub%2Fdeep")).body.path_with_namespace).toBe("new-top/sub/deep");
    expect((await admin.get("/namespaces/new-top%2Fsub")).body).toMatchObject({ id: sub.id, kind: "group" });
    expect((await admin.get("/namespaces/new-top/exists")).body).toMatchObject({ exists: true });
    expect(await admin.delete("/groups/new-top")).toMatchObject({ status: 202, body: { message: "202 Accepted" } });
    expect((await admin.get("/projects/new-top%2Fsub%2Fdeep")).status).toBe(404);
  });

  test("WHEN the path is taken, by a user too THEN it is 400", async () => {
    await admin.newUser("taken");
    expect(await admin.post("/groups", { name: "x", path: "taken" })).toMatchObject({
      status: 400,
      body: { message: 'Failed to save group {:path=>["has already been taken"]}' },
    });
  });
});

describe("GIVEN names that people read", () => {
  const LONG = ["is too long (maximum is 255 characters)"];
  const PROJECT = [
    expect.stringContaining("'+', dashes, or spaces. It must start with a letter, digit, emoji, or '_'."),
  ];
  const GROUP = [expect.stringContaining("dash, space, parenthesis. It must start with letter, digit, emoji or '_'.")];

  test.each<[string, unknown, unknown]>([
    ["Grüße 🎉 1.0_–", undefined, undefined],
    ["a+b", undefined, GROUP],
    ["a (b)", PROJECT, undefined],
    ["<b>", PROJECT, GROUP],
    ["-a", PROJECT, GROUP],
    ["a/b", PROJECT, GROUP],
    ["a".repeat(256), LONG, LONG],
  ])(
    "WHEN a project and a group are renamed to %s THEN they are, or GitLab's text says why not",
    async (name, project, group) => {
      const { id } = (await admin.post("/projects", { name: "named" })).body;
      const { id: groupId } = (await admin.post("/groups", { name: "named", path: "named" })).body;
      const [asProject, asGroup] = [
        await admin.put(`/projects/${id}`, { name }),
        await admin.put(`/groups/${groupId}`, { name }),
      ];
      expect(asProject.body).toMatchObject(project === undefined ? { name } : { message: { name: project } });
      expect(asGroup.body).toMatchObject(group === undefined ? { name } : { message: { name: group } });
      expect((await admin.post("/projects", { name, path: "other" })).status).toBe(project === undefined ? 201 : 400);
      const made = await admin.post("/groups", { name, path: "other-group" });
      if (group === undefined) expect(made.status).toBe(201);
      else
        expect(made).toMatchObject({
          status: 400,
          body: { message: expect.stringMatching(/^Failed to save group \{:name=>\["/) },
        });
    },
  );
});

describe("GIVEN projects", () => {
  test("WHEN made with a README THEN the repository has a protected default branch", async () => {
    const { status, body } = await admin.post("/projects", { name: "My Shop", initialize_with_readme: true });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      path: "my-shop",
      path_with_namespace: "root/my-shop",
      default_branch: "main",
      visibility: "private",
      http_url_to_repo: `${sandbox.url}/root/my-shop.git`,
      ci_push_repository_for_job_token_allowed: false,
      ci_default_git_depth: 20,
      permissions: { project_access: { access_level: 50 }, group_access: null },
    });
    expect((await admin.get(`/projects/${body.id}/protected_branches`)).body).toMatchObject([{ name: "main" }]);
    expect((await admin.get(`/projects/${body.id}/repository/files/README.md/raw?ref=main`)).body).toBe("# My Shop\n");
  });

  test("WHEN made empty THEN its default branch has a name, and is not there yet", async () => {
    const { body } = await admin.post("/projects", { name: "empty" });
    expect(body).toMatchObject({ default_branch: "main", empty_repo: true });
    expect((await admin.get(`/projects/${body.id}/repository/branches`)).body).toEqual([]);
  });

  test.each([
    ["neither name nor path", {}, { error: "name, path are missing, at least one parameter must be provided" }],
    ["an unknown namespace", { name: "x", namespace_id: 999 }, { message: { namespace: ["is not valid"] } }],
    ["an unknown visibility", { name: "x", visibility: "secret" }, { error: "visibility does not have a valid value" }],
  ])("WHEN %s is sent THEN it is 400", async (_what, input, body) => {
    expect(await admin.post("/projects", input)).toMatchObject({ status: 400, body });
  });

  test("WHEN the path is taken THEN every field says so", async () => {
    await admin.post("/projects", { name: "x" });
    const { status, body } = await admin.post("/projects", { name: "x" });
    expect(status).toBe(400);
    expect(body.message).toMatchObject({ name: ["has already been taken"], path: ["has already been taken"] });
  });

  test("WHEN settings are changed THEN they are read back and the rest stays", async () => {
    const { id } = (await admin.post("/projects", { name: "x", merge_method: "ff" })).body;
    const changes = { ci_push_repository_for_job_token_allowed: true, ci_default_git_depth: 1, description: "d" };
    expect((await admin.put(`/projects/${id}`, changes)).body).toMatchObject({ ...changes, merge_method: "ff" });
    expect((await admin.get(`/projects/${id}`)).body).toMatchObject({ ...changes, merge_method: "ff" });
  });

  test("WHEN the default branch is set to one that is not there THEN it is 400", async () => {
    const { id } = (await admin.post("/projects", { name: "x", initialize_with_readme: true })).body;
    expect((await admin.put(`/projects/${id}`, { default_branch: "none" })).status).toBe(400);
    await admin.post(`/projects/${id}/repository/branches`, { branch: "next", ref: "main" });
    expect((await admin.put(`/projects/${id}`, { default_branch: "next" })).body.default_branch).toBe("next");
  });

  test("WHEN archived THEN it takes no pushes, and unarchived it does again", async () => {
    const { id } = (await admin.post("/projects", { name: "x", initialize_with_readme: true })).body;
    expect(await admin.post(`/projects/${id}/archive`)).toMatchObject({ status: 201, body: { archived: true } });
    const branch = { branch: "b", ref: "main" };
    expect((await admin.post(`/projects/${id}/repository/branches`, branch)).status).toBe(403);
    await admin.post(`/projects/${id}/unarchive`);
    expect((await admin.post(`/projects/${id}/repository/branches`, branch)).status).toBe(201);
  });

  test("WHEN deleted THEN the repository goes with it, its path is free and its bots' tokens are dead", async () => {
    const { id } = (await admin.post("/projects", { name: "x" })).body;
    const { token } = (await admin.post(`/projects/${id}/access_tokens`, { name: "t", scopes: ["api"] })).body;
    const repository = join(sandbox.directory, "repositories", `${id}.git`);
    expect(existsSync(repository)).toBe(true);
    expect((await admin.delete(`/projects/${id}`)).status).toBe(202);
    expect(existsSync(repository)).toBe(false);
    expect((await admin.as(token).get("/user")).status).toBe(401);
    expect((await admin.post("/projects", { name: "x" })).status).toBe(201);
  });

  test("WHEN listed by a member THEN membership, search and simple hold", async () => {
    const { id, api } = await admin.newUser("member");
    const mine = (await admin.post("/projects", { name: "mine" })).body;
    await admin.post("/projects", { name: "open", visibility: "public" });
    await admin.post("/projects", { name: "closed" });
    await admin.post(`/projects/${mine.id}/members`, { user_id: id, access_level: 10 });
    const names = async (query: string): Promise<string[]> =>
      ((await api.get(`/projects${query}`)).body as { path: string }[]).map(({ path }) => path);
    expect(await names("?sort=asc")).toEqual(["mine", "open"]);
    expect(await names("?membership=true")).toEqual(["mine"]);
    expect(await names("?search=ope")).toEqual(["open"]);
    expect((await api.get("/projects?simple=true")).body[0]).not.toHaveProperty("permissions");
    expect((await api.put(`/projects/${mine.id}`, { description: "x" })).status).toBe(403);
  });
});

describe("GIVEN members", () => {
  let group: number;
  let project: number;

  beforeEach(async () => {
    group = (await admin.post("/groups", { name: "g", path: "g" })).body.id;
    project = (await admin.post("/projects", { name: "p", namespace_id: group })).body.id;
  });

  test("WHEN added, changed and removed THEN each step is read back", async () => {
    const { id } = await admin.newUser("ann");
    const base = `/projects/${project}/members`;
    const added = await admin.post(base, { user_id: id, access_level: 30, expires_at: "2099-01-01" });
    expect(added).toMatchObject({ status: 201, body: { username: "ann", access_level: 30, expires_at: "2099-01-01" } });
    expect(await admin.post(base, { user_id: id, access_level: 30 })).toMatchObject({
      status: 409,
      body: { message: "Member already exists" },
    });
    expect((await admin.put(`${base}/${id}`, { access_level: 40 })).body.access_level).toBe(40);
    expect((await admin.get(`${base}/${id}`)).body.access_level).toBe(40);
    expect((await admin.delete(`${base}/${id}`)).status).toBe(204);
    expect((await admin.get(`${base}/${id}`)).status).toBe(404);
  });

  test.each([
    ["an unknown user", { user_id: 999, access_level: 30 }, 404, { message: "404 User Not Found" }],
    ["no role", { user_id: 1 }, 400, { error: "access_level is missing" }],
    ["a strange role", { user_id: 1, access_level: 35 }, 400, { error: "access_level does not have a valid value" }],
  ])("WHEN %s is added THEN it is refused", async (_what, input, status, body) => {
    expect(await admin.post(`/projects/${project}/members`, input)).toMatchObject({ status, body });
  });

  test("WHEN a role below the inherited one is given THEN it is 400", async () => {
    const { id } = await admin.newUser("ann");
    await admin.post(`/groups/${group}/members`, { user_id: id, access_level: 40 });
    expect(await admin.post(`/projects/${project}/members`, { user_id: id, access_level: 30 })).toMatchObject({
      status: 400,
      body: {
        message: { access_level: ["should be greater than or equal to Maintainer inherited membership from group g"] },
      },
    });
    expect((await admin.get(`/projects/${project}/members/${id}`)).status).toBe(404);
    expect((await admin.get(`/projects/${project}/members/all/${id}`)).body.access_level).toBe(40);
    expect((await admin.get(`/projects/${project}/members/all`)).body).toHaveLength(2);
  });

  test("WHEN a Maintainer gives more than they have, or a Developer anything, THEN it is 403", async () => {
    const [mona, dave, eve] = [await admin.newUser("mona"), await admin.newUser("dave"), await admin.newUser("eve")];
    const base = `/projects/${project}/members`;
    await admin.post(base, { user_id: mona.id, access_level: 40 });
    await admin.post(base, { user_id: dave.id, access_level: 30 });
    expect((await mona.api.post(base, { user_id: eve.id, access_level: 50 })).status).toBe(403);
    expect((await dave.api.post(base, { user_id: eve.id, access_level: 10 })).status).toBe(403);
    expect((await mona.api.post(base, { user_id: eve.id, access_level: 40 })).status).toBe(201);
  });

  test("WHEN the membership's day has come THEN the project is gone for that user", async () => {
    const ann = await admin.newUser("ann");
    await admin.post(`/projects/${project}/members`, { user_id: ann.id, access_level: 30, expires_at: "2099-01-01" });
    expect((await ann.api.get(`/projects/${project}`)).status).toBe(200);
    await admin.put(`/projects/${project}/members/${ann.id}`, { access_level: 30, expires_at: "2001-01-01" });
    expect((await ann.api.get(`/projects/${project}`)).status).toBe(404);
  });

  test("WHEN the last Owner of a group would go THEN it is 403", async () => {
    expect((await admin.delete(`/groups/${group}/members/1`)).status).toBe(403);
  });
});

describe("GIVEN the editions", () => {
  test.each([
    ["free", false],
    ["premium", true],
  ] as const)("WHEN %s is asked for its metadata THEN enterprise is %s", async (edition, enterprise) => {
    const other = await Sandbox.start({ provider: "registry", edition });
    const { body } = await ApiClient.admin(other).get("/metadata");
    await other.stop();
    expect(body).toMatchObject({ enterprise, version: expect.stringMatching(/^18\.\d+\.\d+/) });
  });

  test("WHEN it is an older release THEN it says so, and before 17.7 tokens have no descriptions", async () => {
    const described = async (version: string) => {
      const other = await Sandbox.start({ provider: "registry", version });
      const api = ApiClient.admin(other);
      const { body } = await api.get("/personal_access_tokens/self");
      const { body: told } = await api.get("/version");
      await other.stop();
      return [told.version, "description" in body];
    };
    expect([await described("17.6.4"), await described("17.7.0")]).toEqual([
      ["17.6.4", false],
      ["17.7.0", true],
    ]);
  });
});
