import { randomBytes } from "node:crypto";
import { createGroup } from "../../../sandbox/model/groups/groups";
import { AccessLevel } from "../../../sandbox/model/members/access-level";
import type { Project } from "../../../sandbox/model/projects/project";
import { repositoryOf } from "../../../sandbox/model/projects/projects";
import { createPersonalToken } from "../../../sandbox/model/tokens/personal-access-tokens";
import { createResourceToken, rotateToken } from "../../../sandbox/model/tokens/resource-access-tokens";
import { createUser } from "../../../sandbox/model/users/users";
import { GitClient } from "../../support/git-client";
import { GitServer } from "../../support/git-server";

const { Developer, Maintainer } = AccessLevel;

let server: GitServer;
let client: GitClient;

beforeAll(async () => {
  server = await GitServer.start();
  client = new GitClient();
});

afterAll(async () => {
  await server.stop();
  await client.remove();
});

function tip(project: Project, branch: string): Promise<string | undefined> {
  return repositoryOf(server.store, project).resolve(`refs/heads/${branch}`);
}

function rulesOf(project: Project) {
  return server.store
    .branchRulesOf(`project:${project.id}`)
    .map(({ name, push, merge }) => ({ name, push: push[0]?.accessLevel, merge: merge[0]?.accessLevel }));
}

describe("GIVEN a token with write_repository", () => {
  test.each(["gitlab-ci-token", "oauth2", "anything-at-all", "project_1_bot_ab"])(
    "WHEN %s clones, fetches and pushes with it THEN it works",
    async (username) => {
      const project = await server.project();
      server.protect(project, "main", { push: Developer });
      const url = server.remote(project, server.bot(project).value, username);
      const copy = await client.clone(url);
      const id = await copy.commit("change");

      const pushed = await copy.run("push", url, "HEAD:main");

      expect(pushed.code).toBe(0);
      expect(await tip(project, "main")).toBe(id);
      expect((await copy.run("fetch", "origin")).code).toBe(0);
    },
  );

  test("WHEN a job pushes its detached HEAD as HEAD:$CI_COMMIT_REF_NAME THEN the branch moves", async () => {
    const project = await server.project();
    server.protect(project, "main", { push: Developer });
    const copy = await client.clone(server.remote(project, server.personalToken(server.root, "read_repository")));
    await copy.must("checkout", "--quiet", "--detach");
    const id = await copy.commit("change");
    await copy.must("remote", "set-url", "origin", server.remote(project, server.bot(project).value));

    await copy.must("push", "origin", "HEAD:main");

    expect(await tip(project, "main")).toBe(id);
  });

  test("WHEN it is used THEN its last use is noted, and after a rotation only the new value works", async () => {
    const project = await server.project();
    const { token, value } = server.bot(project);
    expect((await client.run(["ls-remote", server.remote(project, value)])).code).toBe(0);
    expect(token.lastUsedAt).toBe(server.store.clock.timestamp());

    const rotated = rotateToken(server.store, token);

    expect((await client.run(["ls-remote", server.remote(project, value)])).code).toBe(128);
    expect((await client.run(["ls-remote", server.remote(project, rotated.value)])).code).toBe(0);
  });

  test("WHEN the clone is shallow and the remote has the history THEN the push works", async () => {
    const project = await server.project();
    await server.seed(project, "main", { "second.txt": "second\n" });
    const copy = await client.clone(server.remote(project, server.bot(project).value), "--depth=1");
    const id = await copy.commit("change");
    await copy.must("push", "origin", "HEAD:refs/heads/feature");
    expect(await tip(project, "feature")).toBe(id);
  });

  test("WHEN the URL lacks .git THEN Git follows the redirect", async () => {
    const project = await server.project();
    const url = server.remote(project, server.bot(project).value).replace(/\.git$/, "");
    const copy = await client.clone(url);
    await copy.commit("change");
    expect((await copy.run("push", url, "HEAD:refs/heads/feature")).code).toBe(0);
  });
});

describe("GIVEN other ways to authenticate", () => {
  test("WHEN a person uses a personal access token with api THEN the push works", async () => {
    const project = await server.project();
    const token = server.personalToken(server.member(project, Maintainer), "api");
    const copy = await client.clone(server.remote(project, token, "me"));
    await copy.commit("change");
    expect((await copy.run("push", "origin", "HEAD:main")).code).toBe(0);
  });

  test("WHEN a group access token is used THEN it reaches the group's projects", async () => {
    const project = await server.project();
    const group = server.store.findGroup("xlink")!;
    const options = { name: "group bot", scopes: ["write_repository"], accessLevel: Developer };
    const { value } = createResourceToken(server.store, server.root, { source: "group", group }, options);
    const copy = await client.clone(server.remote(project, value));
    await copy.commit("change");
    expect((await copy.run("push", "origin", "HEAD:refs/heads/feature")).code).toBe(0);
  });

  test("WHEN CI_JOB_TOKEN pushes to its own project that allows it THEN it acts for the job's user", async () => {
    const project = await server.project({ files: { ".gitlab-ci.yml": "build: { script: [make] }\n" } });
    project.jobTokenPushAllowed = true;
    const { token } = server.job(project, server.member(project, Maintainer));
    const before = server.store.pipelinesOf(project.id).length;
    const copy = await client.clone(server.remote(project, token));
    const id = await copy.commit("change");

    const run = await copy.run("push", "origin", "HEAD:main");

    expect(run.code).toBe(0);
    expect(await tip(project, "main")).toBe(id);
    // No pipeline: else jobs would start one another for ever.
    expect(server.store.pipelinesOf(project.id)).toHaveLength(before);
  });

  test.each([
    ["its own project", async (project: Project) => project],
    [
      "a project that allowlists its own",
      async (project: Project) => {
        const target = await server.project();
        target.jobTokenAllowedProjects.add(project.id);
        return target;
      },
    ],
    ["a public project", async () => server.project({ visibility: "public" })],
  ])("WHEN CI_JOB_TOKEN clones %s THEN it may", async (_case, targetOf) => {
    const source = await server.project();
    const target = await targetOf(source);
    const { token } = server.job(source, server.member(target, AccessLevel.Reporter));
    expect((await client.run(["ls-remote", server.remote(target, token)])).code).toBe(0);
  });

  test("WHEN nobody in particular clones a public project THEN it works", async () => {
    const project = await server.project({ visibility: "public" });
    const copy = await client.clone(server.remote(project));
    expect(await copy.must("log", "--format=%s")).toBe("Seed main");
  });

  test("WHEN Git over HTTP is switched off THEN jobs may still clone", async () => {
    const project = await server.project();
    const { token } = server.job(project, server.member(project, Developer));
    server.store.settings.git_http_enabled = false;
    const run = await client.run(["ls-remote", server.remote(project, token)]);
    server.store.settings.git_http_enabled = true;
    expect(run.code).toBe(0);
  });
});

describe("GIVEN an empty repository", () => {
  test("WHEN it is cloned THEN Git says that it is empty", async () => {
    const project = await server.project({ files: null });
    const run = await client.run(["clone", server.remote(project, server.bot(project).value), "empty"]);
    expect(run.lines).toContain("warning: You appear to have cloned an empty repository.");
  });

  test("WHEN a Maintainer makes the first push THEN the branch becomes the default one and is protected", async () => {
    const project = await server.project({ files: null });
    const copy = await client.init(server.remote(project, server.bot(project, { accessLevel: Maintainer }).value));

    const run = await copy.run("push", "origin", "main");

    expect(run.code).toBe(0);
    expect(run.stderr).not.toContain("merge request");
    expect(project.defaultBranch).toBe("main");
    expect(rulesOf(project)).toEqual([{ name: "main", push: Maintainer, merge: Maintainer }]);
  });

  test("WHEN several branches come at once THEN the initial branch is the default one", async () => {
    const project = await server.project({ files: null });
    const copy = await client.init(server.remote(project, server.bot(project, { accessLevel: Maintainer }).value));
    await copy.must("push", "origin", "HEAD:refs/heads/a", "HEAD:refs/heads/main");
    expect(project.defaultBranch).toBe("main");
  });

  test("WHEN the first branch has another name THEN clones check it out", async () => {
    const project = await server.project({ files: null });
    const url = server.remote(project, server.bot(project, { accessLevel: Maintainer }).value);
    await (await client.init(url)).must("push", "origin", "HEAD:refs/heads/trunk");
    expect(project.defaultBranch).toBe("trunk");
    expect(await (await client.clone(url)).must("branch", "--show-current")).toBe("trunk");
  });

  test("WHEN a rule matches already THEN no second one is made", async () => {
    const project = await server.project({ files: null });
    server.protect(project, "m*", { push: Developer });
    const copy = await client.init(server.remote(project, server.bot(project).value));
    expect((await copy.run("push", "origin", "main")).code).toBe(0);
    expect(rulesOf(project)).toEqual([{ name: "m*", push: Developer, merge: Maintainer }]);
  });

  test("WHEN the instance lets Developers make the first push THEN one may", async () => {
    const project = await server.project({ files: null });
    const defaults = server.store.settings.default_branch_protection_defaults;
    defaults.developer_can_initial_push = true;
    const run = await (await client.init(server.remote(project, server.bot(project).value))).run(
      "push",
      "origin",
      "main",
    );
    defaults.developer_can_initial_push = false;
    expect(run.code).toBe(0);
  });
});

describe("GIVEN a rule that allows force pushes", () => {
  test("WHEN history is rewritten by who may push THEN the branch moves", async () => {
    const project = await server.project();
    server.protect(project, "ma*", { push: Developer, allowForcePush: true });
    const copy = await client.clone(server.remote(project, server.bot(project).value));
    await copy.must("commit", "--quiet", "--amend", "-m", "rewritten");
    expect((await copy.run("push", "--force", "origin", "HEAD:main")).code).toBe(0);
    expect(await tip(project, "main")).toBe(await copy.must("rev-parse", "HEAD"));
  });

  test("WHEN history is rewritten on an unprotected branch THEN no rule is asked", async () => {
    const project = await server.project();
    await server.seed(project, "feature", {});
    const copy = await client.clone(server.remote(project, server.bot(project).value));
    await copy.must("commit", "--quiet", "--amend", "-m", "rewritten");
    expect((await copy.run("push", "--force", "origin", "HEAD:feature")).code).toBe(0);
    expect((await copy.run("push", "origin", ":feature")).code).toBe(0);
    expect(await tip(project, "feature")).toBeUndefined();
  });
});

describe("GIVEN a project with a CI configuration", () => {
  test.each([
    ["nothing said", "change", [], "created"],
    ["[skip ci] in the message", "change [skip ci]", [], "skipped"],
    ["[CI SKIP] in the message", "change [CI SKIP]", [], "skipped"],
    ["-o ci.skip", "change", ["-o", "ci.skip"], "skipped"],
  ])("WHEN a bot pushes with %s THEN the pipeline is as it should be", async (_case, message, args, status) => {
    const project = await server.project({ files: { ".gitlab-ci.yml": "build: { script: [make] }\n" } });
    const { token, value } = server.bot(project);
    const copy = await client.clone(server.remote(project, value));
    const sha = await copy.commit(message);

    await copy.must("push", ...args, "origin", "HEAD:refs/heads/feature");

    expect(server.store.pipelinesOf(project.id)).toEqual([
      expect.objectContaining({ ref: "feature", tag: false, sha, source: "push", status, userId: token.userId }),
    ]);
  });

  test("WHEN a branch is pushed twice THEN pipeline and repository know where it stood before", async () => {
    const project = await server.project({ files: { ".gitlab-ci.yml": "build: { script: [make] }\n" } });
    const copy = await client.clone(server.remote(project, server.bot(project, { accessLevel: Maintainer }).value));
    const first = await tip(project, "main");
    const second = await copy.commit("second");
    await copy.must("push", "origin", "HEAD:main", "HEAD:refs/heads/new");
    const third = await copy.commit("third");
    await copy.must("push", "origin", "HEAD:main");
    expect(server.store.pipelinesOf(project.id).map(({ ref, beforeSha, sha }) => [ref, beforeSha, sha])).toEqual([
      ["main", first, second],
      ["new", "0".repeat(40), second],
      ["main", second, third],
    ]);
    const repository = repositoryOf(server.store, project);
    expect(await repository.previousTip("main")).toBe(second);
    expect(await repository.previousTip("new")).toBeUndefined();
  });

  test("WHEN there is no configuration in the commit THEN no pipeline is made", async () => {
    const project = await server.project();
    const copy = await client.clone(server.remote(project, server.bot(project).value));
    await copy.commit("change");
    await copy.must("push", "origin", "HEAD:refs/heads/feature");
    expect(server.store.pipelinesOf(project.id)).toEqual([]);
  });

  test("WHEN an annotated tag is pushed THEN its commit gets a pipeline", async () => {
    const project = await server.project({ files: { ".gitlab-ci.yml": "build: { script: [make] }\n" } });
    const copy = await client.clone(server.remote(project, server.bot(project).value));
    await copy.must("tag", "-a", "v1", "-m", "version 1");
    await copy.must("push", "origin", "v1");
    const sha = await copy.must("rev-parse", "HEAD");
    expect(server.store.pipelinesOf(project.id)).toEqual([expect.objectContaining({ ref: "v1", tag: true, sha })]);
  });
});

describe("GIVEN merge request options", () => {
  async function pushWith(...options: string[]) {
    const project = await server.project();
    const { token, value } = server.bot(project);
    const copy = await client.clone(server.remote(project, value));
    await copy.commit("Bump the image");
    const args = options.flatMap((option) => ["-o", option]);
    const run = await copy.run("push", ...args, "origin", "HEAD:refs/heads/bump/image");
    return { project, token, copy, run, mergeRequests: server.store.mergeRequestsOf(project.id) };
  }

  test("WHEN merge_request.create is given THEN one is made and shown", async () => {
    const { project, token, run, mergeRequests } = await pushWith("merge_request.create");
    expect(mergeRequests).toEqual([
      expect.objectContaining({
        iid: 1,
        title: "Bump the image",
        sourceBranch: "bump/image",
        targetBranch: "main",
        state: "opened",
        authorId: token.userId,
        assigneeIds: [token.userId],
      }),
    ]);
    const url = `${server.store.url}/${server.store.projectFullPath(project)}/-/merge_requests/1`;
    expect(run.lines.slice(0, 4)).toEqual([
      "remote:",
      "remote: View merge request for bump/image:",
      `remote:   ${url}`,
      "remote:",
    ]);
  });

  test("WHEN title, target, draft and label are given THEN they are used, and changed by the next push", async () => {
    const { project, copy, mergeRequests } = await pushWith(
      "mr.create",
      "mr.target=main",
      "mr.title=A title = mine",
      "mr.description=one\\ntwo",
      "mr.draft",
      "mr.label=ops",
    );
    expect(mergeRequests[0]).toMatchObject({
      title: "Draft: A title = mine",
      description: "one\ntwo",
      draft: true,
      labels: ["ops"],
    });
    await copy.commit("again");
    await copy.must("push", "-o", "mr.title=Another", "-o", "mr.unlabel=ops", "origin", "HEAD:bump/image");
    expect(server.store.mergeRequestsOf(project.id)).toEqual([
      expect.objectContaining({ iid: 1, title: "Another", labels: [] }),
    ]);
  });

  test("WHEN the target does not exist THEN the push is taken and a warning is printed", async () => {
    const { run, mergeRequests } = await pushWith("merge_request.create", "merge_request.target=nowhere");
    expect(run.code).toBe(0);
    expect(mergeRequests).toEqual([]);
    expect(run.lines).toContain(`remote: ${"=".repeat(72)}`);
    expect(run.lines.join(" ").replace(/\s*remote:\s*/g, " ")).toMatch(
      /WARNINGS: Error encountered with push options 'merge_request\.create' 'merge_request\.target=nowhere': Target branch xlink\/app-\d+:nowhere does not exist/,
    );
  });

  test("WHEN only a title is given THEN create is asked for", async () => {
    const { run, mergeRequests } = await pushWith("merge_request.title=Mine");
    expect(mergeRequests).toEqual([]);
    expect(run.lines.join(" ").replace(/\s*remote:\s*/g, " ")).toContain(
      "A merge_request.create push option is required to create a merge request for branch bump/image",
    );
  });

  test("WHEN none is given THEN the client is shown where to make one", async () => {
    const { project, run, mergeRequests } = await pushWith();
    expect(mergeRequests).toEqual([]);
    const url = `${server.store.url}/${server.store.projectFullPath(project)}/-/merge_requests/new`;
    expect(run.lines.slice(0, 4)).toEqual([
      "remote:",
      "remote: To create a merge request for bump/image, visit:",
      `remote:   ${url}?merge_request%5Bsource_branch%5D=bump%2Fimage`,
      "remote:",
    ]);
  });
});

describe("GIVEN a path without a project", () => {
  test("WHEN who may create projects there pushes THEN a private project is made", async () => {
    const { value } = createPersonalToken(server.store, server.root, { name: "root", scopes: ["write_repository"] });
    const url = server.remote("xlink/brand-new", value);
    const run = await (await client.init(url)).run("push", "origin", "main");
    expect(run.code).toBe(0);
    expect(run.lines).toContain("remote: The private project xlink/brand-new was successfully created.");
    expect(server.store.projectByPath("xlink/brand-new")).toMatchObject({
      visibility: "private",
      defaultBranch: "main",
    });
  });

  test.each([
    ["a Maintainer of the group", Maintainer, "developer", true],
    ["a Reporter of the group", AccessLevel.Reporter, "developer", false],
    ["a Developer where only Maintainers may", Developer, "maintainer", false],
    ["an Owner where nobody may", AccessLevel.Owner, "noone", false],
  ])("WHEN %s pushes THEN the group's project_creation_level decides", async (who, level, setting, created) => {
    const user = createUser(server.store, { username: who.replaceAll(" ", "-") });
    const group = createGroup(server.store, server.root, { path: `team-${user.id}` });
    group.attributes.project_creation_level = setting;
    server.store.memberships.set({
      userId: user.id,
      source: "group",
      sourceId: group.id,
      accessLevel: level,
      expiresAt: null,
      createdAt: group.createdAt,
      createdById: null,
    });
    const url = server.remote(`${group.path}/new`, server.personalToken(user, "write_repository"));

    const run = await (await client.init(url)).run("push", "origin", "HEAD:refs/heads/main");

    expect(server.store.projectByPath(`${group.path}/new`) !== undefined).toBe(created);
    expect(run.code).toBe(created ? 0 : 128);
  });

  test.each([
    ["the user's own", "pusher", true],
    ["somebody else's", "root", false],
  ])("WHEN the namespace is %s THEN that decides", async (_case, namespace, created) => {
    const user = server.store.userByUsername("pusher") ?? createUser(server.store, { username: "pusher" });
    const url = server.remote(`${namespace}/new`, server.personalToken(user, "write_repository"));
    expect((await (await client.init(url)).run("push", "origin", "main")).code).toBe(created ? 0 : 128);
    expect(server.store.projectByPath(`${namespace}/new`) !== undefined).toBe(created);
  });

  test("WHEN the name is not allowed THEN 422 says so", async () => {
    const url = server.remote("xlink/-bad", server.personalToken(server.root, "write_repository"));
    const run = await (await client.init(url)).run("push", "origin", "main");
    expect(run.stderr).toMatch(/remote: Could not create project: .*can contain only letters/);
    expect(run.stderr).toContain("The requested URL returned error: 422");
  });

  test("WHEN the instance is read-only THEN none is made", async () => {
    server.store.settings.maintenance_mode = true;
    const url = server.remote("xlink/not-now", server.personalToken(server.root, "write_repository"));
    const run = await (await client.init(url)).run("push", "origin", "main");
    server.store.settings.maintenance_mode = false;
    expect(run.lines).toContain("remote: You can't push code to a read-only GitLab instance.");
    expect(server.store.projectByPath("xlink/not-now")).toBeUndefined();
  });
});

describe("GIVEN much to do", () => {
  test("WHEN a pack of 20 MB is pushed and cloned THEN every byte arrives", async () => {
    const project = await server.project();
    const { value } = server.bot(project);
    const copy = await client.clone(server.remote(project, value));
    const content = randomBytes(20 * 1024 * 1024);
    const id = await copy.commit("large", content, "large.bin");

    await copy.must("push", "origin", "HEAD:refs/heads/large");

    const file = await repositoryOf(server.store, project).file(id, "large.bin");
    expect(file?.content.equals(content)).toBe(true);
    const again = await client.clone(server.remote(project, value), "--branch=large");
    expect(await again.must("rev-parse", "HEAD")).toBe(id);
    expect(await again.must("status", "--porcelain")).toBe("");
  });

  test("WHEN eight clones push at once to branches of their own THEN all arrive", async () => {
    const project = await server.project();
    const url = server.remote(project, server.bot(project).value);
    const copies = await Promise.all(Array.from({ length: 8 }, () => client.clone(url)));
    const ids = await Promise.all(copies.map((copy, position) => copy.commit(`change ${position}`)));
    const runs = await Promise.all(
      copies.map((copy, position) => copy.run("push", "origin", `HEAD:refs/heads/branch-${position}`)),
    );
    expect(runs.map(({ code }) => code)).toEqual(Array(8).fill(0));
    expect(await Promise.all(ids.map((_id, position) => tip(project, `branch-${position}`)))).toEqual(ids);
  });

  test("WHEN four clones push at once to one branch THEN one wins and the others are told", async () => {
    const project = await server.project();
    server.protect(project, "main", { push: Developer });
    const url = server.remote(project, server.bot(project).value);
    const copies = await Promise.all(Array.from({ length: 4 }, () => client.clone(url)));
    await Promise.all(copies.map((copy, position) => copy.commit(`change ${position}`)));
    const runs = await Promise.all(copies.map((copy) => copy.run("push", "origin", "HEAD:main")));
    expect(runs.map(({ code }) => code).sort()).toEqual([0, 1, 1, 1]);
    for (const { code, stderr } of runs) if (code !== 0) expect(stderr).toMatch(/rejected/);
  });

  test("WHEN one push brings 300 branches THEN all are checked and taken", async () => {
    const project = await server.project();
    const copy = await client.clone(server.remote(project, server.bot(project).value));
    const names = Array.from({ length: 300 }, (_none, position) => `refs/heads/many/${position}`);
    await copy.must("push", "--quiet", "origin", ...names.map((name) => `HEAD:${name}`));
    expect(await repositoryOf(server.store, project).branches()).toHaveLength(301);
  });
});
