import { ifSeen, Reader } from "../../estate/reader";
import { ApiClient } from "../../gitlab/api-client";
import { unprotecters } from "../../gitlab/protected-branch";
import { runnerVerdict } from "../../gitlab/runner";
import { FakeGitLab, FakeStatus } from "../support/fake-gitlab";

let gitlab: FakeGitLab;
afterEach(() => gitlab.stop());

describe("a look at GitLab before anything is asked", () => {
  const required = async (user: unknown): Promise<unknown> => {
    gitlab = await FakeGitLab.start({ "/user": user });
    const client = new ApiClient({
      baseUrl: gitlab.url,
      token: "glpat-SecretSecretSecret",
      wait: async () => undefined,
    });
    return new Reader(client).requireLiving().catch((thrown) => thrown.message);
  };

  test.each<[string, unknown, RegExp]>([
    ["a GitLab that is down", new FakeStatus(502, "<html>"), /^GET \/user: got 502 a web page .*fix: try again later/],
    [
      "a page to sign in",
      "<html>",
      /^GET \/user: got 200 .*fix: check that GITLAB_BASE_URL is the address of a GitLab/,
    ],
    ["JSON of something else", { status: "ok" }, /^GET \/user: got 200 .* no user .*fix: check that GITLAB_BASE_URL/],
    ["a list", [], /^GET \/user: got 200 .* no JSON/],
    ["a dead token", new FakeStatus(401), /^GET \/user: got 401.*fix: check that GITLAB_TOKEN/],
    ["another server", new FakeStatus(404), /^got 404 .* for GET \/user at .*fix: let GITLAB_BASE_URL/],
  ])("GIVEN %s THEN it is said at once, as there is nothing to see", async (_, user, message) => {
    expect(await required(user)).toMatch(message);
  });

  test.each<[string, unknown]>([
    ["a user", { id: 1 }],
    ["a token that may not ask who it is", new FakeStatus(403)],
  ])("GIVEN %s THEN the look goes on", async (_, user) => {
    expect(await required(user)).toBeUndefined();
  });
});

describe("an answer of another form than GitLab's", () => {
  const rule = { name: "main", push_access_levels: [], merge_access_levels: [], allow_force_push: false };
  const token = { id: 1, name: "ci", user_id: 2, scopes: [], active: true, revoked: false, expires_at: null };
  const namespace = { kind: "group", full_path: "a" };
  const project = { id: 1, path_with_namespace: "a/b", default_branch: null, namespace };
  const variable = {
    key: "K",
    value: null,
    protected: true,
    masked: true,
    variable_type: "file",
    environment_scope: "*",
  };

  const look = async (answers: Record<string, unknown>) => {
    gitlab = await FakeGitLab.start(answers);
    return new Reader(new ApiClient({ baseUrl: gitlab.url, token: "glpat-SecretSecretSecret" }));
  };

  test.each<[string, string, (reader: Reader) => Promise<{ seen: boolean }>, unknown]>([
    ["name", "protected_branches", (reader) => reader.rules("a/b"), [rule, { ...rule, name: 7 }]],
    [
      "push_access_levels",
      "protected_branches",
      (reader) => reader.rules("a/b"),
      [{ ...rule, push_access_levels: null }],
    ],
    [
      "merge_access_levels",
      "protected_branches",
      (reader) => reader.rules("a/b"),
      [{ ...rule, merge_access_levels: [null] }],
    ],
    [
      "push_access_levels",
      "protected_branches",
      (reader) => reader.rules("a/b"),
      [{ ...rule, push_access_levels: [{ user_id: "7" }] }],
    ],
    [
      "allow_force_push",
      "protected_branches",
      (reader) => reader.rules("a/b"),
      [{ ...rule, allow_force_push: "false" }],
    ],
    ["create_access_levels", "protected_tags", (reader) => reader.tagRules("a/b"), [{ name: "v*" }]],
    ["scopes", "access_tokens", (reader) => reader.tokens("a/b"), [{ ...token, scopes: "api" }]],
    ["id", "access_tokens", (reader) => reader.tokens("a/b"), [{ ...token, id: 1e300 }]],
    ["description", "access_tokens", (reader) => reader.tokens("a/b"), [{ ...token, description: [] }]],
    ["value", "variables", (reader) => reader.variables("projects", "a/b"), [{ ...variable, value: {} }]],
    ["namespace", "", (reader) => reader.project("a/b"), { ...project, namespace: null }],
    ["default_branch", "", (reader) => reader.project("a/b"), { ...project, default_branch: {} }],
    ["errors", "ci/lint", (reader) => reader.lint("a/b", "main"), { valid: true, errors: null, merged_yaml: null }],
  ])(
    "GIVEN another %s in %s THEN it is not seen, which is said, and nothing is made of it",
    async (field, path, ask, answer) => {
      const reader = await look({ [`/projects/a%2Fb${path && "/"}${path}`]: answer });
      const reason = `200 an answer with another ${field} than GitLab's have`;
      expect(await ask(reader)).toMatchObject({ seen: false, reason });
      expect(reader.notSeen).toMatchObject([{ reason }]);
    },
  );

  test("GIVEN null where GitLab has a value or nothing THEN it is as if it were left out, in lists within lists too", async () => {
    const entry = { access_level: 40, access_level_description: null };
    const odd = { ...rule, push_access_levels: [entry], unprotect_access_levels: null, inherited: null };
    const reader = await look({
      "/projects/a%2Fb/protected_branches": [odd],
      "/projects/a%2Fb/runners": [{ id: 3, description: null, paused: false, status: "online", tag_list: null }],
      "/runners/3": { id: 3, description: null, paused: false, status: "online", tag_list: null, run_untagged: null },
    });

    const rules = ifSeen(await reader.rules("a/b"))!;
    expect(rules).toEqual([{ ...rule, push_access_levels: [{ access_level: 40 }] }]);
    expect(unprotecters(rules[0]!)).toEqual([{ access_level: 40 }]);
    const runners = ifSeen(await reader.runners("a/b"))!;
    expect(runners).toEqual([{ id: 3, description: null, paused: false, status: "online" }]);
    expect(runnerVerdict(runners, { tags: ["docker"], refProtected: true })).toBe("unknown");
  });

  test("GIVEN fields that older and newer releases leave out or add THEN it is seen", async () => {
    const reader = await look({
      "/projects/a%2Fb/protected_branches": [{ ...rule, new_in_20: {} }],
      "/projects/a%2Fb/access_tokens": [token],
      "/projects/a%2Fb/variables": [variable],
      "/projects/a%2Fb": project,
    });
    const seen = [
      reader.rules("a/b"),
      reader.tokens("a/b"),
      reader.variables("projects", "a/b"),
      reader.project("a/b"),
    ];
    expect((await Promise.all(seen)).map((each) => each.seen)).toEqual([true, true, true, true]);
  });
});
