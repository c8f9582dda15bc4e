import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";
import type { SandboxOptions } from "../../sandbox/sandbox";
import { Deployment, inventory } from "../support/deployment";
import { filesBelow, type JobOrder, type JobRun, JobRunner } from "../support/job-runner";
import { processesWith } from "../support/processes";
import { formsOf } from "../support/secret-forms";

const TEMPLATE = readFileSync(path.join(__dirname, "../../templates/push.yml"), "utf8");
const KEY = "GITLAB_PUSHER_TOKEN";
const OVERLAY = "manifests/overlays/staging/kustomization.yaml";

/** `kustomize edit set image NAME=REPOSITORY:TAG`, as far as these jobs use it. */
const KUSTOMIZE = `#!/bin/sh
image=\${4#*=}
printf 'images: [{name: %s, newName: %s, newTag: %s}]\\n' "\${4%%=*}" "\${image%:*}" "\${image##*:}" > kustomization.yaml
`;

const FILES = { "README.md": "x\n", [OVERLAY]: "images: []\n", ".gitlab-ci.yml": "job: {script: ['true']}\n" };
const MEMBERS = { ann: "developer" as const };
const SEED: SandboxOptions["seed"] = {
  users: [{ username: "ann" }],
  projects: [
    {
      path: "xlink/gitops",
      visibility: "private" as const,
      files: FILES,
      members: MEMBERS,
      branches: ["feature", "production"],
    },
    { path: "xlink/shop", visibility: "private" as const, files: { "tag.txt": "1.2.3\n" }, members: MEMBERS },
    { path: "target/project", visibility: "private" as const, files: { "tag.txt": "1.2.3\n" } },
    { path: "templates/ci", visibility: "public" as const, files: { "templates/push.yml": TEMPLATE } },
  ],
};

/** A project's configuration that includes the template. */
function including(inputs: Record<string, unknown>, more: Record<string, unknown> = {}): string {
  const include = [{ project: "templates/ci", file: "templates/push.yml", inputs }];
  // JSON is YAML.
  return JSON.stringify({ include, ...more });
}

let deployment: Deployment;
let jobs: JobRunner;
let token: string;
beforeAll(async () => {
  deployment = await Deployment.start({ seed: SEED });
  await deployment.deploy(inventory({ branches: "{main: {push: developer}, production: {push: no one}}" }));
  jobs = new JobRunner(deployment);
  jobs.provide("kustomize", KUSTOMIZE);
  token = (await deployment.job("xlink/gitops")).variables[KEY]!;
});
afterAll(async () => {
  await jobs?.remove();
  await deployment?.stop();
});

async function file(name: string, ref = "main", project = "xlink/gitops"): Promise<string | undefined> {
  const where = `/projects/${encodeURIComponent(project)}/repository/files/${encodeURIComponent(name)}/raw?ref=${ref}`;
  const { status, body } = await deployment.api.get(where);
  return status === 200 ? (body as string) : undefined;
}

type Commit = { id: string; message: string; author_name: string; author_email: string };
async function commits(ref = "main", project = "xlink/gitops"): Promise<Commit[]> {
  return (
    await deployment.api.get(`/projects/${encodeURIComponent(project)}/repository/commits?ref_name=${ref}&per_page=100`)
  ).body;
}

async function pipelines(project = "xlink/gitops"): Promise<{ id: number; status: string; ref: string }[]> {
  return (await deployment.api.get(`/projects/${encodeURIComponent(project)}/pipelines`)).body;
}

/** What a project's branches point to. */
async function branches(project = "xlink/gitops"): Promise<unknown> {
  const { body } = await deployment.api.get(`/projects/${encodeURIComponent(project)}/repository/branches`);
  return (body as { name: string; commit: { id: string } }[]).map(({ name, commit }) => [name, commit.id]);
}

/** Where a token, in whatever form, is found in what a run left or said. */
function leaks(run: JobRun, secret = token): string[] {
  const left = filesBelow(run.folder).concat({ file: "the log", content: Buffer.from(run.log) });
  return left
    .filter(({ content }) => formsOf(secret).some((form) => content.includes(form)))
    .map(({ file: name }) => name);
}

/** Nothing of the template's own is left: it works in a temporary folder. */
const leftBehind = (run: JobRun) => filesBelow(path.join(run.folder, "tmp")).map(({ file: name }) => name);

/** Runs the job; whatever comes of it, the token shows nowhere and nothing stays. */
async function push(inputs: Record<string, unknown>, order: Partial<JobOrder> = {}): Promise<JobRun> {
  const run = await jobs.run({ ci: including(inputs), ...order });
  expect(leaks(run, order.variables?.[KEY] || token)).toEqual([]);
  expect(leftBehind(run)).toEqual([]);
  return run;
}

describe("a push job", () => {
  test("GIVEN a change WHEN the job runs THEN it is committed as written and pushed, and no pipeline follows", async () => {
    const message = `[auto ci] "shop": it's $CI_PROJECT_PATH # 100%`;
    const script = [`cd ${path.dirname(OVERLAY)}`, "kustomize edit set image shop=r/shop:2"];
    const run = await push({ script, message }, { validate: true });
    expect(run.said).toEqual([expect.stringMatching(/^pushed [0-9a-f]{40} to 'main' of xlink\/gitops$/)]);
    expect(run.code).toBe(0);
    expect(await file(OVERLAY)).toBe("images: [{name: shop, newName: r/shop, newTag: 2}]\n");
    const author = { author_name: "GitLab Runner", author_email: "noreply@127.0.0.1" };
    const text = `[auto ci] "shop": it's xlink/gitops # 100%`;
    expect((await commits())[0]).toMatchObject({ id: run.said[0]!.split(" ")[1], title: text, ...author });
    expect((await pipelines())[0]).toMatchObject({ status: "skipped", ref: "main" });
  });

  test("GIVEN a change that is there already WHEN the job runs THEN it says so and pushes nothing", async () => {
    const before = await branches();
    const run = await push({ script: [`test -f README.md`, "printf 'x\\n' > README.md"] });
    expect(run).toMatchObject({
      code: 0,
      said: ["nothing to push: the script changed nothing on 'main' of xlink/gitops"],
    });
    expect(await branches()).toEqual(before);
  });

  test("GIVEN a job of another project WHEN it pushes THEN its own files are at hand, and a pipeline follows when asked", async () => {
    const run = await push(
      {
        target: "xlink/gitops",
        branch: "main",
        script: ['cp "$CI_PROJECT_DIR/tag.txt" shop-tag.txt'],
        name: "Shop Bot",
        email: "shop@example.com",
        "skip-pipeline": false,
      },
      { project: "xlink/shop" },
    );
    expect(run.code).toBe(0);
    expect(await file("shop-tag.txt")).toBe("1.2.3\n");
    expect((await commits())[0]).toMatchObject({ author_name: "Shop Bot", author_email: "shop@example.com" });
    expect((await pipelines())[0]!.status).not.toBe("skipped");
  });

  test("GIVEN a script that commits by itself WHEN the job runs THEN its commits are pushed", async () => {
    const before = (await commits()).length;
    const script = ["echo a > a.txt && git add . && git commit --quiet -m one", "echo b > b.txt"];
    expect((await push({ script, depth: 0, message: "two" })).code).toBe(0);
    const after = await commits();
    expect([after.length - before, after[0]!.message, after[1]!.message]).toEqual([2, "two\n", "one\n"]);
  });

  test("GIVEN five jobs that all start at the same commit WHEN they push THEN no commit is lost", async () => {
    const before = (await commits()).length;
    const barrier = path.join(jobs.directory, "barrier");
    const ci = including({
      script: [
        `mkdir -p ${barrier} && : > ${barrier}/$CI_JOB_ID`,
        // Nobody pushes before all five have fetched.
        `until [ "$(ls ${barrier} | wc -l)" -ge 5 ]; do sleep 0.1; done`,
        'echo "$CI_JOB_ID" >> log.txt',
      ],
      message: "job $CI_JOB_ID",
    });
    const running = await Promise.all(Array.from({ length: 5 }, () => jobs.start({ ci })));
    const runs = await Promise.all(running.map(({ ended }) => ended));
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
    const lost = runs.flatMap(({ said }) => said).filter((line) => line.includes("was faster: try"));
    expect(lost.length).toBeGreaterThanOrEqual(4);
    expect((await commits()).length - before).toBe(5);
    expect((await file("log.txt"))!.trim().split("\n")).toHaveLength(5);
    expect(runs.flatMap((run) => [...leaks(run), ...leftBehind(run)])).toEqual([]);
  });

  test("GIVEN a branch that moves at each try WHEN the tries are used up THEN the job fails and says why", async () => {
    const other =
      'git clone --quiet "$CI_REPOSITORY_URL" other && cd other && git commit --quiet --allow-empty -m faster';
    const address = `\${CI_REPOSITORY_URL%%//*}//gitlab-ci-token:$${KEY}@\${CI_REPOSITORY_URL##*@}`;
    const script = [`(${other} && git push --quiet "${address}" HEAD:main)`, "rm -rf other", "echo $$ > moving.txt"];
    const run = await jobs.run({
      ci: including({ script, retries: 1 }),
      variables: { GIT_AUTHOR_NAME: "o", GIT_AUTHOR_EMAIL: "o@x", GIT_COMMITTER_NAME: "o", GIT_COMMITTER_EMAIL: "o@x" },
    });
    expect(run.said.slice(0, 2)).toEqual([
      "another push to 'main' was faster: try 1 of 1 follows",
      "gave up after 2 tries: another push to 'main' was faster [fetch-first]",
    ]);
    expect(run.code).toBe(1);
    expect(await file("moving.txt")).toBeUndefined();
  });

  test.each<[string, Record<string, unknown>, readonly RegExp[]]>([
    ["a server that is away once", { status: 503 }, [/^GitLab did not answer: try 1 of 5 follows$/, /^pushed /]],
    [
      "an answer that is lost",
      { lose_answer: true },
      [
        // libcurl may send the pack again by itself on a connection that was cut, and then meets its own push.
        /^(GitLab did not answer|another push to 'main' was faster): try 1 of 5 follows$/,
        /^nothing to push/,
      ],
    ],
  ])("GIVEN %s WHEN the job pushes THEN it tries again, and the change is there once", async (what, fault, said) => {
    const before = (await commits()).length;
    await deployment.api.control("POST", "faults", { method: "POST", path: "git-receive-pack$", ...fault });
    const run = await push({ script: [`echo '${what}' > answer.txt`] });
    expect(run.said).toEqual(said.map((line) => expect.stringMatching(line)));
    expect(run.code).toBe(0);
    expect((await commits()).length - before).toBe(1);
    expect(await file("answer.txt")).toBe(`${what}\n`);
  });

  test("GIVEN a script that fails half-way WHEN the job runs THEN it fails with that code and nothing is pushed", async () => {
    const before = await branches();
    const run = await push({ script: ["echo half > half.txt", "sh -c 'exit 7'", "echo whole > half.txt"] });
    expect(run.said).toEqual(["the script ended with exit code 7, nothing was pushed"]);
    expect(run.code).toBe(1);
    expect(run.log).toMatch(/FAIL 7/);
    expect(await branches()).toEqual(before);
  });

  test("GIVEN a job that is cancelled WHEN it is in its script THEN it ends, pushes nothing and leaves nothing", async () => {
    const before = await branches();
    const running = await jobs.start({ ci: including({ script: ["echo on-the-way", "sleep 30", "echo y > y.txt"] }) });
    while (!running.log().includes("> on-the-way")) await sleep(20);
    process.kill(-running.process.pid!, "SIGTERM");
    const run = await running.ended;
    // gitlab-ci-local ends at once; the job's shells end after their traps.
    while ((await processesWith(run.folder)).length > 0) await sleep(20);
    // It may still hear what the first of them says.
    expect([[], ["the script ended with exit code 143, nothing was pushed"]]).toContainEqual(run.said);
    expect(leftBehind(run)).toEqual([]);
    expect(await branches()).toEqual(before);
  });

  test("GIVEN Git that rewrites the server's addresses to the job token WHEN the job runs THEN it still pushes as the bot", async () => {
    const { host } = new URL(deployment.sandbox.url);
    const variables = {
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: `url.http://gitlab-ci-token:glcbt-1@${host}/.insteadOf`,
      GIT_CONFIG_VALUE_0: `http://${host}/`,
    };
    expect((await push({ script: ["echo r > rewritten.txt"] }, { variables })).code).toBe(0);
  });

  test("GIVEN every kind of tracing WHEN the job runs THEN the token is in no trace, no argument and no file", async () => {
    const authority = path.join(jobs.directory, "authority.pem");
    writeFileSync(authority, "");
    const trace = { GIT_TRACE: "1", GIT_TRACE2: "1", GIT_TRACE_CURL: "1", CI_SERVER_TLS_CA_FILE: authority };
    const ci = including(
      { script: ["git config --list --local", "echo z > z.txt"] },
      { push: { before_script: ["set -x"] } },
    );
    const run = await push({}, { ci, variables: trace });
    expect(run.code).toBe(0);
    expect(run.log).toContain("++ pusher_check_token");
    expect(run.log).toContain("git remote-http origin http://gitlab-ci-token@127.0.0.1");
    expect(run.log).toContain(`http.sslcainfo=${authority}`);
    expect(run.log).toMatch(/credential\.http:\/\/127\.0\.0\.1:\d+\.helper=!f\(\)/);
  });
});

test("GIVEN a login as HTTP sends it WHEN a token is searched for THEN it is found in any form", () => {
  const header = Buffer.from(`gitlab-ci-token:${token}`).toString("base64");
  for (const text of [token, encodeURIComponent(`${token}/`), header, Buffer.from(`x${token}`).toString("base64url")]) {
    expect(formsOf(token).some((form) => text.includes(form))).toBe(true);
  }
});

describe("a push job explains itself before it does anything", () => {
  beforeAll(async () => {
    const shop = "/projects/xlink%2Fshop/variables";
    await deployment.api.post(shop, {
      key: "SCOPED_TOKEN",
      value: token,
      masked: true,
      environment_scope: "production",
    });
    await deployment.api.post("/projects/xlink%2Fgitops/merge_requests", {
      source_branch: "feature",
      target_branch: "main",
      title: "x",
    });
  });

  const always = [{ when: "always" }];
  const scoped = { variable: "SCOPED_TOKEN", target: "xlink/gitops" };
  test.each<[string, string, Partial<JobOrder>, Record<string, unknown>]>([
    [
      "an unprotected branch",
      `${KEY} is empty: 'feature' is not protected, and a protected variable exists on protected branches and tags only. Protect it, or run the job on a protected branch [empty-unprotected]`,
      { ref: "feature" },
      {},
    ],
    [
      "a merge request pipeline",
      `${KEY} is empty: this is a merge request pipeline, which gets a protected variable only where the project allows it and both branches are protected. Run the job in branch pipelines [empty-merge-request]`,
      { ref: "feature", pipeline: { merge_request: true } },
      { rules: always },
    ],
    [
      "a variable of another environment",
      "SCOPED_TOKEN is empty: no variable of that key has an environment scope that matches this job's environment 'staging' [empty-environment]",
      { project: "xlink/shop", pipeline: { environment: "staging" } },
      scoped,
    ],
    [
      "a job without environment",
      "SCOPED_TOKEN is empty: neither xlink/shop nor a group above it has a variable of that key, or its environment scope is not * and this job has no environment [empty-missing]",
      { project: "xlink/shop" },
      scoped,
    ],
    [
      "a variable that names another",
      `${KEY} holds the name of a variable, not a token: a variables: block sets it from one that this job does not get. Take that line out [holds-reference]`,
      { variables: { [KEY]: "$SOME_TOKEN" } },
      {},
    ],
    [
      "a variable of type File",
      `${KEY} holds a path: the variable is of type File. Its type must be Variable [holds-path]`,
      { variables: { [KEY]: "/builds/xlink/gitops.tmp/GITLAB_PUSHER_TOKEN" } },
      {},
    ],
    [
      "a value with a line break",
      `${KEY} holds blanks or line breaks, which no token has. Set the value again [holds-blanks]`,
      { variables: { [KEY]: "glpat-0123456789abcdefghij\n" } },
      {},
    ],
    ["an image without git", "the image of this job has no git [no-git]", { variables: { BASH_ENV: "no-git" } }, {}],
  ])("GIVEN %s WHEN the job runs THEN it says so in one line", async (_what, said, order, inputs) => {
    const variables = order.variables?.BASH_ENV === "no-git" ? withoutGit() : order.variables;
    const run = await push({ script: ["echo never"], ...inputs }, { ...order, variables });
    expect(run.said).toEqual([said, expect.stringContaining("npx gitlab-ci-pusher doctor --job-log FILE")]);
    expect(run.code).toBe(1);
    expect(run.log).not.toContain("> never");
  });

  /** In the job's own shell `command -v git` finds nothing. */
  function withoutGit(): Record<string, string> {
    jobs.provide("no-git.sh", 'command() { [ "$2" != git ] && builtin command "$@"; }\n');
    return { BASH_ENV: path.join(jobs.directory, "bin/no-git.sh") };
  }

  test("GIVEN a variable set from the job token WHEN the job runs THEN it says so", async () => {
    const ci = including({ script: ["echo never"] }, { push: { before_script: [`export ${KEY}="$CI_JOB_TOKEN"`] } });
    expect((await push({}, { ci })).said[0]).toBe(
      `${KEY} holds the job token, which may not push. Take out the variables: line that sets it [holds-job-token]`,
    );
  });

  test("GIVEN a variable of the job's environment WHEN the job runs THEN it pushes", async () => {
    const order = { project: "xlink/shop", pipeline: { environment: "production" } };
    expect((await push({ ...scoped, script: ["date > date.txt; echo $CI_JOB_ID > scoped.txt"] }, order)).code).toBe(0);
  });
});

describe("a push job that is refused names the cause in one line, and tries once", () => {
  async function tokenWith(accessLevel: number, scopes: string[]): Promise<string> {
    const body = { name: "t", access_level: accessLevel, scopes, expires_at: "2100-09-01" };
    return (await deployment.api.post("/projects/xlink%2Fgitops/access_tokens", body)).body.token;
  }

  test.each<[string, string, Record<string, unknown>, () => Promise<Partial<JobOrder>>]>([
    [
      "an expired token",
      `the token in ${KEY} is expired, revoked or mistyped, or belongs to a project other than xlink/gitops [token-refused]`,
      {},
      async () => {
        const order = { variables: { [KEY]: token } };
        await deployment.setDay("2100-06-01");
        return order;
      },
    ],
    [
      "a token of another project",
      `the token in ${KEY} is expired, revoked or mistyped, or belongs to a project other than target/project [token-refused]`,
      { target: "target/project" },
      async () => ({}),
    ],
    [
      "a role that is too low",
      "the token's role in xlink/gitops is below Developer [token-role]",
      {},
      async () => ({ variables: { [KEY]: await tokenWith(20, ["write_repository"]) } }),
    ],
    [
      "a scope that is too small",
      `the token in ${KEY} lacks the scope write_repository [token-scope]`,
      {},
      async () => ({ variables: { [KEY]: await tokenWith(30, ["read_repository"]) } }),
    ],
    [
      "a project that does not exist",
      "there is no project xlink/nowhere, or the token's bot is no member of it [project-not-found]",
      { target: "xlink/nowhere" },
      async () => ({}),
    ],
    [
      "a branch that does not exist",
      "xlink/gitops has no branch 'nowhere' [no-remote-ref]",
      { branch: "nowhere" },
      async () => ({}),
    ],
    [
      "a branch rule",
      "no branch rule that matches 'production' lets the token's role push. The most permissive matching rule decides [branch-denied]",
      { branch: "production" },
      async () => ({}),
    ],
  ])("GIVEN %s WHEN the job pushes THEN it fails with that cause", async (_what, cause, inputs, prepare) => {
    const before = await branches();
    const order = await prepare();
    try {
      const run = await push({ script: ["echo $CI_JOB_ID > refused.txt"], ...inputs }, order);
      expect(run.said).toEqual([
        `refused: ${cause}`,
        expect.stringContaining("npx gitlab-ci-pusher doctor --job-log FILE"),
      ]);
      expect(run.code).toBe(1);
      expect(await branches()).toEqual(before);
    } finally {
      await deployment.api.control("PUT", "clock", { reset: true });
    }
  });
});

describe("GIVEN texts of others with the name of a secret variable in them, which GitLab expands", () => {
  const SCRIPT = ["echo $CI_JOB_ID > told.txt"];
  const TITLE = `Fix $${KEY} and \${CI_JOB_TOKEN}`;
  beforeAll(async () => {
    const run = await push({ script: ["echo x > titled.txt", `git add . && git commit -qm '${TITLE}'`] });
    expect([run.code, (await commits())[0]!.message.trim()]).toEqual([0, TITLE]);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["the title in the message", { message: "x: $CI_COMMIT_TITLE" }, "message names CI_COMMIT_TITLE, whose words"],
    ["the same in braces", { message: "x: ${CI_COMMIT_MESSAGE}" }, "message names CI_COMMIT_MESSAGE, whose words"],
    ["the user's name as the author", { name: "$GITLAB_USER_NAME" }, "name names GITLAB_USER_NAME, whose words"],
  ])("WHEN the inputs have %s THEN the job is refused, and no secret is anywhere", async (_, inputs, cause) => {
    const before = await branches();
    const run = await push({ script: SCRIPT, ...inputs }, { expanded: true });
    expect(run.said[0]).toMatch(new RegExp(`^${cause}`));
    expect([run.code, await branches()]).toEqual([1, before]);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["message", { message: `x $TITLE` }, "message holds the value of a secret"],
    ["name", { name: `$${KEY}` }, "name holds the value of a secret"],
    ["email", { email: "$CI_JOB_TOKEN@x.io" }, "email holds the value of a secret"],
    ["branch", { branch: `x-$${KEY}` }, "branch holds the value of a secret"],
    ["target", { target: `a/$${KEY}` }, "target holds the value of a secret"],
  ])(
    "WHEN one came into the %s by a detour THEN the job is refused, and no secret is anywhere",
    async (_, inputs, cause) => {
      const ci = including({ script: SCRIPT, ...inputs }, { variables: { TITLE: "$CI_COMMIT_TITLE" } });
      const before = await branches();
      const run = await push({}, { expanded: true, ci });
      expect(run.said[0]).toMatch(new RegExp(`^${cause}`));
      expect([run.code, await branches()]).toEqual([1, before]);
    },
  );

  test("WHEN the script takes the title from Git THEN the commit has it letter for letter", async () => {
    const script = [...SCRIPT, 'git add . && git commit -qm "$(git -C "$CI_PROJECT_DIR" log -1 --format=%s)"'];
    const run = await push({ script }, { expanded: true });
    expect([run.code, (await commits())[0]!.message.trim()]).toEqual([0, TITLE]);
  });
});

describe("the template as GitLab reads it", () => {
  const lint = async (content: string) =>
    (await deployment.api.post("/projects/xlink%2Fgitops/ci/lint", { content, include_jobs: true })).body;

  test("GIVEN inputs full of quotes and brackets WHEN they are inserted as text THEN the job holds them unchanged", async () => {
    const message = `[auto ci] "it's": {x} # \\n $CI_JOB_ID`;
    const script = ['echo "a: b" # c', "cat <<'EOF'\n  [x]\nEOF"];
    const body = await lint(
      including({ script, message, job: "bump tag", retries: 2 }, { "bump tag": { tags: ["linux"] } }),
    );
    expect(body).toMatchObject({ valid: true, errors: [] });
    const job = parse(body.merged_yaml)["bump tag"];
    expect(job).toMatchObject({
      stage: "deploy",
      image: { name: "docker.io/alpine/git:v2.54.0", entrypoint: [""] },
      rules: [{ if: "$CI_COMMIT_BRANCH" }],
      tags: ["linux"],
      variables: { PUSHER_MESSAGE: message, PUSHER_TARGET: "$CI_PROJECT_PATH", PUSHER_RETRIES: "2" },
    });
    expect(job.script[2]).toEqual(script);
  });

  test.each([
    [{}, "`templates/push.yml`: `script` input: required value has not been provided"],
    [{ script: "x" }, "`templates/push.yml`: `script` input: provided value is not an array"],
    [
      { script: [], variable: "MY-TOKEN" },
      "`templates/push.yml`: `variable` input: provided value does not match required RegEx pattern",
    ],
    [{ script: [], brnach: "x" }, "`templates/push.yml`: unknown input arguments: brnach"],
  ])("GIVEN the inputs %j WHEN it is linted THEN it is refused", async (inputs, error) => {
    expect(await lint(including(inputs))).toMatchObject({ valid: false, errors: [error] });
  });

  test("GIVEN a plain sh WHEN the job's script runs in it THEN it pushes", async () => {
    const job = await deployment.job("xlink/gitops");
    const inputs = { script: ['echo "$CI_JOB_ID" > sh.txt'], target: "xlink/gitops", branch: "main", message: "sh" };
    const { script, variables } = parse((await lint(including(inputs))).merged_yaml).push;
    const env = {
      ...job.variables,
      ...variables,
      PUSHER_EMAIL: "sh@example.com",
      PATH: process.env.PATH,
      HOME: jobs.directory,
      TMPDIR: jobs.directory,
    };
    const log = await new Promise<string>((resolve, reject) => {
      const shell = execFile("sh", ["-e"], { env, cwd: jobs.directory }, (error, _stdout, stderr) =>
        error ? reject(error) : resolve(stderr),
      );
      shell.stdin?.end(script.flat(10).join("\n"));
    });
    expect(log).toMatch(/^push: pushed [0-9a-f]{40} to 'main' of xlink\/gitops$/m);
    expect(await file("sh.txt")).toBe(`${job.id}\n`);
  });
});

describe("the articles' jobs, as written but for the scheme and the port", () => {
  test("GIVEN `gitlab-ci-token:` in the remote WHEN the first article's job runs THEN it pushes, and the token stays in .git/config", async () => {
    const ci = `
.unstable_branch_job: { interruptible: true }
deploy:
  stage: deploy
  extends: .unstable_branch_job
  script:
    - echo "Deploying to $TARGET_ENV with $APP_IMAGE for $APP_NAME"
    - |
      # Configure Git to use the new token
      git remote set-url origin "http://gitlab-ci-token:\${GITLAB_PUSHER_TOKEN}@\${CI_SERVER_HOST}:\${CI_SERVER_PORT}/\${CI_PROJECT_PATH}.git"
      cd manifests/overlays/$TARGET_ENV/ && kustomize edit set image $APP_NAME=$APP_IMAGE
      git config --local user.name "GitLab Runner"
      git config --local user.email "runner@example.com"
      git commit -am "[auto ci] Update $APP_NAME image to $APP_IMAGE"
      git push origin "HEAD:$CI_COMMIT_REF_NAME"
  environment:
    name: $TARGET_ENV
`;
    const variables = { TARGET_ENV: "staging", APP_NAME: "shop", APP_IMAGE: "r/shop:9" };
    const run = await jobs.run({ ci, name: "deploy", variables, validate: true });
    expect(run).toMatchObject({ code: 0, log: expect.stringContaining("HEAD -> main") });
    expect(await file(OVERLAY)).toBe("images: [{name: shop, newName: r/shop, newTag: 9}]\n");
    expect((await commits())[0]).toMatchObject({ title: "[auto ci] Update shop image to r/shop:9" });
    expect(leaks(run)).toEqual([path.join("checkout", ".git", "config")]);
  });

  test("GIVEN `oauth2:` in a remote of its own WHEN the second article's job runs THEN it pushes to the target project", async () => {
    await deployment.api.post("/projects/xlink%2Fshop/repository/commits", {
      branch: "main",
      commit_message: "new",
      actions: [{ action: "create", file_path: "new.txt", content: "new\n" }],
    });
    const ci = `
deploy_job:
  stage: deploy
  script:
    - git remote add deploy "http://oauth2:\${GITLAB_ACCESS_TOKEN}@127.0.0.1:${new URL(deployment.sandbox.url).port}/target/project.git"
    - git push deploy HEAD:main
  only:
    - main
`;
    const { body } = await deployment.api.post("/projects/target%2Fproject/access_tokens", {
      name: "ci-deploy-token",
      access_level: 40,
      scopes: ["write_repository"],
      expires_at: "2100-06-01",
    });
    const run = await jobs.run({
      ci,
      name: "deploy_job",
      project: "xlink/shop",
      variables: { GITLAB_ACCESS_TOKEN: body.token },
      validate: true,
    });
    expect(run).toMatchObject({ code: 0, log: expect.stringContaining("HEAD -> main") });
    expect(await file("new.txt", "main", "target/project")).toBe("new\n");
    expect(leaks(run, body.token)).toEqual([path.join("checkout", ".git", "config")]);
  });

  test("GIVEN git's own trace WHEN the second article's job runs THEN the token is in the log", async () => {
    const ci =
      'deploy_job: {script: ["git remote add deploy \\"$CI_SERVER_PROTOCOL://oauth2:${GITLAB_PUSHER_TOKEN}@$CI_SERVER_FQDN/xlink/gitops.git\\"", "git ls-remote deploy"]}';
    const run = await jobs.run({ ci, name: "deploy_job", variables: { GIT_TRACE: "1" } });
    expect(leaks(run)).toContain("the log");
  });
});
