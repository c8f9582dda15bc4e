import type { Estate } from "../../estate/estate";
import { readEstate } from "../../estate/read-estate";
import { whoText } from "../../estate/who";
import { ApiClient } from "../../gitlab/api-client";
import { TODAY } from "../support/deployment";
import { GrownGitLab } from "../support/grown-gitlab";

let grown: GrownGitLab;
beforeAll(async () => {
  grown = await GrownGitLab.start();
});
afterAll(() => grown.stop());

async function read(paths: readonly string[], username: string, checkValues = true): Promise<Estate> {
  const client = new ApiClient({ baseUrl: grown.sandbox.url, token: await grown.reader(username) });
  await grown.forgetCalls();
  return readEstate(client, paths, { now: new Date(`${TODAY}T12:00:00Z`), checkValues });
}

describe("GIVEN what grew by hand WHEN an Owner with read_api looks at the group", () => {
  let estate: Estate;
  let calls: string[];
  beforeAll(async () => {
    estate = await read(["xlink"], "olga");
    calls = await grown.calls();
  });

  test("THEN the projects are there, those of groups below too, none that is archived", () => {
    expect(estate.projects.map(({ path, defaultBranch }) => [path, defaultBranch])).toEqual([
      ["xlink/gitops", "main"],
      ["xlink/apps/shop", "main"],
      ["xlink/apps/empty", null],
    ]);
  });

  test("THEN the rules say who may push, with the wildcard that opens", () => {
    const [gitops] = estate.projects;
    expect(gitops!.branches!.map(({ name, push }) => `${name}: ${whoText(push)}`)).toEqual([
      "main: Maintainers and up",
      "rel*: Developers and up",
      "release/*: Developers and up",
      "*: Developers and up",
    ]);
    expect(gitops!.tags!.map(({ name, create }) => `${name}: ${whoText(create)}`)).toEqual(["v*: Maintainers and up"]);
    expect(gitops!.deployKeys!.map(({ title }) => title)).toEqual(["mirror"]);
  });

  test("THEN the tokens that can push are there, each once, a person's by name", () => {
    const told = estate.tokens.map(({ name, kind, home, username, level }) => [name, kind, home, username, level]);
    expect(told).toEqual([
      ["gitops", "project", "xlink/gitops", undefined, 40],
      ["group bot", "group", "xlink/apps", undefined, 30],
      ["laptop", "personal", undefined, "dana", undefined],
    ]);
  });

  test("THEN the variables tell which token they carry, a hidden one by its name, and other secrets are left alone", () => {
    const names = new Map(estate.tokens.map(({ id, name }) => [id, name]));
    const told = estate.variables.map(({ key, home, carries }) => [
      `${home.path} ${key}`,
      carries.kind === "token" ? names.get(carries.token) : carries.kind === "dead" ? carries.status : carries.kind,
    ]);
    expect(told).toEqual([
      ["xlink/gitops GITOPS_TOKEN", "gitops"],
      ["xlink/apps/shop TOKEN_OF_GITOPS", "gitops"],
      ["xlink/apps/shop PUSH_URL", "laptop"],
      ["xlink/apps/shop OLD_TOKEN", "revoked"],
      ["xlink/apps GIT_PUSH_TOKEN", "by name"],
    ]);
  });

  test("THEN jobs that push and job tokens that may are there", () => {
    const [gitops, shop] = estate.projects;
    expect(gitops!.pushes).toMatchObject([
      { job: "deploy", project: "xlink/gitops", branch: "main", with: "variable", key: "GITOPS_TOKEN" },
    ]);
    expect(gitops!.jobToken).toMatchObject({ push: false, limited: undefined });
    expect(shop!.jobToken).toMatchObject({ push: true, limited: true, projects: ["xlink/apps/shop"], groups: [] });
  });

  test("THEN nothing was changed, nothing was hidden from an Owner, and no value is in the picture", () => {
    expect(calls.filter((call) => !call.startsWith("GET "))).toEqual([]);
    expect(estate.notSeen).toEqual([]);
    expect(estate.projects.map(({ allTokensSeen }) => allTokensSeen)).toEqual([true, true, true]);
    for (const value of grown.values.values()) expect(JSON.stringify(estate)).not.toContain(value);
  });

  test("THEN a project cost six calls, nine with the job token's lists, and a token one however often it is carried", () => {
    const of = (place: string) => calls.filter((call) => call.startsWith(`GET /api/v4/${place}/`)).length;
    expect([of("projects/xlink/gitops"), of("projects/xlink/apps/shop"), of("projects/xlink/apps/empty")]).toEqual([
      6, 9, 5,
    ]);
    const asked = calls.filter((call) => call === "GET /api/v4/personal_access_tokens/self").length;
    expect(asked).toBe(4);
    // The operator, the group and its projects; variables and tokens of two groups; Dana.
    expect(calls).toHaveLength(6 + 9 + 5 + asked + 3 + 4 + 1);
  });
});

test("GIVEN --no-check-values WHEN it is read THEN no token was used, and variables are told by form and name", async () => {
  const estate = await read(["xlink/apps/shop"], "olga", false);
  expect((await grown.calls()).filter((call) => call.endsWith("/self"))).toEqual([]);
  expect(estate.variables.map(({ key, carries }) => [key, carries.kind])).toEqual([
    ["TOKEN_OF_GITOPS", "not known"],
    ["PUSH_URL", "not known"],
    ["OLD_TOKEN", "not known"],
    ["READ_TOKEN", "not known"],
    ["GIT_PUSH_TOKEN", "by name"],
  ]);
});

test.each([
  [
    "mia",
    "a Maintainer",
    [
      "access tokens of group xlink: 401",
      "access tokens of group xlink/apps: 401",
      "variables of group xlink: 403",
      "variables of group xlink/apps: 403",
    ],
  ],
  [
    "dev",
    "a Developer",
    [
      "access tokens of group xlink: 401",
      "access tokens of group xlink/apps: 401",
      "access tokens of xlink/apps/shop: 401",
      "deploy keys of xlink/apps/shop: 403",
      "job token allowlist of xlink/apps/shop: 403",
      "job token group allowlist of xlink/apps/shop: 403",
      "job token scope of xlink/apps/shop: 403",
      "tag rules of xlink/apps/shop: 403",
      "variables of group xlink: 403",
      "variables of group xlink/apps: 403",
      "variables of xlink/apps/shop: 403",
    ],
  ],
])(
  "GIVEN %s, %s WHEN a project is read THEN what is not shown is said, and never guessed",
  async (username, _, holes) => {
    const estate = await read(["xlink/apps/shop"], username);
    expect(new Set(estate.notSeen.map(({ what, status }) => `${what}: ${status}`))).toEqual(new Set(holes));
    expect(estate.projects[0]!.allTokensSeen).toBe(false);
    if (username !== "dev") return;
    expect(estate.projects[0]).toMatchObject({ tags: undefined, deployKeys: undefined });
    expect([estate.tokens, estate.variables]).toEqual([[], []]);
  },
);

describe("GIVEN a GitLab that is busy or broken", () => {
  afterEach(() => grown.api.control("DELETE", "faults"));

  test("WHEN it says to try again THEN that is done, and nothing is missing", async () => {
    const busy = { status: 429, headers: { "Retry-After": "0" }, times: 6 };
    await grown.api.control("POST", "faults", { path: "/projects/xlink/gitops/", ...busy });
    expect((await read(["xlink/gitops"], "olga")).notSeen).toEqual([]);
  });

  test("WHEN it fails at what was asked for THEN that is no place that is not there", async () => {
    await grown.api.control("POST", "faults", { path: "/projects/xlink/gitops$", status: 500, times: 99 });
    await expect(read(["xlink/gitops"], "olga")).rejects.toThrow(/got "xlink\/gitops", of which GitLab says 500/);
  });

  test("WHEN it fails at one thing THEN that one is not seen, and all else is", async () => {
    await grown.api.control("POST", "faults", { path: "/gitops/protected_branches", status: 500, times: 99 });
    const estate = await read(["xlink/gitops"], "olga");
    expect(estate.notSeen).toMatchObject([{ what: "branch rules of xlink/gitops", status: 500 }]);
    expect(estate.projects[0]).toMatchObject({ rules: undefined, branches: undefined, allTokensSeen: true });
  });
});

test.each([
  [["nowhere"], /1 problem.*\n {2}got "nowhere", where GitLab shows neither/],
  [["xlink", "xlink/none", "5"], /got the id 5/],
  [["xlink", "xlink/none"], /got "xlink\/none"/],
])(
  "GIVEN %j, of which something is not there WHEN it is read THEN that is said, and nothing is read",
  async (paths, message) => {
    await expect(read(paths, "olga")).rejects.toThrow(message);
    expect((await grown.calls()).filter((call) => /protected_branches|variables/.test(call))).toEqual([]);
  },
);

test("GIVEN rules of users, groups, deploy keys and the group itself, on Premium WHEN they are read THEN each is told by name", async () => {
  const premium = await GrownGitLab.start({ edition: "premium" });
  const project = "/projects/xlink%2Fgitops";
  const [key] = await premium.must("GET", `${project}/deploy_keys`);
  const [bot] = await premium.must("GET", `${project}/access_tokens`);
  const { id: group } = await premium.must("GET", "/groups/xlink");
  await premium.must("POST", `${project}/protected_branches`, {
    name: "prod",
    allowed_to_push: [{ user_id: bot.user_id }, { group_id: group }, { deploy_key_id: key.id }],
    allowed_to_unprotect: [{ access_level: 60 }],
    code_owner_approval_required: true,
  });
  await premium.must("POST", "/groups/xlink/protected_branches", { name: "hotfix/*", push_access_level: 40 });
  const client = new ApiClient({ baseUrl: premium.sandbox.url, token: await premium.reader("olga") });
  const estate = await readEstate(client, ["xlink/gitops"], { now: new Date(), checkValues: false });
  const told = Object.fromEntries(estate.projects[0]!.branches!.map((branch) => [branch.name, branch]));
  expect(whoText(told.prod!.push)).toBe(
    `user gitops (${bot.user_id}), group xlink (${group}), deploy key mirror (${key.id})`,
  );
  expect(told.prod).toMatchObject({
    codeOwners: true,
    inherited: false,
    tokens: [bot.id],
    unprotect: [{ kind: "role", level: 60 }],
  });
  expect(told["hotfix/*"]).toMatchObject({ inherited: true, push: [{ kind: "role", level: 40 }] });
  await premium.stop();
});
