import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { disguises, doctor, examined, readLog } from "../../support/doctor";
import { api, ciFile, HEALTHY, KEY, PushScene } from "../../support/push-scene";

const REFUSED = [
  "Checking out 7226fc70 as detached HEAD (ref is main)...",
  "$ git push origin HEAD:main",
  "remote: You are not allowed to push code to this project.",
  "fatal: unable to access 'https://gitlab.example.com/xlink/gitops.git/': The requested URL returned error: 403",
].join("\n");

describe("pusher doctor --job-log, without GitLab", () => {
  test("names the cause and its fixes; exit code 1", async () => {
    const { code, json } = await readLog(REFUSED);
    expect(code).toBe(1);
    expect(json).toMatchObject({
      version: 1,
      gitlab: null,
      causes: [],
      walks: [],
      log: {
        ref: "main",
        target: "xlink/gitops",
        refusals: [
          {
            id: "push-denied",
            line: 3,
            words: "You are not allowed to push code to this project.",
            causes: [
              { cause: "job-token-remote", fix: { inventory: expect.stringContaining("target: xlink/gitops") } },
            ],
          },
        ],
      },
    });
  });

  test.each([
    ["without a push", "Job succeeded\n", 3, "none"],
    ["of a push that went through", "To https://h/a/b.git\n   1111111..2222222  HEAD -> main\n", 0, "accepted"],
    ["of an unknown refusal", " ! [remote rejected] HEAD -> main (it is Friday)\n", 1, "refused"],
  ])("a log %s has an exit code of its own", async (_, log, exit, outcome) => {
    const { code, json } = await readLog(log);
    expect([code, json.log.outcome]).toEqual([exit, outcome]);
  });

  test("tells no token that the log shows, whatever it is dressed in", async () => {
    const token = "glpat-c2VjcmV0LXZhbHVl.01.0w1a2b3c4";
    const leaks = `$ git push https://x:${token}@h/a/b HEAD:main\nremote: HTTP Basic: Access denied\nfatal: Authentication failed for 'https://x:${token}@h/a/b.git/'\nerror: src refspec ${token} does not match any\n`;
    const { stdout } = await readLog(leaks);
    for (const secret of disguises(token)) expect(stdout).not.toContain(secret);
  });

  test("works from the real command line, through standard input too", () => {
    const run = spawnSync(
      process.execPath,
      [join(__dirname, "../../../commands/pusher.js"), "doctor", "--job-log", "-"],
      {
        cwd: tmpdir(),
        env: { PATH: process.env.PATH },
        input: REFUSED,
        encoding: "utf8",
      },
    );
    expect([run.status, run.stderr]).toEqual([1, ""]);
    const [first, second] = run.stdout.split("\n");
    expect(first).toBe("✗ line 3 of the log: You are not allowed to push code to this project.");
    expect(second).toBe("✗ job-token-remote: the remote still carries the job token");
  });
});

describe("wrong usage", () => {
  const folder = mkdtempSync(join(tmpdir(), "pushers-"));
  beforeAll(() => writeFileSync(join(folder, "ops.yaml"), HEALTHY));
  afterAll(() => rmSync(folder, { recursive: true }));
  const SOMEWHERE = { url: "http://127.0.0.1:2", token: "glpat-somebody" };

  test.each<[string, string[], object, RegExp]>([
    ["no token", ["gitops"], {}, /got no GITLAB_TOKEN; allowed: .*read_api; fix: export GITLAB_TOKEN, or .*--job-log/],
    [
      "an id and a project",
      ["gitops", "--project", "a/b"],
      SOMEWHERE,
      /got gitops and --project a\/b; allowed: .*; fix: leave --project out/,
    ],
    [
      "an unknown id",
      ["gitpos", "--inventory", folder],
      SOMEWHERE,
      /got the unknown pusher "gitpos"; allowed: .*; fix: write gitops/,
    ],
    ["no such log", ["--job-log", join(folder, "none.log")], {}, /got ENOENT at .*none\.log; allowed: .*; fix: /],
    ["no such folder", ["--inventory", join(folder, "none")], SOMEWHERE, /got ENOENT/],
    ["an unknown option", ["--nonsense"], {}, /unknown option '--nonsense'/],
  ])("%s", async (_, args, consultation, message) => {
    const written = jest.spyOn(process.stderr, "write").mockReturnValue(true);
    await expect(doctor(args, consultation)).rejects.toThrow(message);
    written.mockRestore();
  });

  test("the help has an example of each way to ask", async () => {
    const written = jest.spyOn(process.stdout, "write").mockReturnValue(true);
    await expect(doctor(["--help"])).rejects.toThrow("(outputHelp)");
    const help = written.mock.calls.join("");
    written.mockRestore();
    for (const way of ["pusher doctor gitops", "pusher doctor --project ", "pusher doctor --job-log "])
      expect(help).toContain(`$ ${way}`);
  });
});

describe("asking GitLab", () => {
  let scene: PushScene;
  beforeAll(async () => {
    scene = await PushScene.start();
    await scene.healthy();
  });
  afterAll(() => scene.stop());

  test("changes nothing: every call is a GET, each thing is read once", async () => {
    await scene.it.forgetCalls();
    const { json } = await scene.examine([]);
    expect(json.walks).toHaveLength(4);
    const calls = await scene.it.calls();
    expect(calls.filter((call) => !call.startsWith("GET "))).toEqual([]);
    const repeated = calls.filter((call, index) => calls.indexOf(call) !== index && !/user|self|lint/.test(call));
    expect(repeated).toEqual([]);
  });

  test("--no-check-values tries no value", async () => {
    await scene.it.forgetCalls();
    const { json } = await scene.examine(["gitops", "--no-check-values"]);
    expect((await scene.it.calls()).filter((call) => call.includes("personal_access_tokens"))).toEqual([]);
    expect(json.walks[0].links).toContainEqual(expect.objectContaining({ link: "token", status: "ok" }));
  });

  test("a stranger is told what was not seen, and that GitLab does not tell missing from invisible", async () => {
    const { api: stranger } = await scene.it.api.newUser("stranger", ["read_api"]);
    const { code, json } = await scene.examine(["gitops", "--branch", "main"], stranger.token);
    expect([code, json.causes]).toEqual([1, ["project-missing"]]);
  });

  test("a Developer sees some of it, and no finding is made of the rest", async () => {
    const { id, api: developer } = await scene.it.api.newUser("dev", ["read_api"]);
    for (const project of ["xlink/gitops", "xlink/shop"]) {
      await scene.must("POST", `${api(project)}/members`, { user_id: id, access_level: 30 });
    }
    const { code, json } = await scene.examine(["gitops", "--branch", "main"], developer.token);
    expect([code, json.causes]).toEqual([0, []]);
    expect(
      json.not_seen.map(({ what, status }: { what: string; status: number }) => `${what}: ${status}`).sort(),
    ).toEqual([
      "access tokens of xlink/gitops: 401",
      "runners of xlink/gitops: 403",
      "runners of xlink/shop: 403",
      "variables of group xlink: 403",
      "variables of xlink/gitops: 403",
      "variables of xlink/shop: 403",
    ]);
    const states = Object.fromEntries(
      json.walks[0].links.map(({ link, status }: Record<string, string>) => [link, status]),
    );
    expect(states).toMatchObject({
      job: "ok",
      runner: "unknown",
      variable: "unknown",
      project: "ok",
      branch: "ok",
      rules: "ok",
    });
    const { stdout } = await scene.report(["gitops", "--branch", "main"], developer.token);
    expect(stdout).toContain("not seen: variables of xlink/shop: 403 403 Forbidden");
  });

  test("a dead token of the operator is the operator's matter", async () => {
    await expect(scene.examine(["gitops"], "glpat-nobody")).rejects.toThrow(
      /GET \/user: got 401.*fix: check that GITLAB_TOKEN/,
    );
    await expect(examined(["--project", "a/b"], { url: "http://127.0.0.1:2", token: "x" })).rejects.toThrow(
      /ECONNREFUSED.*check GITLAB_BASE_URL/,
    );
  });

  test("log and GitLab together: the log says that, GitLab says why", async () => {
    const folder = mkdtempSync(join(tmpdir(), "job-log-"));
    try {
      // GIVEN a push that was refused because main was raised
      await scene.rule("xlink/gitops", "main", 40);
      const { log } = await scene.run();
      writeFileSync(join(folder, "job.log"), log);
      // WHEN
      const args = ["gitops", "--source", "xlink/gitops", "--branch", "main", "--job-log", join(folder, "job.log")];
      const { stdout, code } = await scene.report(args);
      // THEN
      expect(code).toBe(1);
      expect(stdout).toContain("GitLab shows why: rule-level-above-role (below)");
      expect(stdout).toContain('"main" (push: Maintainers), "mai*n" (push: No one); the pusher is Developer');
    } finally {
      rmSync(folder, { recursive: true });
      await scene.deploy(HEALTHY);
    }
  });

  test("people get a short answer first, then the table, then cause, evidence and three fixes", async () => {
    const project = await scene.handmade();
    await scene.rule(project, "main", 40);
    const { stdout } = await scene.report(["--project", project]);
    const lines = stdout.split("\n");
    expect(lines[0]).toBe("✗ main: the branch's rule asks for a higher role than the token's");
    expect(lines[2]).toMatch(/^┌─+┬/);
    const cause = lines.findIndex((line) => line.startsWith("✗ rule-level-above-role: "));
    expect(lines.slice(cause + 1, cause + 7).map((line) => line.trim().split(/\s{2,}|\s/)[0])).toEqual([
      "seen",
      "why",
      "who",
      "inventory",
      "GitLab",
      "API",
    ]);
    // No colours where nobody sees them.
    expect(stdout).not.toContain("\u001b[");
  });

  test("two jobs push: the one that is named is looked at", async () => {
    const other = ciFile({ prepare: [] }).replace("deploy:", "publish:");
    const project = await scene.handmade(`${ciFile()}${other}`);
    expect((await scene.examine(["--project", project])).json.causes).toEqual([]);
    expect((await scene.examine(["--project", project, "--job", "publish"])).json.causes).toEqual(["job-token-remote"]);
    const { json } = await scene.examine(["--project", project, "--job", "nobody"]);
    expect(json.walks[0].links[0].detail).toContain("there is: deploy, publish");
  });

  test("--key, --ref and --environment answer for the job where it cannot", async () => {
    const project = await scene.handmade("build: {script: ['./deploy.sh']}\n");
    const ask = ["--project", project, "--key", KEY];
    expect((await scene.examine([...ask, "--ref", "main"])).json.causes).toEqual([]);
    expect((await scene.examine([...ask, "--ref", "topic"])).json.causes).toEqual([
      "variable-protected-ref-unprotected",
    ]);
    await scene.must("PUT", `${api(project)}/variables/${KEY}`, { environment_scope: "prod" });
    expect((await scene.examine([...ask, "--ref", "main", "--environment", "prod"])).json.causes).toEqual([]);
    expect((await scene.examine([...ask, "--ref", "main", "--environment", "test"])).json.causes).toEqual([
      "variable-environment",
    ]);
  });
});
