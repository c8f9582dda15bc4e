import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { devNull } from "node:os";
import * as path from "node:path";
import { inWords } from "../../gitlab/placed-problem";
import type { Problem } from "../../gitlab/problem";
import { type ChangeParts, planJson, tokenChange } from "../support/plan-json";
import { type PusherRun, pusher } from "../support/pusher-run";
import { outdir } from "../support/synth";

/** An app of one stack without anything in it. */
const APP = `
const fs = require("node:fs");
const out = process.env.CDKTF_OUTDIR;
fs.mkdirSync(out + "/stacks/ops", { recursive: true });
fs.writeFileSync(out + "/stacks/ops/cdk.tf.json", "{}");
const ops = { name: "ops", constructPath: "ops", synthesizedStackPath: "stacks/ops/cdk.tf.json", dependencies: [], annotations: [] };
fs.writeFileSync(out + "/manifest.json", JSON.stringify({ stacks: { ops } }));
`;
const SHIM = path.join(__dirname, "..", "..", "bin", "gitlab-ci-pusher.js");
const NOBODY = { GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: "1" };
const NOW = new Date("2030-01-10T12:00:00Z");

let root: string;
beforeEach(() => {
  root = path.join(outdir(), "ops repo");
  mkdirSync(path.join(root, "tmp"), { recursive: true });
  write("cdktf.json", JSON.stringify({ app: "node app.js" }));
  write("app.js", APP);
});

const write = (name: string, text: string) => writeFileSync(path.join(root, name), text, { mode: 0o755 });
const git = (...args: string[]) => execFileSync("git", args, { cwd: root });
/** A Terraform that fails with these words. */
const terraform = (said: string) => write("terraform", `${VERSION}echo '${said}' >&2\nexit 1\n`);
const VERSION = `#!/bin/sh\n[ "$1" != version ] || exec echo "Terraform v1.11.4"\n`;

const run = (...args: string[]) => runWith({}, ...args);

async function runWith(environment: NodeJS.ProcessEnv, ...args: string[]): Promise<PusherRun> {
  const [cwd, before] = [process.cwd(), process.env];
  process.chdir(root);
  const TERRAFORM_BINARY_NAME = path.join(root, "terraform");
  process.env = { PATH: before.PATH, TMPDIR: path.join(root, "tmp"), TERRAFORM_BINARY_NAME, ...environment };
  try {
    return await pusher(args, NOW);
  } finally {
    process.chdir(cwd);
    process.env = before;
  }
}

describe("gitlab-ci-pusher review and deploy, wrongly used", () => {
  const lacking = "take every stack: `npx gitlab-ci-pusher review --all`, `npx gitlab-ci-pusher deploy` without --base";

  test.each<[string, string[], () => unknown, string | RegExp]>([
    ["a file as --out", ["review", "--out", "app.js"], () => {}, 'got EEXIST at --out "app.js"; allowed: a folder'],
    ["an empty --out", ["review", "--out", ""], () => {}, 'got ENOENT at --out ""; allowed: a folder'],
    [
      "a cdktf.json that is no JSON",
      ["review", "--all"],
      () => write("cdktf.json", "{"),
      /^got .*cdktf\.json, which cannot be read \(.+\); allowed: JSON; fix/,
    ],
    [
      "a cdktf.json without an app",
      ["deploy"],
      () => write("cdktf.json", "{}"),
      /^got no app in .*cdktf\.json; allowed: .*; fix: run the command in the ops repository/,
    ],
    [
      "an app that refuses the inventory",
      ["deploy"],
      () => write("app.js", 'process.exitCode = 1; console.error("1 problem, nothing was changed:\\n  x");'),
      "the synth failed:\n1 problem, nothing was changed:\n  x\n",
    ],
    [
      "an app that breaks",
      ["review", "--all"],
      () => write("app.js", 'process.exitCode = 1; console.error("boom");'),
      "the synth failed, nothing was changed:\nboom\n",
    ],
    [
      "a clone in which nobody ran npm install",
      ["deploy"],
      () => write("app.js", 'require("not-installed/register");'),
      /\ngot .*ops repo, where "not-installed\/register" is not installed; allowed: .*; fix: npm install there/,
    ],
    [
      "a folder without Git",
      ["review"],
      () => {},
      `in no Git repository; allowed: a clone, and git on PATH, to tell what changed; fix: ${lacking}`,
    ],
    [
      "a revision that is not there",
      ["deploy", "--base", "nope"],
      () => git("init", "--quiet"),
      `got the revision "nope", which is not in this clone; allowed: a commit, branch or tag; fix: fetch it (GIT_DEPTH: 0 in a pipeline), or ${lacking}`,
    ],
    [
      "no Terraform",
      ["review", "--all"],
      () => {},
      /^got TERRAFORM_BINARY_NAME=.*, which is no program here; allowed: .*; fix: put one of them on PATH/,
    ],
    [
      "a state without credentials",
      ["deploy"],
      () => terraform("Error refreshing state: HTTP remote\n state endpoint requires auth"),
      /requires auth\nFix: export TF_HTTP_USERNAME and TF_HTTP_PASSWORD, and check GITLAB_BASE_URL/,
    ],
    [
      "a state that cannot be reached",
      ["review", "--all"],
      () => terraform("Error refreshing state: Failed to get state: GET http://x: connection refused"),
      /connection refused\nFix: export TF_HTTP_USERNAME and/,
    ],
    [
      "a state of provider 19 whose lock file is gone",
      ["review", "--all"],
      () => terraform("Error: Resource instance managed by newer\n provider version"),
      /provider version\nFix: let \.terraform\.lock\.hcl be the one .*, or write "provider": 19/,
    ],
    [
      "a Terraform that fails otherwise",
      ["review", "--all"],
      () => terraform("no such option"),
      /^terraform init of ops failed, nothing was changed:\nno such option\n$/,
    ],
  ])("GIVEN %s THEN it says what to do, and leaves nothing", async (_, args, given, message) => {
    given();
    const before = readdirSync(root);
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    if (typeof message === "string") expect(stderr).toContain(message);
    else expect(stderr).toMatch(message);
    // AND programs get one line of JSON, which says no less
    const forPrograms = await run(...args, "--json");
    expect(forPrograms).toMatchObject({ code: 2, stdout: expect.stringMatching(/^[^\n]+\n$/) });
    const { problems } = JSON.parse(forPrograms.stdout);
    expect(problems.map((problem: { message: string }) => problem.message)).toEqual([
      expect.stringContaining(stderr.slice(stderr.indexOf("got ")).trimEnd()),
    ]);
    expect(readdirSync(root)).toEqual(before);
    expect(readdirSync(path.join(root, "tmp"))).toEqual([]);
  });
});

describe("a plan that no deploy may have, for programs", () => {
  /** A Terraform that plans this. */
  function planning(change: ChangeParts): void {
    write("plan.json", planJson({ changes: [change] }));
    write("terraform", `${VERSION}case $1 in plan) exit 2 ;; show) cat '${path.join(root, "plan.json")}' ;; esac\n`);
  }
  const ended = async (...args: string[]) => {
    const { code: exit, stdout } = await run(...args, "--json");
    return { exit, ...(JSON.parse(stdout) as { readonly digest: string; readonly problem: Problem }) };
  };

  test("GIVEN something that no review knows THEN review and deploy say in parts why it is refused", async () => {
    planning({ address: "null_resource.other", actions: ["create"] });
    const said = {
      got: "what this tool does not review (`null_resource.other` of ops)",
      allowed: "tokens, variables, rules of branches and tags, and what protects them from deletion",
      fix: "read the plan of `npx cdktf deploy`, and answer it",
    };
    const problem = { of: null, where: null, ...said };
    expect(await ended("review", "--all")).toMatchObject({ exit: 1, problem });
    expect(await ended("deploy")).toMatchObject({ exit: 1, deployed: [], problem, refused: inWords(said) });
  });

  test("GIVEN another plan than the one that was reviewed THEN both digests are in the parts", async () => {
    planning(tokenChange(["create"]));
    const reviewed = "0".repeat(64);
    const deploy = await ended("deploy", "--reviewed", reviewed);
    const problem = { got: `the digest ${deploy.digest}`, allowed: expect.stringContaining(reviewed) };
    expect(deploy).toMatchObject({ exit: 1, deployed: [], problem });
    expect(await ended("review", "--all", "--reviewed", reviewed)).toMatchObject({ exit: 1, problem: deploy.problem });
  });

  test("GIVEN a plan that may be deployed THEN there is no problem", async () => {
    planning(tokenChange(["create"]));
    expect(await ended("review", "--all")).toMatchObject({ exit: 0, problem: null });
    expect(await ended("deploy")).toMatchObject({ exit: 0, deployed: ["ops"], refused: null, problem: null });
  });
});

describe("the GitLab that the operator's token goes to", () => {
  const GITLAB_TOKEN = "glpat-SecretSecretSecret";
  const app = (text: string) => write("app.js", `${text};${APP}`);

  test.each([["review", "--all"], ["deploy"], ["providers", "lock"]])(
    "GIVEN none THEN pusher %s starts nothing that could send it to gitlab.com",
    async (...args) => {
      app('require("node:fs").writeFileSync("started", "")');
      const { code, stderr } = await runWith({ GITLAB_TOKEN, GITLAB_BASE_URL: "" }, ...args);
      expect([code, stderr]).toEqual([2, expect.stringMatching(/^got GITLAB_TOKEN without the address .*\n$/)]);
      expect(readdirSync(root)).not.toContain("started");
    },
  );

  test.each([["review", "--all"], ["deploy"]])(
    "GIVEN a job of a GitLab THEN the app and the Terraform of pusher %s are told its address",
    async (...args) => {
      app('require("node:fs").writeFileSync("told", process.env.GITLAB_BASE_URL)');
      write("terraform", `${VERSION}echo "terraform: $GITLAB_BASE_URL" >&2\nexit 1\n`);
      const { stderr } = await runWith({ GITLAB_TOKEN, CI_SERVER_URL: "https://git.example.com/gitlab" }, ...args);
      expect(stderr).toContain("terraform: https://git.example.com/gitlab\n");
      expect(readFileSync(path.join(root, "told"), "utf8")).toBe("https://git.example.com/gitlab");
    },
  );
});

describe("the Terraform that is run", () => {
  test.each([
    ["a tofu alone", {}],
    ["a terraform that is too old, and a tofu", { terraform: "Terraform v1.5.7" }],
  ])("GIVEN %s on PATH, and no word of it THEN that one is run, told to the app and named", async (_, others) => {
    mkdirSync(path.join(root, "bin"));
    for (const [name, said] of Object.entries(others)) write(`bin/${name}`, `#!/bin/sh\necho "${said}"\n`);
    write(
      "bin/tofu",
      '#!/bin/sh\n[ "$1" != version ] || exec echo "OpenTofu v1.10.6"\necho "no such option" >&2\nexit 1\n',
    );
    write("app.js", `require("node:fs").writeFileSync("told", process.env.TERRAFORM_BINARY_NAME);${APP}`);
    const PATH = [path.join(root, "bin"), path.dirname(process.execPath), "/bin"].join(path.delimiter);

    const { code, stderr } = await runWith({ PATH, TERRAFORM_BINARY_NAME: undefined }, "deploy");

    expect([code, stderr]).toEqual([2, "tofu init of ops failed, nothing was changed:\nno such option\n"]);
    expect(readFileSync(path.join(root, "told"), "utf8")).toBe(path.join(root, "bin/tofu"));
  });
});

describe("gitlab-ci-pusher review in a pre-commit hook", () => {
  test("GIVEN a commit of one file of two THEN that is what is committed, and the index is whole", () => {
    const TERRAFORM_BINARY_NAME = path.join(root, "tmp/terraform");
    write("tmp/terraform", VERSION);
    const commit = (...args: string[]) => {
      const env = { ...process.env, ...NOBODY, TMPDIR: path.join(root, "tmp"), TERRAFORM_BINARY_NAME };
      return execFileSync("git", ["-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", ...args], {
        cwd: root,
        env,
        stdio: ["ignore", "pipe", "pipe"],
      });
    };
    git("init", "--quiet");
    write(".gitignore", "tmp/\n");
    write("notes.txt", "one");
    git("add", ".");
    commit("--quiet", "--message=first");
    write(".git/hooks/pre-commit", `#!/bin/sh\nexec '${SHIM}' review --base HEAD --out tmp/review >tmp/said 2>&1\n`);
    write("notes.txt", "two");
    write("app.js", `${APP}\n// changed`);
    commit("--quiet", "--message=second", "notes.txt");
    expect(readFileSync(path.join(root, "tmp/said"), "utf8")).toMatch(/\w/);
    expect(readdirSync(path.join(root, "tmp/review"))).toContain("summary.md");
    expect(git("show", "--format=", "--name-status").toString()).toBe("M\tnotes.txt\n");
    expect(git("status", "--porcelain").toString()).toBe(" M app.js\n");
  });
});
