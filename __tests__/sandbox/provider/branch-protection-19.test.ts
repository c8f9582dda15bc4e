import { ProviderFixture, type ProviderFixtureOptions } from "../../support/provider-fixture";

const RULE = "gitlab_branch_protection.main";

let fixture: ProviderFixture;
let project: { path: string; id: number };

const rule = (changes: object, branch = "main") => ({
  gitlab_branch_protection: { main: { project: project.path, branch, allow_force_push: false, ...changes } },
});
const rules = () => fixture.made("GET", `projects/${project.id}/protected_branches`);
const rulePath = (branch = "main") => `projects/${project.path}/protected_branches/${branch}`;

async function prepare(options: ProviderFixtureOptions): Promise<void> {
  fixture = await ProviderFixture.start({ version: 19, ...options });
  project = await fixture.createProject("ops");
  await fixture.terraform.write({});
  await fixture.terraform.init();
}

/** What the plan does to the rule. */
async function planned(changes: object) {
  await fixture.terraform.write({ resource: rule(changes) });
  return (await fixture.terraform.plan()).change(RULE);
}

async function refused(changes: object): Promise<string> {
  await fixture.terraform.write({ resource: rule(changes) });
  return (await fixture.terraform.plan()).errors;
}

async function member(username: string): Promise<number> {
  const user = { username, name: username, email: `${username}@example.com`, password: "correct horse battery" };
  const { id } = await fixture.made("POST", "users", { ...user, skip_confirmation: true });
  await fixture.made("POST", `projects/${project.id}/members`, { user_id: id, access_level: 30 });
  return id;
}

describe("gitlab_branch_protection of provider 19 on Community Edition", () => {
  beforeEach(() => prepare({ edition: "free" }));
  afterEach(() => fixture.stop());

  const levels = { push_access_level: "developer", merge_access_level: "maintainer" };

  it("GIVEN levels WHEN one changes THEN the rule is replaced, and its lists are null", async () => {
    await fixture.applied(rule(levels));
    expect((await fixture.terraform.plan()).isEmpty).toBe(true);
    expect((await fixture.terraform.state())[RULE]).toMatchObject({ ...levels, allowed_to_push: null });
    const change = await planned({ ...levels, push_access_level: "no one" });
    expect(change.actions).toEqual(["delete", "create"]);
    expect(change.replacePaths).toEqual([["push_access_level"]]);
  });

  it("GIVEN lists THEN the plan refuses them, and the default branch keeps its rule", async () => {
    expect(await refused({ allowed_to_push: [{ access_level: "developer" }] })).toContain(
      "Enterprise license required",
    );
    expect(await refused({ ...levels, unprotect_access_level: "maintainer" })).toContain("unprotect_access_level");
    expect(await rules()).toHaveLength(1);
  });
});

describe("gitlab_branch_protection of provider 19 on Enterprise Edition", () => {
  beforeEach(() => prepare({ edition: "premium" }));
  afterEach(() => fixture.stop());

  const lists = (push: readonly object[]) => ({
    allowed_to_push: push,
    allowed_to_merge: [{ access_level: "maintainer" }],
    allowed_to_unprotect: [{ access_level: "maintainer" }],
  });

  it("GIVEN a level WHEN it changes THEN one PATCH changes the rule, and nobody is let in for a moment", async () => {
    await fixture.applied(rule(lists([{ access_level: "developer" }])));
    expect((await fixture.terraform.plan()).isEmpty).toBe(true);
    expect((await planned(lists([{ access_level: "no one" }]))).actions).toEqual(["update"]);
    await fixture.forgetCalls();
    expect((await fixture.terraform.applyPlanned()).exitCode).toBe(0);
    expect(await fixture.writes()).toEqual([`PATCH ${rulePath()}`]);
    expect(await rules()).toMatchObject([{ push_access_levels: [{ access_level: 0 }] }]);
    expect((await fixture.terraform.plan()).isEmpty).toBe(true);
  });

  it("GIVEN levels as of Community Edition THEN the plan refuses them", async () => {
    expect(await refused({ push_access_level: "developer" })).toContain("Use `allowed_to_push` instead");
  });

  it("takes the default branch over as provider 18 does", async () => {
    await fixture.forgetCalls();
    await fixture.applied(rule(lists([{ access_level: "developer" }])));
    expect(await fixture.writes()).toEqual([
      `DELETE ${rulePath()}`,
      `POST projects/${project.path}/protected_branches`,
    ]);
  });

  it("GIVEN a rule made by hand WHEN it is imported THEN what differs is changed in place", async () => {
    await fixture.made("POST", `projects/${project.id}/protected_branches`, { name: "dev", push_access_level: 30 });
    await fixture.terraform.write({ resource: rule(lists([{ access_level: "no one" }]), "dev") });
    expect((await fixture.terraform.import(RULE, `${project.path}:dev`)).exitCode).toBe(0);
    expect((await fixture.terraform.plan()).change(RULE).actions).toEqual(["update"]);
  });

  it("GIVEN somebody listed WHEN the level that GitLab tells beside their name is added THEN it is taken for present", async () => {
    const dev = { user_id: await member("dev") };
    await fixture.applied(rule(lists([{ access_level: "developer" }, dev])));
    await fixture.terraform.write({ resource: rule(lists([{ access_level: "maintainer" }, dev])) });
    const result = await fixture.terraform.apply();
    expect(result.errors).toContain("Provider produced inconsistent result after apply");
    expect(await rules()).toMatchObject([{ push_access_levels: [{ user_id: dev.user_id }] }]);
  });

  it.each([
    { what: "nobody", entry: {}, message: "No attribute specified" },
    { what: "two at once", entry: { access_level: "developer", user_id: 1 }, message: "2 attributes specified" },
    { what: "an unknown level", entry: { access_level: "owner" }, message: 'got: "owner"' },
  ])("refuses an entry that is $what", async ({ entry, message }) => {
    expect(await refused(lists([entry]))).toContain(message);
  });
});

describe("gitlab_branch_protection of provider 19 on Enterprise Edition without a licence", () => {
  beforeEach(() => prepare({ edition: "free", package: "ee" }));
  afterEach(() => fixture.stop());

  it("takes levels in lists, and nobody by name", async () => {
    await fixture.applied(rule({ allowed_to_push: [{ access_level: "developer" }] }));
    expect((await fixture.terraform.plan()).isEmpty).toBe(true);
    const result = await (async () => {
      await fixture.terraform.write({ resource: rule({ allowed_to_push: [{ user_id: await member("dev") }] }) });
      return fixture.terraform.apply();
    })();
    expect(result.errors).toContain("Push access levels user must be blank");
  });
});
