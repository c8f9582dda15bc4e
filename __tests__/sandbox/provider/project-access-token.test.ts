import { ProviderFixture } from "../../support/provider-fixture";

const TOKEN = "gitlab_project_access_token.bot";
const VARIABLE = "gitlab_project_variable.bot";

describe("gitlab_project_access_token", () => {
  let fixture: ProviderFixture;
  let project: { path: string; id: number };

  beforeEach(async () => {
    fixture = await ProviderFixture.start();
    project = await fixture.createProject("ops");
    await fixture.terraform.write({});
    await fixture.terraform.init();
  });
  afterEach(() => fixture.stop());

  const token = (changes: object = {}) => ({
    project: project.path,
    name: "GITLAB_CI_PUSHER",
    description: "",
    scopes: ["write_repository"],
    access_level: "developer",
    expires_at: "2026-06-01",
    validate_past_expiration_date: true,
    ...changes,
  });
  const resources = (changes: object = {}) => ({ gitlab_project_access_token: { bot: token(changes) } });
  const tokensOf = () => fixture.made("GET", `projects/${project.id}/access_tokens`);

  it("creates a token, then plans nothing", async () => {
    // WHEN it is applied
    await fixture.applied(resources());
    // THEN the token is what was asked for, its id is the project's and its own, and the value is in the state
    const [created] = await tokensOf();
    expect(created).toMatchObject({
      name: "GITLAB_CI_PUSHER",
      scopes: ["write_repository"],
      access_level: 30,
      expires_at: "2026-06-01",
    });
    const state = (await fixture.terraform.state())[TOKEN]!;
    expect(state).toMatchObject({
      id: `${project.path}:${created.id}`,
      user_id: created.user_id,
      active: true,
      revoked: false,
      created_at: "2026-01-15 12:00:00 +0000 UTC",
    });
    expect(state.token).toMatch(/^glpat-/);
    expect((await fixture.terraform.plan()).isEmpty).toBe(true);
  });

  it("rotates in place when the date is bumped: all that is computed is unknown, the bot stays", async () => {
    // GIVEN a token and a variable that carries it
    const variable = {
      project: project.path,
      key: "GITLAB_PUSHER_TOKEN",
      value: "${gitlab_project_access_token.bot.token}",
      masked: true,
      hidden: false,
      protected: true,
      raw: true,
      description: "",
      environment_scope: "*",
      variable_type: "env_var",
    };
    const both = (expires_at: string) => ({
      ...resources({ expires_at }),
      gitlab_project_variable: { bot: variable },
    });
    await fixture.applied(both("2026-06-01"));
    const before = await fixture.terraform.state();

    // WHEN the date is bumped
    await fixture.terraform.write({ resource: both("2026-09-01") });
    const plan = await fixture.terraform.plan();

    // THEN the plan is an update that knows none of what a rotation renews, nor the bot
    expect(plan.change(TOKEN).actions).toEqual(["update"]);
    expect(plan.change(TOKEN).afterUnknown).toMatchObject({
      id: true,
      token: true,
      created_at: true,
      active: true,
      revoked: true,
      user_id: true,
    });
    expect(plan.change(VARIABLE).actions).toEqual(["update"]);

    // AND applying it rotates once and updates the variable, nothing else
    await fixture.forgetCalls();
    expect((await fixture.terraform.applyPlanned()).exitCode).toBe(0);
    const oldId = String(before[TOKEN]!.id).split(":")[1];
    expect(await fixture.writes()).toEqual([
      `POST projects/${project.path}/access_tokens/${oldId}/rotate`,
      `PUT projects/${project.path}/variables/GITLAB_PUSHER_TOKEN`,
    ]);
    const after = await fixture.terraform.state();
    expect(after[TOKEN]!.user_id).toBe(before[TOKEN]!.user_id);
    expect(after[TOKEN]!.id).not.toBe(before[TOKEN]!.id);
    expect(after[TOKEN]!.token).not.toBe(before[TOKEN]!.token);
    const stored = await fixture.made("GET", `projects/${project.id}/variables/GITLAB_PUSHER_TOKEN`);
    expect(stored.value).toBe(after[TOKEN]!.token);
    expect((await fixture.terraform.plan()).isEmpty).toBe(true);
  });

  it.each([
    { attribute: "name", changes: { name: "OTHER" } },
    { attribute: "description", changes: { description: "other" } },
    { attribute: "scopes", changes: { scopes: ["write_repository", "read_repository"] } },
    { attribute: "access_level", changes: { access_level: "maintainer" } },
  ])("replaces the token, and so the bot, on another $attribute", async ({ attribute, changes }) => {
    await fixture.applied(resources());
    await fixture.terraform.write({ resource: resources(changes) });
    const change = (await fixture.terraform.plan()).change(TOKEN);
    expect(change.actions).toEqual(["delete", "create"]);
    expect(change.replacePaths).toContainEqual([attribute]);
  });

  it("replaces on a path in place of an id, though it is the same project", async () => {
    await fixture.applied(resources({ project: String(project.id) }));
    await fixture.terraform.write({ resource: resources() });
    expect((await fixture.terraform.plan()).change(TOKEN).replacePaths).toEqual([["project"]]);
  });

  it("replaces in the default order: the old bot dies before the new one is made", async () => {
    await fixture.applied(resources());
    const before = await fixture.terraform.state();
    await fixture.forgetCalls();
    await fixture.applied(resources({ name: "OTHER" }));
    const writes = await fixture.writes();
    expect(writes[0]).toMatch(/^DELETE .*access_tokens\/\d+$/);
    expect(writes[1]).toBe(`POST projects/${project.path}/access_tokens`);
    expect((await fixture.terraform.state())[TOKEN]!.user_id).not.toBe(before[TOKEN]!.user_id);
  });

  it("gives the defaults back: an access level left out is maintainer", async () => {
    const { access_level: _, ...withoutLevel } = token();
    await fixture.applied({ gitlab_project_access_token: { bot: withoutLevel } });
    expect((await tokensOf())[0].access_level).toBe(40);
  });

  it("destroys: the token is revoked", async () => {
    await fixture.applied(resources());
    const result = await fixture.terraform.destroy();
    expect(result.exitCode).toBe(0);
    expect((await tokensOf())[0]).toMatchObject({ revoked: true });
    expect(await fixture.terraform.state()).toEqual({});
  });

  it("imports by <project>:<token id>, without the value", async () => {
    // GIVEN a token made by hand
    const made = await fixture.made("POST", `projects/${project.id}/access_tokens`, {
      name: "GITLAB_CI_PUSHER",
      scopes: ["write_repository"],
      access_level: 30,
      expires_at: "2026-06-01",
    });
    // WHEN it is imported
    await fixture.terraform.write({ resource: resources() });
    const result = await fixture.terraform.import(TOKEN, `${project.path}:${made.id}`);
    // THEN the state has it, its value excepted
    expect(result.exitCode).toBe(0);
    expect((await fixture.terraform.state())[TOKEN]).toMatchObject({ user_id: made.user_id, token: null });
  });

  it.each([
    { id: "17", message: "Could not parse ID into project and accessTokenId" },
    { id: "xlink/ops:abc", message: 'Could not parse access token ID "abc"' },
    { id: "xlink/ops:99999", message: "Cannot import non-existent remote object" },
  ])("refuses to import $id", async ({ id, message }) => {
    await fixture.terraform.write({ resource: resources() });
    const result = await fixture.terraform.import(TOKEN, id);
    expect(result.exitCode).toBe(1);
    expect(result.errors).toContain(message);
  });

  it("is replaced when it was revoked outside, its own date still ahead", async () => {
    await fixture.applied(resources());
    const [{ id }] = await tokensOf();
    await fixture.made("DELETE", `projects/${project.id}/access_tokens/${id}`);
    const change = (await fixture.terraform.plan()).change(TOKEN);
    expect(change.actions).toEqual(["delete", "create"]);
    expect(change.replacePaths).toEqual([["revoked"]]);
  });

  it("plans nothing for a token revoked outside whose date is past", async () => {
    await fixture.applied(resources({ expires_at: "2026-01-20" }));
    const [{ id }] = await tokensOf();
    await fixture.made("DELETE", `projects/${project.id}/access_tokens/${id}`);
    fixture.setToday("2026-01-21");
    expect((await fixture.terraform.plan()).isEmpty).toBe(true);
  });

  it("plans nothing for an expired token", async () => {
    await fixture.applied(resources());
    fixture.setToday("2026-06-02");
    const plan = await fixture.terraform.plan();
    expect(plan.isEmpty).toBe(true);
  });

  it.each([
    { validate: true, created: 0, message: "must be in the future" },
    { validate: false, created: 1, message: "" },
  ])("a past date with validate_past_expiration_date = $validate makes $created token(s)", async (row) => {
    const { validate, created, message } = row;
    await fixture.terraform.write({
      resource: resources({ expires_at: "2026-01-15", validate_past_expiration_date: validate }),
    });
    // The check is no part of the plan.
    expect((await fixture.terraform.plan()).exitCode).toBe(0);
    const result = await fixture.terraform.apply();
    expect(result.exitCode).toBe(created === 1 ? 0 : 1);
    expect(result.errors).toContain(message);
    expect(await tokensOf()).toHaveLength(created);
  });

  it("shows GitLab's own refusal", async () => {
    await fixture.terraform.write({ resource: resources({ expires_at: "2027-06-01" }) });
    const result = await fixture.terraform.apply();
    expect(result.exitCode).toBe(1);
    expect(result.errors).toContain("Could not create GitLab ProjectAccessToken, unexpected error: POST");
    expect(result.errors).toContain("400 Bad request - Expires at must be before 2027-01-15");
  });

  it("an error when it is gone already at destroy", async () => {
    await fixture.applied(resources());
    await fixture.fault({ method: "DELETE", path: "access_tokens", times: 1, status: 404, body: { message: "404" } });
    const result = await fixture.terraform.destroy();
    expect(result.exitCode).toBe(1);
    expect(result.errors).toContain("Could not delete project access token, unexpected error: 404 Not Found");
  });

  it("an answer lost at creation leaves a live orphan, as the write is not repeated", async () => {
    await fixture.terraform.write({ resource: resources() });
    await fixture.fault({ method: "POST", path: "access_tokens$", times: 1, lose_answer: true });
    expect((await fixture.terraform.apply()).exitCode).toBe(1);
    expect(await fixture.terraform.state()).toEqual({});
    expect(await tokensOf()).toHaveLength(1);
    await fixture.applied(resources());
    expect(await tokensOf()).toHaveLength(2);
  });

  it("a 502 in place of the answer is tried again", async () => {
    await fixture.fault({ method: "POST", path: "access_tokens$", times: 2, status: 502, body: "Bad Gateway" });
    await fixture.applied(resources());
    expect(await tokensOf()).toHaveLength(1);
  });

  it("self_rotate rotates with the token of the state", async () => {
    const scopes = ["write_repository", "self_rotate"];
    await fixture.applied(resources({ scopes }));
    await fixture.forgetCalls();
    await fixture.applied(resources({ scopes, expires_at: "2026-09-01" }));
    expect(await fixture.writes()).toEqual([`POST projects/${project.path}/access_tokens/self/rotate`]);
  });

  it("keeps the same value of an unknown date until it is known", async () => {
    // GIVEN a date that another resource only makes at apply
    await fixture.applied(resources());
    await fixture.terraform.write({
      resource: {
        terraform_data: { date: { input: "2026-10-01" } },
        ...resources({ expires_at: "${terraform_data.date.output}" }),
      },
    });
    // WHEN it is planned and applied
    const plan = await fixture.terraform.plan();
    expect(plan.change(TOKEN).afterUnknown).toMatchObject({ expires_at: true });
    expect((await fixture.terraform.applyPlanned()).exitCode).toBe(0);
    // THEN the token has it
    expect((await fixture.terraform.state())[TOKEN]!.expires_at).toBe("2026-10-01");
  });

  it("is dropped and made again once GitLab has deleted the record", async () => {
    await fixture.applied(resources());
    const [{ id }] = await tokensOf();
    await fixture.made("DELETE", `projects/${project.id}/access_tokens/${id}`);
    fixture.setToday("2026-03-15");
    const plan = await fixture.terraform.plan();
    expect(plan.change(TOKEN).actions).toEqual(["create"]);
  });

  describe("with rotation_configuration", () => {
    const rotating = (expiration_days = 30, rotate_before_days = 7) => {
      const { expires_at: _, ...rest } = token();
      const rotation_configuration = { expiration_days, rotate_before_days };
      return { gitlab_project_access_token: { bot: { ...rest, rotation_configuration } } };
    };

    it("takes the day plus expiration_days, and waits until rotate_before_days before", async () => {
      await fixture.applied(rotating());
      expect((await tokensOf())[0].expires_at).toBe("2026-02-14");
      fixture.setToday("2026-02-06");
      expect((await fixture.terraform.plan()).isEmpty).toBe(true);
    });

    it("rotates when due, to the plan's day plus expiration_days", async () => {
      // GIVEN a token that is due
      await fixture.applied(rotating());
      fixture.setToday("2026-02-07");
      const plan = await fixture.terraform.plan();
      expect(plan.change(TOKEN).after).toMatchObject({ expires_at: "2026-03-09", active: true });
      expect(plan.change(TOKEN).afterUnknown).toMatchObject({ id: true, token: true, created_at: true });
      expect(plan.change(TOKEN).afterUnknown.user_id).toBeUndefined();
      // WHEN the plan is applied
      expect((await fixture.terraform.applyPlanned()).errors).toBe("");
      // THEN the date is the plan's
      expect((await fixture.terraform.state())[TOKEN]!.expires_at).toBe("2026-03-09");
    });

    it("refuses a saved plan of another day, before it rotates: Terraform plans again at apply", async () => {
      await fixture.applied(rotating());
      fixture.setToday("2026-02-07");
      await fixture.terraform.plan();
      fixture.setToday("2026-02-08");
      await fixture.forgetCalls();
      const result = await fixture.terraform.applyPlanned();
      expect(result.exitCode).toBe(1);
      expect(result.errors).toContain("Provider produced inconsistent final plan");
      expect(await fixture.writes()).toEqual([]);
    });

    it("rotates at once, to the new date, when expiration_days is changed", async () => {
      await fixture.applied(rotating());
      await fixture.applied(rotating(60));
      expect((await fixture.terraform.state())[TOKEN]!.expires_at).toBe("2026-03-16");
      expect((await fixture.terraform.plan()).isEmpty).toBe(true);
    });

    it("ends inconsistent when it rotates an expired token (TP#6879); a second apply heals", async () => {
      await fixture.applied(rotating());
      fixture.setToday("2026-03-01");
      const result = await fixture.terraform.apply();
      expect(result.exitCode).toBe(1);
      expect(result.errors).toContain(".active: was cty.False, but now cty.True");
      expect((await fixture.terraform.apply()).exitCode).toBe(0);
      expect((await fixture.terraform.plan()).isEmpty).toBe(true);
    });
  });

  it.each([
    {
      what: "neither a date nor rotation_configuration",
      changes: { expires_at: null },
      message: "No attribute specified when one (and only one) of [rotation_configuration] is required",
    },
    {
      what: "both",
      changes: { rotation_configuration: { expiration_days: 30, rotate_before_days: 7 } },
      message: "2 attributes specified when one (and only one) of [rotation_configuration] is required",
    },
    {
      what: "zero days",
      changes: { expires_at: null, rotation_configuration: { expiration_days: 0, rotate_before_days: 7 } },
      message: "Attribute rotation_configuration.expiration_days value must be at least 1, got: 0",
    },
    {
      what: "an unknown scope",
      changes: { scopes: ["push"] },
      message: 'Attribute scopes[Value("push")] value must be one of: ["api"',
    },
    {
      what: "no scope",
      changes: { scopes: [] },
      message: "Attribute scopes set must contain at least 1 elements, got: 0",
    },
  ])("refuses $what at validation", async ({ changes, message }) => {
    await fixture.terraform.write({ resource: resources(changes) });
    const result = await fixture.terraform.validate();
    expect(result.exitCode).toBe(1);
    expect(result.errors).toContain(message);
  });
});
