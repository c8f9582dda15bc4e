import { Reader } from "../../estate/reader";
import { ApiClient } from "../../gitlab/api-client";
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
