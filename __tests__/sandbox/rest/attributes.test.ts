import { Sandbox } from "../../../sandbox/sandbox";
import { ApiClient } from "../../support/api-client";

let sandbox: Sandbox;
let admin: ApiClient;

beforeAll(async () => {
  sandbox = await Sandbox.start({
    provider: "registry",
    seed: { projects: [{ path: "xlink/shop", files: { f: "x" } }] },
  });
  admin = ApiClient.admin(sandbox);
});

afterAll(() => sandbox.stop());

test.each([
  ["projects/xlink%2Fshop", "allow_merge_on_skipped_pipeline", true],
  ["projects/xlink%2Fshop", "ci_delete_pipelines_in_seconds", 3600],
  ["projects/xlink%2Fshop", "runner_token_expiration_interval", 60],
  ["projects/xlink%2Fshop", "ci_id_token_sub_claim_components", ["project_path"]],
  ["projects/xlink%2Fshop", "merge_commit_template", "%{title}"],
  ["groups/xlink", "auto_devops_enabled", false],
  ["groups/xlink", "mentions_disabled", true],
  ["groups/xlink", "max_artifacts_size", 5],
])("GIVEN %s, whose %s is null WHEN it is %j THEN it comes back so, and null again", async (path, name, value) => {
  expect((await admin.get(`/${path}`)).body[name]).toBeNull();
  await admin.put(`/${path}`, { [name]: value });
  expect((await admin.get(`/${path}`)).body[name]).toEqual(value);
  await admin.put(`/${path}`, { [name]: null });
  expect((await admin.get(`/${path}`)).body[name]).toBeNull();
});

test("GIVEN a self-managed GitLab WHEN a project is made THEN its settings are not GitLab.com's", async () => {
  expect((await admin.get("/projects/xlink%2Fshop")).body).toMatchObject({
    ci_pipeline_variables_minimum_override_role: "developer",
    auto_devops_enabled: true,
  });
});

describe("GIVEN a user", () => {
  const ann = {
    username: "ann",
    name: "Ann",
    email: "ann@example.com",
    reset_password: true,
    projects_limit: 3,
    can_create_group: false,
    private_profile: true,
    note: "a contractor",
    organization: "Acme",
  };

  test("WHEN made and changed with attributes THEN they are kept, and the note is the administrators'", async () => {
    const { body: made } = await admin.post("/users", ann);
    const { reset_password: _, ...kept } = ann;
    expect(made).toMatchObject(kept);
    const changed = await admin.put(`/users/${made.id}`, { username: "anna", projects_limit: 0, note: null });
    expect(changed.body).toMatchObject({ username: "anna", projects_limit: 0, note: null, can_create_project: false });
    expect((await admin.get("/namespaces/anna")).status).toBe(200);
    const token = await admin.post(`/users/${made.id}/personal_access_tokens`, { name: "t", scopes: ["api"] });
    const api = admin.as(token.body.token);
    const { body: self } = await api.get("/user");
    expect([self.organization, self.note]).toEqual(["Acme", undefined]);
    expect((await api.post("/groups", { name: "g", path: "g" })).status).toBe(403);
  });

  test("WHEN renamed to what is taken, or is no name THEN it is refused", async () => {
    const { id } = await admin.newUser("bob");
    expect((await admin.put(`/users/${id}`, { username: "ROOT" })).status).toBe(409);
    expect((await admin.put(`/users/${id}`, { username: "xlink" })).status).toBe(409);
    expect((await admin.put(`/users/${id}`, { username: "-b" })).status).toBe(400);
    expect((await admin.put(`/users/${id}`, { email: "admin@example.com" })).status).toBe(409);
  });
});

describe("GIVEN a group with rules of its own for default branches", () => {
  test.each([
    [0, undefined],
    [1, { push: 30, merge: 40 }],
    [2, { push: 40, merge: 40 }],
    [3, { push: 40, merge: 30 }],
    [4, { push: 40, merge: 40 }],
  ])("WHEN they are level %i THEN its projects' are %j", async (level, expected) => {
    const group = await admin.post("/groups", { name: "g", path: `level-${level}`, default_branch_protection: level });
    expect(group.body).toMatchObject({
      default_branch_protection: level,
      default_branch_protection_defaults: { developer_can_initial_push: level === 4 },
    });
    const project = await admin.post("/projects", {
      name: "p",
      namespace_id: group.body.id,
      initialize_with_readme: true,
    });
    const { body } = await admin.get(`/projects/${project.body.id}/protected_branches`);
    const [rule] = body;
    const levels = rule && {
      push: rule.push_access_levels[0].access_level,
      merge: rule.merge_access_levels[0].access_level,
    };
    expect(levels).toEqual(expected);
  });

  test("WHEN they are written out THEN they count, and a bad level is refused", async () => {
    const { body } = await admin.post("/groups", {
      name: "g",
      path: "written",
      default_branch: "trunk",
      default_branch_protection_defaults: { allowed_to_push: [{ access_level: 0 }], allow_force_push: true },
    });
    const project = await admin.post("/projects", { name: "p", namespace_id: body.id, initialize_with_readme: true });
    expect(project.body.default_branch).toBe("trunk");
    expect((await admin.get(`/projects/${project.body.id}/protected_branches/trunk`)).body).toMatchObject({
      allow_force_push: true,
      push_access_levels: [{ access_level: 0 }],
      merge_access_levels: [{ access_level: 40 }],
    });
    const bad = { default_branch_protection_defaults: { allowed_to_push: [{ access_level: 35 }] } };
    expect((await admin.put("/groups/written", bad)).status).toBe(400);
    expect((await admin.put("/groups/written", { default_branch_protection: 7 })).status).toBe(400);
  });
});
