import { ProviderFixture } from "../../support/provider-fixture";

const RULE = "gitlab_branch_protection.main";

let fixture: ProviderFixture;
let project: { path: string; id: number };

const rule = (changes: object = {}) => ({
  gitlab_branch_protection: {
    main: {
      project: project.path,
      branch: "main",
      push_access_level: "developer",
      merge_access_level: "maintainer",
      unprotect_access_level: "maintainer",
      allow_force_push: false,
      ...changes,
    },
  },
});
const rules = () => fixture.made("GET", `projects/${project.id}/protected_branches`);
const rulePath = (branch = "main") => `projects/${project.path}/protected_branches/${branch}`;

async function prepare(edition: "free" | "premium"): Promise<void> {
  fixture = await ProviderFixture.start({ edition });
  project = await fixture.createProject("ops");
  await fixture.terraform.write({});
  await fixture.terraform.init();
}

describe("gitlab_branch_protection on Community Edition", () => {
  beforeEach(() => prepare("free"));
  afterEach(() => fixture.stop());

  it("takes the default branch over: unprotected, then protected", async () => {
    // GIVEN a default branch that GitLab has protected for maintainers
    expect(await rules()).toMatchObject([{ name: "main", push_access_levels: [{ access_level: 40 }] }]);
    // WHEN a rule is created on it
    await fixture.forgetCalls();
    await fixture.applied(rule());
    // THEN the old rule goes before the new one comes
    expect(await fixture.writes()).toEqual([
      `DELETE ${rulePath()}`,
      `POST projects/${project.path}/protected_branches`,
    ]);
    expect(await rules()).toMatchObject([{ name: "main", push_access_levels: [{ access_level: 30 }] }]);
    expect((await fixture.terraform.state())[RULE]!.id).toBe(`${project.path}:main`);
    expect((await fixture.terraform.plan()).isEmpty).toBe(true);
  });

  it("leaves the default branch without a rule when the POST fails", async () => {
    await fixture.fault({
      method: "POST",
      path: "protected_branches$",
      times: 1,
      status: 422,
      body: { message: ["Push access levels user is not a member of the project"] },
    });
    await fixture.terraform.write({ resource: rule() });
    const result = await fixture.terraform.apply();
    expect(result.exitCode).toBe(1);
    expect(result.errors).toContain("Unable to protect repository branch: POST");
    expect(await rules()).toEqual([]);
  });

  it("leaves the default branch without a rule when a feature needs an Enterprise licence", async () => {
    await fixture.terraform.write({ resource: rule({ allowed_to_push: [{ user_id: 1 }] }) });
    const result = await fixture.terraform.apply();
    expect(result.exitCode).toBe(1);
    expect(result.errors).toContain("feature unavailable `allowed_to_push`");
    expect(result.errors).toContain("Enterprise license required");
    expect(await rules()).toEqual([]);
  });

  it("refuses a rule that exists on another branch", async () => {
    await fixture.made("POST", `projects/${project.id}/protected_branches`, { name: "release/*" });
    await fixture.terraform.write({ resource: rule({ branch: "release/*" }) });
    const result = await fixture.terraform.apply();
    expect(result.exitCode).toBe(1);
    expect(result.errors).toContain(`protected branch "release/*" on project "${project.path}" already exists`);
  });

  it("stores a wildcard as written", async () => {
    await fixture.applied(rule({ branch: "release/*" }));
    expect((await rules()).map(({ name }: { name: string }) => name)).toContain("release/*");
    expect((await fixture.terraform.plan()).isEmpty).toBe(true);
  });

  it("shows a level changed by hand as a replace, and puts it right", async () => {
    // GIVEN a rule that somebody widened: level changes need a new rule in GitLab's API too
    await fixture.applied(rule({ push_access_level: "no one" }));
    await fixture.made("DELETE", `projects/${project.id}/protected_branches/main`);
    await fixture.made("POST", `projects/${project.id}/protected_branches`, { name: "main", push_access_level: 30 });
    // THEN the plan replaces it
    const plan = await fixture.terraform.plan();
    expect(plan.change(RULE).actions).toEqual(["delete", "create"]);
    expect(plan.change(RULE).replacePaths).toEqual([["push_access_level"]]);
    expect(plan.drift.map(({ address }) => address)).toEqual([RULE]);
    // AND applying it brings the level back
    expect((await fixture.terraform.applyPlanned()).exitCode).toBe(0);
    expect(await rules()).toMatchObject([{ push_access_levels: [{ access_level: 0 }] }]);
  });

  it("shows force push switched on by hand as an update in place", async () => {
    await fixture.applied(rule());
    await fixture.made("PATCH", `projects/${project.id}/protected_branches/main`, { allow_force_push: true });
    expect((await fixture.terraform.plan()).change(RULE).actions).toEqual(["update"]);
    await fixture.forgetCalls();
    expect((await fixture.terraform.apply()).exitCode).toBe(0);
    expect(await fixture.writes()).toEqual([`PATCH ${rulePath()}`]);
    expect(await rules()).toMatchObject([{ allow_force_push: false }]);
  });

  it.each([
    { attribute: "push_access_level", changes: { push_access_level: "no one" } },
    { attribute: "merge_access_level", changes: { merge_access_level: "developer" } },
    { attribute: "unprotect_access_level", changes: { unprotect_access_level: "admin" } },
    { attribute: "branch", changes: { branch: "mai*n" } },
  ])("replaces on another $attribute", async ({ attribute, changes }) => {
    await fixture.applied(rule());
    await fixture.terraform.write({ resource: rule(changes) });
    const change = (await fixture.terraform.plan()).change(RULE);
    expect(change.actions).toEqual(["delete", "create"]);
    expect(change.replacePaths).toEqual([[attribute]]);
  });

  it("goes back to maintainer when a level is taken out of the configuration", async () => {
    await fixture.applied(rule());
    const { push_access_level: _, ...rest } = rule().gitlab_branch_protection.main;
    await fixture.terraform.write({ resource: { gitlab_branch_protection: { main: rest } } });
    expect((await fixture.terraform.plan()).change(RULE).after).toMatchObject({ push_access_level: "maintainer" });
  });

  it("is made again when somebody unprotected the branch", async () => {
    await fixture.applied(rule());
    await fixture.made("DELETE", `projects/${project.id}/protected_branches/main`);
    expect((await fixture.terraform.plan()).change(RULE).actions).toEqual(["create"]);
  });

  it("imports <project>:<branch>; the unprotect level that GitLab does not tell forces a replace (TP#6705)", async () => {
    await fixture.made("POST", `projects/${project.id}/protected_branches`, { name: "dev", push_access_level: 30 });
    await fixture.terraform.write({ resource: rule({ branch: "dev" }) });
    expect((await fixture.terraform.import(RULE, `${project.path}:dev`)).exitCode).toBe(0);
    const change = (await fixture.terraform.plan()).change(RULE);
    expect(change.actions).toEqual(["delete", "create"]);
    expect(change.replacePaths).toEqual([["unprotect_access_level"]]);
  });

  it("refuses to import an id without a branch", async () => {
    await fixture.terraform.write({ resource: rule() });
    const result = await fixture.terraform.import(RULE, "main");
    expect(result.exitCode).toBe(1);
    expect(result.errors).toContain("It should be '<project-id>:<branch>'");
  });

  it("destroys: the branch has no rule then", async () => {
    await fixture.applied(rule());
    expect((await fixture.terraform.destroy()).exitCode).toBe(0);
    expect(await rules()).toEqual([]);
  });

  it("brings a state of schema 0 to the present one", async () => {
    // GIVEN a state that an old provider wrote: no id, no deploy keys
    await fixture.applied(rule());
    await fixture.terraform.rewriteState((file) => {
      const instance = file.resources[0]!.instances[0]!;
      const { id: _, ...attributes } = instance.attributes;
      return {
        ...file,
        resources: [{ ...file.resources[0]!, instances: [{ ...instance, schema_version: 0, attributes }] }],
      };
    });
    // THEN it is read, and nothing is to be done
    const plan = await fixture.terraform.plan();
    expect(plan.errors).toBe("");
    expect(plan.isEmpty).toBe(true);
  });

  it.each([
    {
      what: "an unknown level",
      changes: { push_access_level: "owner" },
      message:
        'Attribute push_access_level value must be one of: ["no one" "developer" "maintainer" "admin"], got: "owner"',
    },
    {
      what: "nobody as the one who may unprotect",
      changes: { unprotect_access_level: "no one" },
      message: 'Attribute unprotect_access_level value must be one of: ["developer" "maintainer" "admin"]',
    },
    {
      what: "an entry without anybody",
      changes: { allowed_to_push: [{}] },
      message:
        "No attribute specified when one (and only one) of " +
        "[allowed_to_push.user_id,allowed_to_push.group_id,allowed_to_push.deploy_key_id] is required",
    },
    {
      what: "a user and a group in one entry",
      changes: { allowed_to_merge: [{ user_id: 1, group_id: 2 }] },
      message: "2 attributes specified when one (and only one) of",
    },
    { what: "an empty branch", changes: { branch: "" }, message: "Attribute branch string length must be at least 1" },
  ])("refuses $what at validation", async ({ changes, message }) => {
    await fixture.terraform.write({ resource: rule(changes) });
    const result = await fixture.terraform.validate();
    expect(result.exitCode).toBe(1);
    expect(result.errors).toContain(message);
  });
});

describe("gitlab_branch_protection on Premium", () => {
  beforeEach(() => prepare("premium"));
  afterEach(() => fixture.stop());

  /** A token and a rule that lets nobody push but its bot. */
  const botOnly = (expires_at = "2026-06-01", entries: object[] = []) => ({
    gitlab_project_access_token: {
      bot: {
        project: project.path,
        name: "bot",
        scopes: ["write_repository"],
        access_level: "developer",
        expires_at,
        validate_past_expiration_date: true,
      },
    },
    ...rule({
      push_access_level: "no one",
      allowed_to_push: [{ user_id: "${gitlab_project_access_token.bot.user_id}" }, ...entries],
    }),
  });
  const pushers = async () => {
    const [{ push_access_levels: entries }] = await rules();
    return entries.map(({ user_id, access_level }: { user_id: number | null; access_level: number }) =>
      user_id ? "user" : access_level,
    );
  };

  it("lets the bot push and nobody else, then plans nothing", async () => {
    await fixture.applied(botOnly());
    expect((await pushers()).sort()).toEqual([0, "user"]);
    const plan = await fixture.terraform.plan();
    expect(plan.isEmpty).toBe(true);
  });

  it("shows an update in place when the token is rotated, which comes to nothing: the bot is the same", async () => {
    await fixture.applied(botOnly());
    const before = await rules();
    await fixture.terraform.write({ resource: botOnly("2026-09-01") });
    const plan = await fixture.terraform.plan();
    expect(plan.change(RULE).actions).toEqual(["update"]);
    await fixture.forgetCalls();
    expect((await fixture.terraform.applyPlanned()).exitCode).toBe(0);
    expect(await fixture.writes()).toEqual([expect.stringMatching(/access_tokens\/\d+\/rotate$/)]);
    expect(await rules()).toEqual(before);
    expect((await fixture.terraform.plan()).isEmpty).toBe(true);
  });

  it("adds and removes entries in place", async () => {
    const { id: userId } = await fixture.made("POST", "users", {
      username: "dev",
      name: "Dev",
      email: "dev@example.com",
      password: "correct horse battery",
      skip_confirmation: true,
    });
    await fixture.made("POST", `projects/${project.id}/members`, { user_id: userId, access_level: 30 });
    await fixture.applied(botOnly());
    await fixture.forgetCalls();
    await fixture.applied(botOnly("2026-06-01", [{ user_id: userId }]));
    expect(await fixture.writes()).toEqual([`PATCH ${rulePath()}`]);
    expect((await pushers()).sort()).toEqual([0, "user", "user"]);
    await fixture.applied(botOnly());
    expect((await pushers()).sort()).toEqual([0, "user"]);
  });

  it("drops an entry that somebody added by hand", async () => {
    await fixture.applied(botOnly());
    const { id: userId } = await fixture.made("GET", "user");
    await fixture.made("PATCH", `projects/${project.id}/protected_branches/main`, {
      allowed_to_push: [{ user_id: userId }],
    });
    expect((await fixture.terraform.plan()).change(RULE).actions).toEqual(["update"]);
    expect((await fixture.terraform.apply()).exitCode).toBe(0);
    expect((await pushers()).sort()).toEqual([0, "user"]);
  });

  it("imports a rule made through the API without a change, as Premium tells the unprotect level", async () => {
    await fixture.made("POST", `projects/${project.id}/protected_branches`, {
      name: "dev",
      push_access_level: 30,
      merge_access_level: 40,
      unprotect_access_level: 40,
    });
    await fixture.terraform.write({ resource: rule({ branch: "dev" }) });
    expect((await fixture.terraform.import(RULE, `${project.path}:dev`)).exitCode).toBe(0);
    expect((await fixture.terraform.plan()).isEmpty).toBe(true);
  });

  it("shows GitLab's refusal of a user who is no member; the default branch then has no rule", async () => {
    const stranger = await fixture.made("POST", "users", {
      username: "stranger",
      name: "Stranger",
      email: "stranger@example.com",
      password: "correct horse battery",
      skip_confirmation: true,
    });
    await fixture.terraform.write({ resource: rule({ allowed_to_push: [{ user_id: stranger.id }] }) });
    const result = await fixture.terraform.apply();
    expect(result.exitCode).toBe(1);
    expect(result.errors).toContain("Push access levels user is not a member of the project");
    expect(await rules()).toEqual([]);
  });
});
