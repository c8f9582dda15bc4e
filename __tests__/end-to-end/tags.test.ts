import { Deployment } from "../support/deployment";

const KEY = "GITLAB_PUSHER_TOKEN";
const TARGET = "/projects/xlink%2Fgitops";

const pusher = (parts: { edition?: string; token?: string; tags?: string; head?: string }) => {
  const { edition = "free", token = "{expires: 2100-06-01}", tags, head = "" } = parts;
  const rules = tags === undefined ? "" : `\n    tags: ${tags}`;
  return `edition: ${edition}\n${head}pushers:\n  gitops:\n    target: xlink/gitops\n    token: ${token}${rules}\n`;
};

let deployment: Deployment;
afterEach(() => deployment.stop());

/** A push of a new tag, as a release job does it. */
async function pushTag(token: string, tag: string): Promise<string> {
  const copy = await deployment.clone(token);
  await copy.must("tag", tag);
  const { code, stderr } = await copy.run("push", "origin", tag);
  return code === 0 ? "accepted" : (/GitLab: ([^\n]*)/.exec(stderr)?.[1]?.trim() ?? stderr);
}

async function tokenOf(username: string): Promise<string> {
  const { body: users } = await deployment.api.get(`/users?username=${username}`);
  const { body } = await deployment.api.post(`/users/${users[0].id}/personal_access_tokens`, {
    name: "push",
    scopes: ["write_repository"],
  });
  return body.token;
}

const bot = async (): Promise<string> => (await deployment.job("xlink/gitops")).variables[KEY]!;
const REFUSED = "You are not allowed to create this tag as it is protected.";

/** The tag rules of the target, and who may create. */
async function rules(): Promise<Record<string, string>> {
  const { body } = await deployment.api.get(`${TARGET}/protected_tags`);
  const found = body as { name: string; create_access_levels: { access_level_description: string }[] }[];
  return Object.fromEntries(
    found.map(({ name, create_access_levels: levels }) => [
      name,
      levels.map(({ access_level_description: text }) => text).join(", "),
    ]),
  );
}

describe("tag rules on free", () => {
  beforeEach(async () => {
    deployment = await Deployment.start();
  });

  test("GIVEN a rule made by hand WHEN it is deployed THEN it is taken over behind its guard, and the release job creates tags", async () => {
    await deployment.api.post(`${TARGET}/protected_tags`, { name: "v*", create_access_level: 40 });
    const text = pusher({ token: "{expires: 2100-06-01, role: maintainer}", tags: "{v*: {create: maintainer}}" });
    await deployment.forgetCalls();
    await deployment.deploy(text);
    const changes = (await deployment.calls()).filter((call) => /(POST|DELETE) .*protected_tags/.test(call));
    expect(changes).toEqual([
      "POST /api/v4/projects/xlink/gitops/protected_tags",
      "POST /api/v4/projects/xlink/gitops/protected_tags",
      "DELETE /api/v4/projects/xlink/gitops/protected_tags/v*",
      "POST /api/v4/projects/xlink/gitops/protected_tags",
    ]);
    expect(await rules()).toEqual({ "v*": "Maintainers", "v**": "No one" });
    expect([await pushTag(await bot(), "v1"), await pushTag(await tokenOf("ann"), "v2")]).toEqual([
      "accepted",
      REFUSED,
    ]);
    expect(await deployment.deploy(text)).toContain("0 added, 0 changed, 0 destroyed");
  });

  test("GIVEN a rule WHEN its replacement is refused half-way THEN the tags are closed, and the next deploy opens them", async () => {
    await deployment.deploy(pusher({ tags: "{v*: {create: no one}}" }));
    await deployment.api.control("POST", "faults", {
      method: "POST",
      path: "protected_tags$",
      times: 1,
      status: 422,
      body: { message: ["no"] },
    });
    const open = pusher({ tags: "{v*: {create: developer}}" });
    expect((await deployment.tryDeploy(open)).exitCode).toBe(1);
    expect(await rules()).toEqual({ "v**": "No one" });
    expect(await pushTag(await bot(), "v1")).toBe(REFUSED);
    await deployment.deploy(open);
    expect(await pushTag(await bot(), "v1")).toBe("accepted");
  });

  test("GIVEN a rule that is taken out WHEN it is deployed THEN its tags stay protected, until protection is turned off", async () => {
    await deployment.deploy(
      pusher({ tags: "{v*: {create: maintainer}}", token: "{expires: 2100-06-01, role: maintainer}" }),
    );
    await deployment.deploy(pusher({ token: "{expires: 2100-06-01, role: maintainer}" }));
    expect(await rules()).toEqual({ "v*": "Maintainers" });
    const kept = pusher({ tags: "{v*: {create: developer}}" });
    await deployment.deploy(kept);
    expect((await deployment.destroy()).exitCode).toBe(1);
    expect(await rules()).toEqual({ "v*": "Developers + Maintainers", "v**": "No one" });
    await deployment.deploy(pusher({ head: "deletion_protection: false\n" }));
    expect(await rules()).toEqual({});
  });

  test("GIVEN a renamed pusher WHEN it is deployed THEN its tag rule and guard move", async () => {
    const text = pusher({ tags: "{v*: {create: developer}}" });
    await deployment.deploy(text);
    const renamed = text.replace("  gitops:\n", "  release:\n    was: gitops\n");
    expect(await deployment.deploy(renamed)).toContain("0 added, 0 changed, 0 destroyed");
    expect(await rules()).toEqual({ "v*": "Developers + Maintainers", "v**": "No one" });
  });
});

describe("tag rules on premium", () => {
  beforeEach(async () => {
    deployment = await Deployment.start({ edition: "premium" });
  });

  const TAGS = "{v*: {create: bot, allowed_to_create: [{user: mia}]}}";
  const premium = (expires: string) => pusher({ edition: "premium", token: `{expires: ${expires}}`, tags: TAGS });

  test("GIVEN a rule for the bot and one person WHEN a token rotates THEN the rule stays, and both still create tags", async () => {
    await deployment.deploy(premium("[2100-12-01, 2100-06-01]"));
    expect([await pushTag(await bot(), "v1"), await pushTag(await tokenOf("mia"), "v2")]).toEqual([
      "accepted",
      "accepted",
    ]);
    expect(await pushTag(await tokenOf("ann"), "v3")).toBe(REFUSED);
    await deployment.forgetCalls();
    await deployment.deploy(premium("[2100-12-01, 2101-01-05]"));
    expect((await deployment.calls()).filter((call) => /(POST|DELETE) .*protected_tags/.test(call))).toEqual([]);
    expect(await pushTag(await bot(), "v3")).toBe("accepted");
  });

  test("GIVEN a token revoked by hand WHEN it is deployed THEN the new bot is let in by the deploy after that", async () => {
    await deployment.deploy(premium("[2100-12-01, 2100-06-01]"));
    const { body: tokens } = await deployment.api.get(`${TARGET}/access_tokens`);
    const carried = (tokens as { id: number; expires_at: string }[]).find((each) => each.expires_at === "2100-12-01")!;
    await deployment.api.delete(`${TARGET}/access_tokens/${carried.id}`);
    await deployment.deploy(premium("[2100-12-01, 2100-06-01]"));
    expect(await pushTag(await bot(), "v1")).toBe(REFUSED);
    await deployment.deploy(premium("[2100-12-01, 2100-06-01]"));
    expect(await pushTag(await bot(), "v2")).toBe("accepted");
  });
});
