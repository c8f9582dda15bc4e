import { ProviderFixture } from "../../support/provider-fixture";

const TOKEN = "gitlab_project_access_token.bot";
const VARIABLE = "gitlab_project_variable.bot";

/** What our guards are against: each bug with the guard left out, and with it. */
describe("quirks 18.6", () => {
  let fixture: ProviderFixture;
  let path: string;

  beforeEach(async () => {
    fixture = await ProviderFixture.start({ quirks: "18.6" });
    ({ path } = await fixture.createProject("ops"));
    await fixture.terraform.write({});
    await fixture.terraform.init();
  });
  afterEach(() => fixture.stop());

  const token = (changes: object) => ({
    gitlab_project_access_token: {
      bot: { project: path, name: "bot", scopes: ["write_repository"], access_level: "developer", ...changes },
    },
  });
  const pusher = (expires_at: string, guard: object) => ({
    ...token({ expires_at }),
    gitlab_project_variable: {
      bot: {
        project: path,
        key: "PUSH_TOKEN",
        value: "${gitlab_project_access_token.bot.token}",
        masked: true,
        ...guard,
      },
    },
  });
  const rotating = (changes: object = {}, expiration_days = 30) =>
    token({ rotation_configuration: { expiration_days, rotate_before_days: 7 }, ...changes });

  it.each([
    { guard: "hidden unset", hidden: {}, actions: ["delete", "create"], writes: ["POST", "DELETE", "POST"] },
    { guard: "hidden = false", hidden: { hidden: false }, actions: ["update"], writes: ["POST", "PUT"] },
  ])("TP#6685: with $guard, a rotation means $actions for the variable", async ({ hidden, actions, writes }) => {
    await fixture.applied(pusher("2026-06-01", hidden));
    await fixture.terraform.write({ resource: pusher("2026-09-01", hidden) });
    const plan = await fixture.terraform.plan();
    expect(plan.change(VARIABLE).actions).toEqual(actions);
    await fixture.forgetCalls();
    expect((await fixture.terraform.applyPlanned()).exitCode).toBe(0);
    const methods = (await fixture.writes()).map((call) => call.split(" ")[0]!);
    expect(methods.sort()).toEqual([...writes].sort());
    expect((await fixture.terraform.plan()).isEmpty).toBe(true);
  });

  it.each([
    { guard: "left out", changes: {}, exitCode: 1 },
    { guard: "written out from the start", changes: { validate_past_expiration_date: true }, exitCode: 0 },
  ])("TP#6689: a rotation by date of an old token, validate_past_expiration_date $guard", async (row) => {
    // GIVEN a token whose state has no validate_past_expiration_date, as those made before 18.5
    await fixture.applied(rotating(row.changes));
    if (row.exitCode === 1) {
      await fixture.terraform.rewriteState((file) => {
        const [resource] = file.resources;
        const [instance] = resource!.instances;
        const attributes = { ...instance!.attributes, validate_past_expiration_date: null };
        return { ...file, resources: [{ ...resource!, instances: [{ ...instance!, attributes }] }] };
      });
    }
    // WHEN the calendar rotates it
    fixture.setToday("2026-02-10");
    const result = await fixture.terraform.apply();
    // THEN the rotation is done, but without the guard Terraform refuses the result
    expect(result.exitCode).toBe(row.exitCode);
    if (row.exitCode === 1)
      expect(result.errors).toContain(".validate_past_expiration_date: was null, but now cty.False");
    const live = await fixture.made("GET", `projects/${encodeURIComponent(path)}/access_tokens?state=active`);
    expect(live).toMatchObject([{ expires_at: "2026-03-12" }]);
  });

  it("TP#6546: a changed expiration_days rotates but keeps the old date", async () => {
    await fixture.applied(rotating());
    const before = (await fixture.terraform.state())[TOKEN]!;
    await fixture.applied(rotating({}, 60));
    const after = (await fixture.terraform.state())[TOKEN]!;
    expect(after.id).not.toBe(before.id);
    expect(after.expires_at).toBe(before.expires_at);
  });

  it("TP#6705: an imported rule is replaced", async () => {
    const rules = `projects/${encodeURIComponent(path)}/protected_branches`;
    await fixture.made("POST", rules, { name: "dev", push_access_level: 30 });
    const rule = { project: path, branch: "dev", push_access_level: "developer" };
    await fixture.terraform.write({ resource: { gitlab_branch_protection: { dev: rule } } });
    expect((await fixture.terraform.import("gitlab_branch_protection.dev", `${path}:dev`)).exitCode).toBe(0);
    const change = (await fixture.terraform.plan()).change("gitlab_branch_protection.dev");
    expect(change.actions).toEqual(["delete", "create"]);
  });
});
