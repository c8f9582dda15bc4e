import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { devNull, tmpdir } from "node:os";
import * as path from "node:path";
import { Sandbox } from "../../sandbox/sandbox";
import { ApiClient } from "../support/api-client";
import { GitClient, type WorkingCopy } from "../support/git-client";
import { OpsFolder } from "../support/ops-folder";
import { type PusherRun, pusher } from "../support/pusher-run";

const NOW = new Date("2030-01-10T12:00:00Z");
const DUE = "pushers:\n  x: {target: a/b, token: {expires: [2030-06-04, 2030-02-05]}} # note\n";
const BUMPED = DUE.replace("2030-02-05", "2030-07-09");

const settings = { ...process.env };
beforeAll(() => Object.assign(process.env, { GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: "1" }));
afterAll(() => {
  process.env = settings;
});

describe("--commit", () => {
  test("GIVEN files as in the last commit THEN the new one holds the rotation alone, and says what rotates and when", async () => {
    const folder = new OpsFolder({ ops: DUE, other: "pushers: {}\n" }).commit();
    writeFileSync(path.join(folder.root, "notes.txt"), "mine");
    folder.write({ other: "pushers: {} # mine\n" });
    folder.git(["add", "notes.txt", "pushers/other.yaml"]);
    const { code, stdout } = await folder.rotate("--due", "--commit");
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nCommitted as [0-9a-f]{12}; the tokens rotate with `cdktf deploy ops`\.\n$/);
    expect(folder.git(["show", "--format=%B", "--name-only"])).toBe(`Rotate the push token of ops/x

- ops/x: slot 2 from 2030-02-05 to 2030-07-09, 180 days from now

The tokens rotate with the next deploy of ops. Jobs that run during the deploy keep a living token.


pushers/ops.yaml`);
    expect(folder.git(["show", "HEAD:pushers/ops.yaml"])).toBe(BUMPED.trim());
    // What was staged still is.
    expect(folder.git(["diff", "--cached", "--name-only"])).toBe("notes.txt\npushers/other.yaml");
  });

  test("GIVEN a cut THEN the message says it", async () => {
    const folder = new OpsFolder({ ops: DUE }).commit();
    const { result } = await folder.rotateJson("x", "--slot", "both", "--force", "--commit");
    const message = folder.git(["show", "--format=%B", "--no-patch", result.commit]);
    expect(message).toContain("2030-07-09, 180 days from now; cuts running jobs");
    expect(message).toContain("Jobs that run during the deploy lose their token where it says so.");
  });

  test.each([
    ["changed", (folder: OpsFolder) => folder.write({ ops: `${DUE}# mine\n` })],
    [
      "staged",
      (folder: OpsFolder) => {
        folder.write({ ops: `${DUE}# mine\n` }).git(["add", "pushers"]);
      },
    ],
  ])("GIVEN a file that is %s THEN it is refused, and nothing changes", async (_, change) => {
    for (const how of ["--commit", "--merge-request"]) {
      const folder = new OpsFolder({ ops: DUE }).commit();
      change(folder);
      const [before, status] = [folder.files, folder.git(["status", "--porcelain"])];
      const { code, stderr } = await folder.rotate("--due", how);
      expect(code).toBe(2);
      expect(stderr).toContain(
        "got uncommitted changes in pushers/ops.yaml; nothing was changed; allowed: files as in the last commit",
      );
      expect(folder.files).toEqual(before);
      expect(folder.git(["status", "--porcelain"])).toBe(status);
    }
  });

  test("GIVEN a hook that refuses THEN the files are as they were, and git's words are told without credentials", async () => {
    const folder = new OpsFolder({ ops: DUE }).commit();
    mkdirSync(path.join(folder.root, ".git/hooks"), { recursive: true });
    writeFileSync(
      path.join(folder.root, ".git/hooks/pre-commit"),
      "#!/bin/sh\necho no commits: https://me:hunter22@example.com glpat-0123456789abcdef >&2\nexit 1\n",
      { mode: 0o755 },
    );
    const { code, stderr } = await folder.rotate("--due", "--commit");
    expect(code).toBe(2);
    expect(stderr).toContain(
      "git commit failed, nothing was changed:\nno commits: https://[redacted]@example.com [a token]",
    );
    expect(stderr).not.toMatch(/hunter22|glpat/);
    expect(folder.files.ops).toBe(DUE);
    expect(folder.git(["status", "--porcelain"])).toBe("");
  });

  test("GIVEN no repository THEN it is refused", async () => {
    const folder = new OpsFolder({ ops: DUE });
    const { code, stderr } = await folder.rotate("x", "--force", "--commit");
    expect(code).toBe(2);
    expect(stderr).toMatch(/which is in no Git repository; allowed: an inventory in a working tree/);
    expect(folder.files.ops).toBe(DUE);
  });

  test("GIVEN nothing to do THEN there is no commit", async () => {
    const folder = new OpsFolder({ ops: BUMPED }).commit();
    const head = folder.git(["rev-parse", "HEAD"]);
    expect((await folder.rotateJson("--due", "--commit")).result).toMatchObject({ changed: false, commit: null });
    expect(folder.git(["rev-parse", "HEAD"])).toBe(head);
  });
});

describe("--merge-request", () => {
  let sandbox: Sandbox;
  let api: ApiClient;
  let git: GitClient;
  let copy: WorkingCopy;
  let token: string;

  beforeEach(async () => {
    let now = new Date("2029-06-01T08:00:00Z");
    sandbox = await Sandbox.start({
      provider: "registry",
      now: () => now,
      seed: { projects: [{ path: "xlink/ops", visibility: "private", files: { "pushers/ops.yaml": DUE } }] },
    });
    now = NOW;
    api = ApiClient.admin(sandbox);
    git = new GitClient();
    // What a pusher of the ops repository itself gives a schedule: a token that may push, and nothing else.
    const made = await api.post("/projects/xlink%2Fops/access_tokens", {
      name: "rotation",
      scopes: ["write_repository"],
      access_level: 30,
      expires_at: "2030-06-01",
    });
    token = made.body.token;
    copy = await git.clone(address());
    await copy.must("config", "user.name", "rotation");
    await copy.must("config", "user.email", "rotation@example.com");
  });

  afterEach(async () => {
    await git.remove();
    await sandbox.stop();
  });

  const address = () => sandbox.url.replace("//", `//gitlab-ci-token:${token}@`).concat("/xlink/ops.git");
  const inventory = () => path.join(copy.folder, "pushers");
  const rotate = (...args: string[]): Promise<PusherRun> =>
    pusher(["rotate", "--due", "--merge-request", ...args, "--inventory", inventory(), "--state", "none"], NOW);
  const mergeRequests = async () => (await api.get("/projects/xlink%2Fops/merge_requests")).body;
  const branches = async () => (await copy.must("ls-remote", "--heads", "origin")).match(/refs\/heads\/\S+/g);
  const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith("pusher-rotate-"));

  test("GIVEN a token that may only push THEN the branch, the commit and the merge request are there, and the checkout is as it was", async () => {
    const { code, stdout, stderr } = await rotate();
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(await mergeRequests()).toEqual([
      expect.objectContaining({
        source_branch: "rotate/2030-01-10",
        target_branch: "main",
        title: "Rotate the push token of ops/x",
        description:
          "- ops/x: slot 2 from 2030-02-05 to 2030-07-09, 180 days from now\n\nThe tokens rotate with the next deploy of ops. Jobs that run during the deploy keep a living token.",
        force_remove_source_branch: true,
        state: "opened",
      }),
    ]);
    const url = `${sandbox.url}/xlink/ops/-/merge_requests/1`;
    expect(stdout).toContain(
      `Pushed rotate/2030-01-10, with a merge request into main. GitLab says:\n  View merge request for rotate/2030-01-10:\n    ${url}\nThe files here are as they were.\n`,
    );
    expect(stdout).not.toContain(token);
    await copy.must("fetch", "--quiet", "origin");
    expect(await copy.must("show", "origin/rotate/2030-01-10:pushers/ops.yaml")).toBe(BUMPED.trim());
    expect(await copy.must("diff", "--stat", "origin/main", "origin/rotate/2030-01-10")).toContain("1 file changed");
    expect(await copy.must("status", "--porcelain", "--branch")).toBe("## main...origin/main");
    expect(await copy.must("worktree", "list", "--porcelain")).toMatch(
      /^worktree \S+\nHEAD \S+\nbranch refs\/heads\/main$/,
    );
    expect(leftovers()).toEqual([]);
  });

  test("GIVEN a merge request that is open WHEN the schedule runs again THEN it waits; once merged there is nothing to do", async () => {
    const first = JSON.parse((await rotate("--json")).stdout);
    expect(first).toMatchObject({
      changed: true,
      merge_request: {
        status: "created",
        branch: "rotate/2030-01-10",
        target: "main",
        commit: expect.stringMatching(/^[0-9a-f]{40}$/),
        url: `${sandbox.url}/xlink/ops/-/merge_requests/1`,
      },
    });
    const again = await rotate();
    expect(again.code).toBe(1);
    expect(again.stdout).toContain("Nothing was pushed: rotate/2030-01-10 waits at origin. Merge it first");
    expect(JSON.parse((await rotate("--json")).stdout)).toMatchObject({
      changed: false,
      merge_request: { status: "waiting", branch: "rotate/2030-01-10", commit: null, url: null },
    });
    expect(await mergeRequests()).toHaveLength(1);

    await api.put("/projects/xlink%2Fops/merge_requests/1/merge", { should_remove_source_branch: true });
    await copy.must("pull", "--quiet");
    const { code, stdout } = await rotate();
    expect(code).toBe(0);
    expect(stdout).toContain("Nothing is due within 30 days");
    expect(await branches()).toEqual(["refs/heads/main"]);
  });

  test("GIVEN a runner's checkout, detached and of one commit THEN it works as well", async () => {
    await copy.must("switch", "--quiet", "--detach");
    const shallow = await git.clone(address(), "--depth=1", "--no-local");
    await shallow.must("switch", "--quiet", "--detach");
    await shallow.must("config", "user.name", "rotation");
    await shallow.must("config", "user.email", "rotation@example.com");
    copy = shallow;
    expect((await rotate()).code).toBe(0);
    expect(await mergeRequests()).toHaveLength(1);
  });

  test("GIVEN a checkout that is behind THEN its HEAD is still a commit of the branch, and it works", async () => {
    const admin = sandbox.url.replace("//", `//root:${sandbox.adminToken}@`).concat("/xlink/ops.git");
    const other = await git.clone(admin);
    await other.commit("meanwhile");
    await other.must("push", "--quiet", "origin", "main");
    expect((await rotate()).code).toBe(0);
  });

  test("GIVEN a commit of one's own THEN it is refused, so that it does not leave this machine", async () => {
    await copy.commit("not yet for others");
    const { code, stderr } = await rotate();
    expect(code).toBe(2);
    expect(stderr).toContain("got a HEAD that is not in main at origin; allowed: a commit of that branch");
    expect(await branches()).toEqual(["refs/heads/main"]);
  });

  test("GIVEN merge requests turned off THEN the branch is pushed, and GitLab's reason is told", async () => {
    await api.put("/projects/xlink%2Fops", { merge_requests_access_level: "disabled" });
    const { code, stdout } = await rotate();
    expect(code).toBe(1);
    expect(stdout).toContain("Pushed rotate/2030-01-10, but GitLab made no merge request into main: open it by hand.");
    expect(stdout.replace(/\s+/g, " ")).toContain("Merge requests are not enabled for project xlink/ops");
  });

  test("GIVEN a token that may not push THEN git's words are told without it, and nothing is left", async () => {
    const made = await api.post("/projects/xlink%2Fops/access_tokens", {
      name: "reader",
      scopes: ["read_repository"],
      access_level: 30,
      expires_at: "2030-06-01",
    });
    const other: string = made.body.token;
    await copy.must("remote", "set-url", "origin", address().replace(token, other));
    const { code, stdout, stderr } = await rotate();
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("rotate/2030-01-10 was not pushed, nothing was changed:\n");
    expect(stderr).toContain("You are not allowed to upload code.");
    expect(stderr).toContain("fix: the address of origin needs a token that may push rotate/*");
    expect(stderr).not.toContain(other);
    expect(leftovers()).toEqual([]);
    expect(await copy.must("worktree", "list")).not.toContain("pusher-rotate-");
    expect(existsSync(path.join(copy.folder, ".git/worktrees"))).toBe(false);
  });

  test("GIVEN no origin, or one that is gone THEN git says so, and nothing is changed", async () => {
    await copy.must("remote", "set-url", "origin", address().replace("xlink/ops", "xlink/gone"));
    const { code, stderr } = await rotate();
    expect(code).toBe(2);
    expect(stderr).toMatch(/^git ls-remote failed, nothing was changed:\n/);
    expect(stderr).not.toContain(token);
    await copy.must("remote", "remove", "origin");
    expect((await rotate()).stderr).toContain("'origin' does not appear to be a git repository");
  });

  test("GIVEN --dry-run THEN nothing is pushed", async () => {
    expect((await rotate("--dry-run")).stdout).toContain("Nothing was written: --dry-run.");
    expect(await branches()).toEqual(["refs/heads/main"]);
  });
});
