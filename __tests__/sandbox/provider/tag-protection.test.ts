import { ProviderFixture } from "../../support/provider-fixture";

const RULE = "gitlab_tag_protection.v";

let fixture: ProviderFixture;
let project: { path: string; id: number };

const rule = (changes: object = {}) => ({
  gitlab_tag_protection: { v: { project: project.path, tag: "v*", create_access_level: "developer", ...changes } },
});
const rules = () => fixture.made("GET", `projects/${project.id}/protected_tags`);
const protect = (body: object) => fixture.made("POST", `projects/${project.id}/protected_tags`, body);
const path = (tag = "v*") => `projects/${project.path}/protected_tags/${tag}`;
const PROTECT = () => `POST projects/${project.path}/protected_tags`;

async function prepare(edition: "free" | "premium"): Promise<void> {
  fixture = await ProviderFixture.start({ edition });
  project = await fixture.createProject("ops");
  await fixture.terraform.write({});
  await fixture.terraform.init();
  await fixture.forgetCalls();
}

describe("gitlab_tag_protection on Community Edition", () => {
  beforeEach(() => prepare("free"));
  afterEach(() => fixture.stop());

  it("makes a rule, and has nothing to do after that", async () => {
    await fixture.applied(rule());
    expect(await fixture.writes()).toEqual([PROTECT()]);
    expect(await rules()).toMatchObject([{ name: "v*", create_access_levels: [{ access_level: 30 }] }]);
    expect((await fixture.terraform.state())[RULE]!.id).toBe(`${project.path}:v*`);
    expect((await fixture.terraform.plan()).isEmpty).toBe(true);
  });

  it("takes a rule over that exists: taken away, then made anew", async () => {
    await protect({ name: "v*", create_access_level: 40 });
    await fixture.forgetCalls();
    await fixture.applied(rule());
    expect(await fixture.writes()).toEqual([PROTECT(), `DELETE ${path()}`, PROTECT()]);
    expect(await rules()).toMatchObject([{ create_access_levels: [{ access_level: 30 }] }]);
  });

  it("replaces the rule at a change of its level", async () => {
    await fixture.applied(rule());
    await fixture.forgetCalls();
    await fixture.applied(rule({ create_access_level: "no one" }));
    expect(await fixture.writes()).toEqual([`DELETE ${path()}`, PROTECT()]);
  });

  it("loses the reason of a refusal, as there is no rule to take away", async () => {
    await fixture.fault({ method: "POST", path: "protected_tags$", times: 1, status: 422, body: { message: ["why"] } });
    await fixture.terraform.write({ resource: rule() });
    const { exitCode, errors } = await fixture.terraform.apply();
    expect([exitCode, errors.includes("why")]).toEqual([1, false]);
    expect(errors).toContain("Unable to unprotect repository tag");
  });

  it("makes the rule without its list, and says afterwards that a list needs Premium", async () => {
    await fixture.terraform.write({ resource: rule({ allowed_to_create: [{ user_id: 1 }] }) });
    const { exitCode, errors } = await fixture.terraform.apply();
    expect(exitCode).toBe(1);
    expect(errors).toContain("feature unavailable: `allowed_to_create`");
    expect(await rules()).toMatchObject([{ name: "v*" }]);
  });

  it("imports a rule by project and tag, and makes anew one that is gone", async () => {
    await protect({ name: "v*", create_access_level: 30 });
    await fixture.terraform.write({ resource: rule(), import: [{ to: RULE, id: `${project.path}:v*` }] });
    expect((await fixture.terraform.apply()).exitCode).toBe(0);
    await fixture.made("DELETE", path("v*").replace(project.path, `${project.id}`));
    expect((await fixture.terraform.plan()).isEmpty).toBe(false);
  });
});

describe("gitlab_tag_protection on Premium", () => {
  beforeEach(() => prepare("premium"));
  afterEach(() => fixture.stop());

  const withBot = (expires_at = "2026-06-01") => ({
    gitlab_project_access_token: {
      t: { project: project.path, name: "CI", scopes: ["write_repository"], access_level: "developer", expires_at },
    },
    ...rule({
      create_access_level: "no one",
      allowed_to_create: [{ user_id: "${gitlab_project_access_token.t.user_id}" }],
    }),
  });

  it("keeps the list beside the level, and has nothing to do after that", async () => {
    await fixture.applied(withBot());
    expect(await rules()).toMatchObject([
      { create_access_levels: [{ access_level: 0 }, { user_id: expect.any(Number) }] },
    ]);
    expect((await fixture.terraform.plan()).isEmpty).toBe(true);
  });

  it("replaces the rule when a bot's token rotates, though the bot is the same", async () => {
    await fixture.applied(withBot());
    await fixture.forgetCalls();
    await fixture.applied(withBot("2026-09-01"));
    expect((await fixture.writes()).filter((call) => call.includes("protected_tags"))).toEqual([
      `DELETE ${path()}`,
      PROTECT(),
    ]);
  });
});
