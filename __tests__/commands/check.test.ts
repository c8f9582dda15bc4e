import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { LEFT_OUT } from "../../state/left-out-states";
import { type PusherRun, pusher } from "../support/pusher-run";
import { SWC_NODE } from "../support/swc-node";
import { outdir } from "../support/synth";

const MAIN = path.join(__dirname, "../../main.ts");
const MAIN_APP = [...SWC_NODE, MAIN].map((word) => `"${word}"`).join(" ");
const NOW = new Date("2030-01-10T12:00:00Z");
const CREDENTIALS = {
  GITLAB_BASE_URL: "http://127.0.0.1:1",
  GITLAB_TOKEN: "glpat-SecretSecretSecret",
  TF_HTTP_USERNAME: "olga",
  TF_HTTP_PASSWORD: "glpat-SecretSecretSecret",
};
/** An app of one stack with these warnings, which leaves the names in its environment. */
const app = (...warnings: string[]): string => `
const fs = require("node:fs");
const out = process.env.CDKTF_OUTDIR;
fs.writeFileSync("environment", Object.keys(process.env).join(" "));
fs.mkdirSync(out + "/stacks/ops", { recursive: true });
fs.writeFileSync(out + "/stacks/ops/cdk.tf.json", "{}");
const annotations = ${JSON.stringify(warnings)}.map((message) => ({ level: "@cdktf/warn", message }));
const ops = { name: "ops", constructPath: "ops", synthesizedStackPath: "stacks/ops/cdk.tf.json", dependencies: [], annotations };
fs.writeFileSync(out + "/manifest.json", JSON.stringify({ stacks: { ops } }));
`;
/** Dates that stay in the future for tokens that live long. */
const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const GITOPS = `edition: free
pushers:
  gitops: {target: xlink/gitops, token: {expires: [${day(300)}, ${day(150)}]}, branches: {main: {push: developer}}}
`;

let root: string;
beforeEach(() => {
  root = outdir();
  mkdirSync(path.join(root, "tmp"));
  mkdirSync(path.join(root, "pushers"));
  write("pushers/ops.yaml", GITOPS);
  write("cdktf.json", JSON.stringify({ app: "node app.js" }));
  write("app.js", app());
});

const write = (name: string, text: string) => writeFileSync(path.join(root, name), text);

async function check(options: readonly string[] = [], environment: NodeJS.ProcessEnv = {}): Promise<PusherRun> {
  const [cwd, before] = [process.cwd(), process.env];
  process.chdir(root);
  const { PATH } = before;
  process.env = {
    PATH,
    NODE_OPTIONS: before.NODE_OPTIONS,
    TYPESCRIPT_CACHE: before.TYPESCRIPT_CACHE,
    TMPDIR: path.join(root, "tmp"),
    TERRAFORM_BINARY_NAME: "none",
    ...environment,
  };
  try {
    return await pusher(["check", ...options], NOW);
  } finally {
    process.chdir(cwd);
    process.env = before;
  }
}

describe("gitlab-ci-pusher check", () => {
  test("GIVEN an inventory in order THEN it says how much of it there is, and leaves nothing behind", async () => {
    const said = "In order: 1 stack, 1 pusher, 0 warnings.\n";
    expect(await check()).toEqual({ code: 0, stdout: said, stderr: "" });
    expect(JSON.parse((await check(["--json"])).stdout)).toEqual({
      stacks: [{ stack: "ops", pushers: 1, warnings: [] }],
    });
    expect(readdirSync(path.join(root, "tmp"))).toEqual([]);
    expect(readdirSync(root)).not.toContain("cdktf.out");
  });

  test.each([
    ["the app of the inventory", MAIN_APP],
    ["an app of its own, which only copies it", "node app.js"],
  ])("GIVEN a lock file with a merge's markers, and %s THEN file, line and cure are told", async (_, command) => {
    write(".terraform.lock.hcl", "# a comment\n<<<<<<< HEAD\n");
    write("app.js", `${app()}fs.cpSync(".terraform.lock.hcl", out + "/stacks/ops/.terraform.lock.hcl");`);
    write("cdktf.json", JSON.stringify({ app: command }));
    const { code, stderr } = await check();
    expect([code, stderr]).toEqual([2, expect.stringMatching(/\.terraform\.lock\.hcl:2:1: got a conflict marker/)]);
  });

  test("GIVEN mistakes in several files THEN all of them are said, and the app is not run", async () => {
    write("pushers/ops.yaml", GITOPS.replace("edition: free", "edition: gold"));
    write("pushers/shop.yaml", "pushers: 1\n");
    const { code, stdout, stderr } = await check();
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/ops\.yaml:1:.*\n[\s\S]*shop\.yaml:1:/);
    expect(readdirSync(root)).not.toContain("environment");
    const forPrograms = await check(["--json"]);
    expect(forPrograms).toMatchObject({ code: 2, stderr });
    const { problems } = JSON.parse(forPrograms.stdout);
    expect(problems[0]).toEqual({
      message: 'pushers/ops.yaml:1:1: edition: got "gold"; allowed: free, premium; fix: write premium',
      ...{ file: "pushers/ops.yaml", line: 1, column: 1, at: "edition", construct: null, of: null, where: null },
      ...{ got: '"gold"', allowed: "free, premium", fix: "write premium" },
    });
    expect(problems.at(-1)).toMatchObject({ file: "pushers/shop.yaml", at: "pushers", fix: expect.any(String) });
  });

  test("GIVEN main.ts and what only a synth finds THEN programs get that in parts too", async () => {
    write("cdktf.json", JSON.stringify({ app: MAIN_APP }));
    write("pushers/ops.yaml", GITOPS.replace("{main:", "{'ma*': {push: maintainer}, 'm*': {push: developer}, main:"));
    const { code, stdout, stderr } = await check(["--json"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("[ops/gitops/")]);
    const { problems } = JSON.parse(stdout);
    expect(problems.length).toBeGreaterThan(0);
    for (const { message, file, line, construct, got, allowed, fix } of problems) {
      expect([file, line, construct]).toEqual(["pushers/ops.yaml", 3, expect.stringMatching(/^ops\/gitops\//)]);
      expect(message).toMatch(new RegExp(`\\[${construct}\\] got`.replace("*", ".")));
      expect(message).toContain(`got ${got}; allowed: ${allowed}; fix: ${fix}`);
    }
  });

  test("GIVEN credentials THEN the app gets none of them", async () => {
    expect(await check([], { ...CREDENTIALS, SHOWN: "1" })).toMatchObject({ code: 0 });
    const got = readFileSync(path.join(root, "environment"), "utf8").split(" ");
    expect(got).toEqual(expect.arrayContaining(["SHOWN", "GITLAB_BASE_URL"]));
    for (const name of ["GITLAB_TOKEN", "TF_HTTP_USERNAME", "TF_HTTP_PASSWORD"]) expect(got).not.toContain(name);
  });

  test("GIVEN warnings THEN they are told, but for those of states that it does not read, and fail it on demand", async () => {
    write("app.js", app("the token \u001b[2Kexpires", LEFT_OUT));
    const said = "Warning of ops: the token [2Kexpires\nIn order: 1 stack, 1 pusher, 1 warning.\n";
    expect(await check()).toMatchObject({ code: 0, stdout: said });
    expect(await check(["--fail-on-warnings"])).toMatchObject({ code: 1, stdout: said });
  });

  test.each([
    ["refuses the inventory", "console.error('so not'); process.exit(1)", 2, /^the synth failed.*:\nso not\n$/],
    ["has a defect", "console.error('a trace'); process.exit(70)", 70, /a trace\n$/],
  ])("GIVEN an app that %s THEN what it says is said", async (_, text, code, said) => {
    write("app.js", text);
    expect(await check()).toEqual({ code, stdout: "", stderr: expect.stringMatching(said) });
    const { stdout, stderr } = await check(["--json"]);
    const problems = [expect.objectContaining({ message: stderr.trimEnd(), file: null, got: null })];
    expect(JSON.parse(stdout)).toEqual({ problems });
  });

  test("GIVEN an app that says megabytes and then why it fails THEN the reason is said, and not the megabytes", async () => {
    write(
      "app.js",
      `for (let i = 0; i < 30_000; i++) console.log(i + "x".repeat(99));\nconsole.error("so not");\nprocess.exitCode = 1;`,
    );
    const { code, stderr } = await check();
    expect(code).toBe(2);
    expect(stderr).toMatch(/^\[some \d{7} characters are left out here\]$/m);
    expect(stderr).toMatch(/^29999x+\nso not\n$/m);
  });

  test("GIVEN an app without an inventory THEN its stacks are counted", async () => {
    rmSync(path.join(root, "pushers"), { recursive: true });
    const { code, stdout } = await check(["--json"]);
    expect([code, JSON.parse(stdout)]).toEqual([0, { stacks: [{ stack: "ops", pushers: null, warnings: [] }] }]);
  });

  test.each([
    ["a state in GitLab, and no address", { state: "gitlab", stateProject: "ops/pushers" }, {}],
    ["a state in GitLab that cannot be reached", { state: "gitlab", stateProject: "ops/pushers" }, CREDENTIALS],
    ["a local state that is cut off", {}, CREDENTIALS],
  ])("GIVEN main.ts and %s THEN it is in order: no state is read", async (_, context, environment) => {
    write("cdktf.json", JSON.stringify({ app: MAIN_APP, context }));
    mkdirSync(path.join(root, ".state"), { mode: 0o700 });
    write(".state/ops.tfstate", '{"version": 4, "resou');
    expect(await check([], environment)).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^In order: /m),
      stderr: "",
    });
  });

  test("GIVEN an app that ends well and writes no stacks, or a context that is no JSON, THEN that is said", async () => {
    write("app.js", 'console.log("glpat-SecretSecretSecret")');
    const none = await check();
    expect(none).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("(the app ended well, and wrote no stacks)"),
    });
    expect(none.stderr).not.toContain("Secret");
    const context = await check([], { CDKTF_CONTEXT_JSON: "{bad" });
    expect(context).toMatchObject({ code: 2, stderr: expect.stringContaining("CDKTF_CONTEXT_JSON that is no JSON") });
  });
});
