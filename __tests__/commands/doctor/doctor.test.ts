import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { type DoctorJson, disguises, doctor, examined, readLog } from "../../support/doctor";
import { api, ciFile, HEALTHY, KEY, PushScene } from "../../support/push-scene";

const REFUSED = [
  "Checking out 7226fc70 as detached HEAD (ref is main)...",
  "$ git push origin HEAD:main",
  "remote: You are not allowed to push code to this project.",
  "fatal: unable to access 'https://gitlab.example.com/xlink/gitops.git/': The requested URL returned error: 403",
].join("\n");

describe("gitlab-ci-pusher doctor --job-log, without GitLab", () => {
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
      [join(__dirname, "../../../bin/gitlab-ci-pusher.js"), "doctor", "--job-log", "-"],
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

describe("a log as it was saved", () => {
  const folder = mkdtempSync(join(tmpdir(), "job-log-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const saved = async (bytes: Buffer) => {
    writeFileSync(join(folder, "job.log"), bytes);
    return (await doctor(["--job-log", join(folder, "job.log")], {})).stdout;
  };

  test("GIVEN one that PowerShell wrote, in UTF-16 of either order, or one of more than a piece, THEN it says the same", async () => {
    const plain = await saved(Buffer.from(REFUSED));
    const utf16 = Buffer.from(`\uFEFF${REFUSED}`, "utf16le");
    expect(plain).toContain("You are not allowed to push code to this project.");
    expect(await saved(utf16)).toBe(plain);
    expect(await saved(Buffer.from(utf16).swap16())).toBe(plain);
    const late = await saved(Buffer.from(`${"é\n".repeat(500_001)}${REFUSED}`));
    expect(late).toContain("line 500004 of the log: You are not allowed to push code to this project.");
  });

  test("GIVEN one without an end THEN it is refused", async () => {
    await expect(doctor(["--job-log", "/dev/zero"], {})).rejects.toThrow(/^got more than 200 MB at \/dev\/zero; /);
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
    for (const way of [
      "npx gitlab-ci-pusher doctor gitops",
      "npx gitlab-ci-pusher doctor --project ",
      "npx gitlab-ci-pusher doctor --job-log ",
    ])
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
    await scene.deployment.forgetCalls();
    const { json } = await scene.examine([]);
    expect(json.walks).toHaveLength(4);
    const calls = await scene.deployment.calls();
    expect(calls.filter((call) => !call.startsWith("GET "))).toEqual([]);
    const repeated = calls.filter((call, index) => calls.indexOf(call) !== index && !/user|self|lint/.test(call));
    expect(repeated).toEqual([]);
  });

  test("--no-check-values tries no value", async () => {
    await scene.deployment.forgetCalls();
    const { json } = await scene.examine(["gitops", "--no-check-values"]);
    expect((await scene.deployment.calls()).filter((call) => call.includes("personal_access_tokens"))).toEqual([]);
    expect(json.walks[0].links).toContainEqual(expect.objectContaining({ link: "token", status: "ok" }));
  });

  test("a stranger is told what was not seen, and that GitLab does not tell missing from invisible", async () => {
    const { api: stranger } = await scene.deployment.api.newUser("stranger", ["read_api"]);
    const { code, json } = await scene.examine(["gitops", "--branch", "main"], stranger.token);
    expect([code, json.causes]).toEqual([1, ["project-missing"]]);
  });

  test("a Developer sees some of it, and no finding is made of the rest", async () => {
    const { id, api: developer } = await scene.deployment.api.newUser("dev", ["read_api"]);
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

  describe("the right job and the right variable", () => {
    const push = (key: string, more = "") =>
      `git push "http://ci:\${${key}}@$CI_SERVER_FQDN/$CI_PROJECT_PATH.git" HEAD:refs/heads/main${more}`;
    const linkOf = (json: DoctorJson, name: string) =>
      json.walks[0].links.filter(({ link }: { link: string }) => link === name);

    test("GIVEN jobs that differ by environment only WHEN one is asked for THEN its own variable is looked at", async () => {
      // GIVEN
      const project = await scene.handmade(
        stringify({
          staging: { environment: "staging", script: [push(KEY)] },
          production: { environment: { name: "prod/eu" }, script: [push(KEY)] },
          other: { environment: "docs", script: [push("DOCS_TOKEN")] },
        }),
      );
      const [good, dead] = [await scene.token(project), await scene.token(project)];
      await scene.setVariable(project, good, { environment_scope: "staging" });
      await scene.must("POST", `${api(project)}/variables`, { key: KEY, value: dead, environment_scope: "prod/*" });
      const tokens = await scene.must("GET", `${api(project)}/access_tokens`);
      await scene.must(
        "DELETE",
        `${api(project)}/access_tokens/${Math.max(...tokens.map(({ id }: { id: number }) => id))}`,
      );
      // WHEN
      const ask = ["--project", project, "--key", KEY, "--environment"];
      const production = await scene.examine([...ask, "prod/eu"]);
      // THEN
      expect(production.json.causes).toEqual(["token-revoked"]);
      expect(linkOf(production.json, "job")[0].detail).toMatch(/^production pushes/);
      expect((await scene.examine([...ask, "staging"])).json.causes).toEqual([]);
      // WHEN nobody says which of them THEN each is a way of its own
      const { json } = await scene.examine(ask.slice(0, -1));
      expect(
        json.walks.map((walk: DoctorJson) => [walk.job, walk.findings.map(({ cause }: DoctorJson) => cause)]),
      ).toEqual([
        [null, []],
        ["production", ["token-revoked"]],
      ]);
    });

    test("GIVEN pushers that share a key by environment WHEN one's token is dead THEN the doctor sees that one", async () => {
      // GIVEN
      await scene.commit(
        "xlink/lib",
        stringify({
          staging: { environment: "staging", script: [push("OPS_TOKEN")] },
          production: { environment: "prod/eu", script: [push("OPS_TOKEN")] },
        }),
      );
      const pusher = (environment: string, branches: string) =>
        `    target: xlink/lib\n    token: {expires: [2100-06-01, 2100-03-01]}\n    variable: {key: OPS_TOKEN, environment: "${environment}"}\n    branches: ${branches}\n`;
      await scene.deploy(
        `${HEALTHY}  stg:\n${pusher("staging", "{main: {push: developer}}")}  prd:\n${pusher("prod/*", "{}")}`,
      );
      const { body: tokens } = await scene.deployment.api.get(`${api("xlink/lib")}/access_tokens?state=active`);
      for (const { id, description } of tokens)
        if (description.includes("/prd/")) await scene.must("DELETE", `${api("xlink/lib")}/access_tokens/${id}`);
      // WHEN
      const { json } = await scene.examine(["ops/prd"]);
      // THEN
      expect([json.causes, json.walks]).toEqual([["token-revoked"], json.walks]);
      expect((await scene.examine(["ops/stg"])).json.causes).toEqual([]);
    });

    test.each([
      ["a release tool", "npx semantic-release"],
      ["its own push", push("GITLAB_TOKEN")],
    ])("a variable that the job sets from another one is followed, for %s", async (_, script) => {
      const project = await scene.project(
        stringify({ release: { variables: { GITLAB_TOKEN: "$RELEASE_TOKEN" }, script: [script] } }),
      );
      await scene.rule(project, "main", 30);
      const value = await scene.token(project);
      await scene.must("POST", `${api(project)}/variables`, { key: "RELEASE_TOKEN", value });
      const { json } = await scene.examine(["--project", project, "--job", "release", "--key", "GITLAB_TOKEN"]);
      expect([json.causes, json.walks]).toEqual([[], json.walks]);
      expect(linkOf(json, "variable")[0].detail).toMatch(/^RELEASE_TOKEN of .* reaches the job/);
    });

    test.each([
      ["tags", { only: ["tags"] }],
      ["a rule for tags", { rules: [{ if: "$CI_COMMIT_TAG" }] }],
      ["a parent pipeline", { rules: [{ if: '$CI_PIPELINE_SOURCE == "parent_pipeline"' }] }],
    ])("a job in pipelines of %s is no finding", async (_, when) => {
      const project = await scene.handmade(stringify({ deploy: { ...when, script: [push(KEY)] } }));
      const { json } = await scene.examine(["--project", project, "--branch", "main"]);
      expect([json.causes, json.walks]).toEqual([[], json.walks]);
    });

    test("a protected variable reaches a protected tag, and no other", async () => {
      const project = await scene.handmade(stringify({ deploy: { only: ["tags"], script: [push(KEY)] } }));
      for (const tag of ["v1", "x1"])
        await scene.must("POST", `${api(project)}/repository/tags?tag_name=${tag}&ref=main`);
      await scene.must("POST", `${api(project)}/protected_tags`, { name: "v*" });
      const ask = ["--project", project, "--branch", "main", "--ref"];
      expect((await scene.examine([...ask, "v1"])).json.causes).toEqual([]);
      expect((await scene.examine([...ask, "x1"])).json.causes).toEqual(["variable-protected-tag-unprotected"]);
    });

    test("an address of another host is called that", async () => {
      const project = await scene.handmade(
        stringify({
          deploy: { script: [`git push "https://ci:\${${KEY}}@gitlab.example.org/$CI_PROJECT_PATH.git" HEAD:main`] },
        }),
      );
      const { json } = await scene.examine(["--project", project, "--key", KEY]);
      expect(json.causes).toEqual(["push-other-host"]);
      expect(json.walks[0].findings[0].evidence).toContain("gitlab.example.org, which is not this GitLab");
    });
  });

  describe("by the address of a job, with one's own token", () => {
    const LOG = [
      "Checking out 7226fc70 as detached HEAD (ref is main)...",
      "$ git push origin HEAD:main",
      "remote: GitLab: You are not allowed to push code to protected branches on this project.",
      "To TARGET.git",
      " ! [remote rejected] HEAD -> main (pre-receive hook declined)",
    ].join("\n");

    /** Lets GitLab have a job with that log. */
    async function jobOf(project: string, log: string): Promise<string> {
      const path = `/projects/${project}/jobs/7`;
      const job = { name: "deploy", ref: "main", status: "failed" };
      const text = log.replace("TARGET", `${scene.deployment.sandbox.url}/${project}`);
      await scene.deployment.api.control("DELETE", "faults");
      await scene.deployment.api.control("POST", "faults", { path: `${path}$`, status: 200, body: job, times: 9 });
      await scene.deployment.api.control("POST", "faults", {
        path: `${path}/trace$`,
        status: 200,
        body: text,
        times: 9,
      });
      return `${scene.deployment.sandbox.url}/${project}/-/jobs/7`;
    }

    afterEach(() => scene.deployment.api.control("DELETE", "faults"));

    test("the log is fetched, and GitLab is asked for what it leaves open", async () => {
      const project = await scene.handmade();
      await scene.rule(project, "main", 40);
      const { id, api: developer } = await scene.deployment.api.newUser("own", ["read_api"]);
      await scene.must("POST", `${api(project)}/members`, { user_id: id, access_level: 30 });
      const address = await jobOf(project, LOG);
      const { code, json } = await examined([address], { url: undefined, token: developer.token });
      expect([code, json.log.outcome, json.log.branch]).toEqual([1, "refused", "main"]);
      expect(json.log.refusals[0].causes.map(({ cause }: { cause: string }) => cause)).toContain(
        "rule-level-above-role",
      );
      const [request] = json.log.ask;
      expect(request.who).toBe(`a Maintainer of ${project}`);
      expect(request.text).toContain(
        `The job ${address} of ${project} was refused as it pushed to main of ${project}.`,
      );
    });

    test("what his rights do not show is no finding, and he is told what he can do", async () => {
      const { api: stranger } = await scene.deployment.api.newUser("stranger-2", ["read_api"]);
      const log = LOG.replace(/remote: .*/, "remote: GL-HOOK-ERR: name a ticket");
      const address = await jobOf("xlink/gitops", log);
      const { code, stdout } = await doctor([`${address}/raw#L3`], {
        url: scene.deployment.sandbox.url,
        token: stranger.token,
      });
      expect(code).toBe(1);
      expect(stdout).toContain("✗ server-hook");
      expect(stdout).toContain("    do         do what its words ask for");
      expect(stdout).not.toContain("project-missing");
    });

    test.each([
      [
        "another GitLab",
        "https://gitlab.example.org/a/b/-/jobs/1",
        /got a job of https:\/\/gitlab.example.org; allowed: /,
      ],
      ["an address without its beginning", "gitlab.example.org/a/b/-/jobs/1", /allowed: the address of a job's page/],
      ["no job", "https://gitlab.example.org/a/b/-/pipelines/1", /allowed: the address of a job's page/],
      [
        "a password in it",
        "https://me:secret@gitlab.example.org/a/b/-/jobs/1",
        /got an address with a user name in it/,
      ],
    ])("%s is refused before the token goes anywhere", async (_, address, message) => {
      await expect(examined([address], { url: scene.deployment.sandbox.url, token: "glpat-own" })).rejects.toThrow(
        message,
      );
      await expect(examined([address], { url: scene.deployment.sandbox.url, token: "glpat-own" })).rejects.not.toThrow(
        "secret",
      );
    });

    test("a job that is not there, or a GitLab below a path, is told as that", async () => {
      const address = `${scene.deployment.sandbox.url}/gitlab/xlink/gitops/-/jobs/7`;
      await expect(examined([address], { token: scene.operator })).rejects.toThrow(
        /got 404 for job 7 of gitlab\/xlink\/gitops at .*below a path, export GITLAB_BASE_URL with it/,
      );
    });

    test("a job without a log is no log without a push", async () => {
      const { code, json } = await examined([await jobOf("xlink/gitops", "")], { token: scene.operator });
      expect([code, json.log.notes]).toEqual([
        3,
        [expect.stringMatching(/no log of this job, whose status is failed/)],
      ]);
    });

    test("it stands alone", async () => {
      const args = [`${scene.deployment.sandbox.url}/a/b/-/jobs/1`, "--project", "a/b"];
      await expect(examined(args, { url: scene.deployment.sandbox.url, token: "glpat-own" })).rejects.toThrow(
        /the address alone/,
      );
    });
  });

  test("what explains most comes first: a missing runner hides no other cause", async () => {
    const project = await scene.handmade();
    await scene.rule(project, "main", 40);
    await scene.must("PUT", `/runners/${scene.runnerId}`, { paused: true });
    const { json } = await scene.examine(["--project", project]);
    await scene.must("PUT", `/runners/${scene.runnerId}`, { paused: false });
    expect(json.causes).toEqual(["rule-level-above-role", "runner-paused"]);
  });

  test("the same finding of several ways is told once", async () => {
    await scene.must("PUT", `/runners/${scene.runnerId}`, { paused: true });
    const { stdout } = await scene.report(["gitops", "--source", "xlink/gitops"]);
    await scene.must("PUT", `/runners/${scene.runnerId}`, { paused: false });
    expect(stdout.match(/PUT \/runners/g)).toHaveLength(1);
    expect(stdout).toContain("✗ runner-paused: as above");
  });

  test("a wrong address is told as one", async () => {
    await expect(
      examined(["--project", "a/b"], { url: `${scene.deployment.sandbox.url}/wrong`, token: scene.operator }),
    ).rejects.toThrow(/got 404 .*GITLAB_BASE_URL/);
  });

  test("no text of the case is a placeholder", async () => {
    const project = await scene.handmade(ciFile({ push: "git push origin HEAD:nowhere" }));
    const { stdout } = await scene.report(["--project", project, "--branch", "main"]);
    expect(stdout).toContain("push-other-branch");
    expect(stdout).not.toMatch(/\{\w+\}|undefined/);
  });
});
