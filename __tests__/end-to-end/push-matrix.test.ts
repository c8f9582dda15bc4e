import { Deployment, inventory } from "../support/deployment";
import type { GitRun } from "../support/git-client";

const KEY = "GITLAB_PUSHER_TOKEN";
const REFUSED = "GitLab: You are not allowed to push code to protected branches on this project.";
const NO_FORCE = "GitLab: You are not allowed to force push code to a protected branch on this project.";
const NO_CREATE = "GitLab: You are not allowed to create protected branches on this project.";
const NO_BASIS = "GitLab: You can only use an existing protected branch ref as the basis of a new protected branch.";

/** Who pushes: the job with the variable, the job with its job token, or a person. */
type Who = "variable" | "job token" | "ann, a developer" | "mia, a maintainer";

/** Who, to which branch, with which options of git, and what comes of it: accepted, or a text of the refusal. */
type Row = readonly [who: Who, branch: string, outcome: string, ...options: string[]];

describe.each<[string, string, readonly Row[]]>([
  [
    "on the free edition",
    inventory({
      branches: "{main: {push: developer}, release/*: {push: developer, force_push: true}, production: {push: no one}}",
    }),
    [
      ["variable", "main", "accepted"],
      ["variable", "release/1.0", "accepted"],
      ["variable", "release/2.0", "accepted"],
      ["variable", "feature", "accepted"],
      ["variable", "production", NO_CREATE],
      ["variable", "main", NO_FORCE, "--force"],
      ["variable", "release/1.0", "accepted", "--force"],
      ["job token", "main", "You are not allowed to push code to this project"],
      ["ann, a developer", "main", "accepted"],
      ["mia, a maintainer", "production", NO_BASIS],
      ["mia, a maintainer", "main", "accepted"],
    ],
  ],
  [
    "for a maintainer bot",
    inventory({ token: "{expires: 2100-06-01, role: maintainer}", branches: "{main: {push: maintainer}}" }),
    [
      ["variable", "main", "accepted"],
      ["variable", "feature", "accepted"],
      ["ann, a developer", "main", REFUSED],
      ["mia, a maintainer", "main", "accepted"],
    ],
  ],
  [
    "on premium, for the bot alone",
    inventory({
      edition: "premium",
      token: "{expires: [2100-06-01, 2100-09-01]}",
      branches: "{main: {push: bot}, release/*: {push: bot}}",
    }),
    [
      ["variable", "main", "accepted"],
      ["variable", "release/1.0", "accepted"],
      ["variable", "release/3.0", "accepted"],
      ["variable", "main", NO_FORCE, "--force"],
      ["job token", "main", "You are not allowed to push code to this project"],
      ["ann, a developer", "main", REFUSED],
      ["ann, a developer", "release/3.0", REFUSED],
      ["ann, a developer", "release/4.0", NO_CREATE],
      ["mia, a maintainer", "main", REFUSED],
    ],
  ],
])("pushes %s", (_, pusher, rows) => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await Deployment.start({ edition: pusher.startsWith("edition: premium") ? "premium" : "free" });
    await deployment.deploy(pusher);
  });
  afterAll(() => deployment.stop());

  async function tokenOf(who: Who): Promise<string> {
    const job = await deployment.job("xlink/gitops");
    if (who === "variable") return job.variables[KEY]!;
    if (who === "job token") return job.token;
    const username = who.slice(0, 3);
    const users = await deployment.api.get(`/users?username=${username}`);
    const { body } = await deployment.api.post(`/users/${users.body[0].id}/personal_access_tokens`, {
      name: "push",
      scopes: ["write_repository"],
    });
    return body.token;
  }

  /** A force push rewrites the branch's last commit. */
  async function push(who: Who, branch: string, options: readonly string[]): Promise<GitRun> {
    const token = await tokenOf(who);
    if (!options.includes("--force")) return deployment.push(token, branch, ...options);
    const copy = await deployment.clone(token, branch);
    await copy.must("commit", "--quiet", "--amend", "--allow-empty", "-m", `rewritten ${Math.random()}`);
    return copy.run("push", "--force", "origin", `HEAD:${branch}`);
  }

  test.each(rows as [Who, string, string, ...string[]][])("%s to %s: %s", async (who, branch, outcome, ...options) => {
    const { code, stderr } = await push(who, branch, options);
    if (outcome === "accepted") expect({ code, stderr }).toMatchObject({ code: 0 });
    else {
      expect(stderr).toContain(outcome);
      expect(code).not.toBe(0);
    }
  });
});

describe("the mechanics of a push that are mistaken for credentials (trap 15)", () => {
  let deployment: Deployment;
  let token: string;
  beforeAll(async () => {
    deployment = await Deployment.start();
    await deployment.deploy(inventory());
    token = (await deployment.job("xlink/gitops")).variables[KEY]!;
  });
  afterAll(() => deployment.stop());

  test("a runner's detached checkout has no branch to push; HEAD:<branch> goes through", async () => {
    const copy = await deployment.clone(token);
    await copy.must("checkout", "--quiet", "--detach");
    await copy.must("branch", "--quiet", "-D", "main");
    await copy.commit("detached");
    expect((await copy.run("push", "origin", "main")).stderr).toContain("src refspec main does not match any");
    expect((await copy.run("push", "origin", "HEAD:main")).code).toBe(0);
  });

  test("the slower of two jobs is told to fetch first; after a rebase it goes through", async () => {
    const [fast, slow] = [await deployment.clone(token), await deployment.clone(token)];
    await fast.commit("fast", "1", "fast.txt");
    await slow.commit("slow", "1", "slow.txt");
    await fast.must("push", "origin", "HEAD:main");
    expect((await slow.run("push", "origin", "HEAD:main")).stderr).toContain("(fetch first)");
    await slow.must("pull", "--quiet", "--rebase", "origin", "main");
    expect((await slow.run("push", "origin", "HEAD:main")).code).toBe(0);
  });

  test("a shallow clone can push on top of what it has", async () => {
    const copy = await deployment.git.clone(deployment.url(token), "--depth", "1", "--branch", "main");
    await copy.commit("shallow");
    expect((await copy.run("push", "origin", "HEAD:main")).code).toBe(0);
  });

  test("a push that asks for no pipeline starts none (trap 11: pipelines that loop)", async () => {
    const pipelines = async () =>
      (await deployment.api.get("/projects/xlink%2Fgitops/pipelines?ref=main")).body as { status: string }[];
    const before = (await pipelines()).length;
    expect((await deployment.push(token, "main", "-o", "ci.skip")).code).toBe(0);
    const after = await pipelines();
    expect(after.slice(0, after.length - before).map(({ status }) => status)).toEqual(["skipped"]);
  });
});
