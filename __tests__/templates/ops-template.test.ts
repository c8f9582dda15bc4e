import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { GitlabCiLocal } from "../support/gitlab-ci-local";
import { outdir } from "../support/synth";

const ROOT = path.join(__dirname, "../..");
const TEMPLATE = readFileSync(path.join(ROOT, "templates/ops.yml"), "utf8");
const local = new GitlabCiLocal();
afterAll(() => local.close());

type Variables = Readonly<Record<string, string>>;

/** A repository with this project's `.gitlab-ci.yml`, or another one, and gitlab-ci-local in it. */
function repository(configuration = readFileSync(path.join(ROOT, ".gitlab-ci.yml"), "utf8")) {
  const folder = outdir();
  cpSync(path.join(ROOT, "templates"), path.join(folder, "templates"), { recursive: true });
  writeFileSync(path.join(folder, ".gitlab-ci.yml"), configuration);
  mkdirSync(path.join(folder, "bin"));
  writeFileSync(path.join(folder, "bin", "rsync"), "#!/bin/sh\n", { mode: 0o755 });
  const git = (...args: string[]) => execFileSync("git", args, { cwd: folder });
  git("init", "--quiet", "--initial-branch=main");
  git("remote", "add", "origin", "git@gitlab.example.com:ops/pushers.git");
  git("add", ".gitlab-ci.yml", "templates");
  // Whoever looks at the same file again need not hold it against GitLab's JSON Schema again.
  return async (mode: "--list-json" | "--preview", variables: Variables = {}, validate = true): Promise<string> => {
    const told = Object.entries(variables).flatMap(([key, value]) => ["--variable", `${key}=${value}`]);
    const args = [
      mode,
      `--json-schema-validation=${validate}`,
      "--ignore-predefined-vars",
      Object.keys(variables).join(","),
      ...told,
    ];
    const unset = variables.CI_COMMIT_BRANCH === undefined ? ["--unset-variable", "CI_COMMIT_BRANCH"] : [];
    const environment = { PATH: `${folder}/bin:${process.env.PATH}`, HOME: folder, NO_COLOR: "1" };
    const run = await local.run({ args: [...args, ...unset], cwd: folder, environment });
    if (run.code !== 0) throw new Error(run.output);
    return run.stdout;
  };
}

const MAIN = { CI_DEFAULT_BRANCH: "main" };
const MERGE_REQUEST = { ...MAIN, CI_PIPELINE_SOURCE: "merge_request_event" };
const PUSHED = { ...MAIN, CI_PIPELINE_SOURCE: "push", CI_COMMIT_BRANCH: "main" };
const SCHEDULED = { ...PUSHED, CI_PIPELINE_SOURCE: "schedule" };

describe("the ops repository's pipeline", () => {
  const run = repository();

  test.each<[string, Variables, Record<string, string>]>([
    [
      "a merge request",
      { ...MERGE_REQUEST, CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "main" },
      { test: "on_success", "plan: [1/1]": "on_success" },
    ],
    [
      "a merge request into another branch",
      { ...MERGE_REQUEST, CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "next" },
      { test: "on_success" },
    ],
    [
      "a push to the default branch",
      PUSHED,
      { test: "on_success", "plan: [1/1]": "on_success", "deploy: [1/1]": "manual" },
    ],
    [
      "such a push where deploys are automatic",
      { ...PUSHED, PUSHER_DEPLOY: "automatic" },
      { test: "on_success", "plan: [1/1]": "on_success", "deploy: [1/1]": "on_success" },
    ],
    [
      "a pipeline by hand, whose plan nobody has read yet",
      { ...PUSHED, CI_PIPELINE_SOURCE: "web", PUSHER_DEPLOY: "automatic" },
      { test: "on_success", "plan: [1/1]": "on_success", "deploy: [1/1]": "manual" },
    ],
    ["a schedule", SCHEDULED, { "drift: [1/1]": "on_success", expiry: "on_success", "deploy-token": "on_success" }],
    ["a schedule of another branch", { ...SCHEDULED, CI_COMMIT_BRANCH: "old" }, {}],
    ["a push to another branch", { ...PUSHED, CI_COMMIT_BRANCH: "feature", PUSHER_DEPLOY: "automatic" }, {}],
    ["a tag", { ...MAIN, CI_PIPELINE_SOURCE: "push", CI_COMMIT_TAG: "v1", PUSHER_DEPLOY: "automatic" }, {}],
  ])("GIVEN %s THEN it has these jobs", async (_, variables, jobs) => {
    const listed: { name: string; when: string }[] = JSON.parse(await run("--list-json", variables, false));
    const runs = listed.filter(({ when }) => when !== "never").map(({ name, when }) => [name, when]);
    expect(Object.fromEntries(runs)).toEqual(jobs);
  });

  test("GIVEN inputs THEN images, scripts, dates and the number of jobs are theirs, as GitLab's JSON Schema has it", async () => {
    const inputs = {
      image: "r/node@sha256:1",
      install: ["a", "b"],
      test: ["c"],
      jobs: 3,
      due: "60d",
      "fail-under": "7d",
    };
    const preview = repository(JSON.stringify({ include: [{ local: "templates/ops.yml", inputs }] }));
    const jobs = parse((await preview("--preview")).replace(/^---\n/, ""));
    expect(jobs.test).toMatchObject({ image: { name: "r/node@sha256:1" }, script: ["c"] });
    expect(jobs.test.before_script.slice(1)).toEqual(["a", "b"]);
    expect(jobs.plan.before_script.slice(1, 3)).toEqual(["a", "b"]);
    expect([jobs.plan, jobs.drift, jobs.deploy].map(({ parallel }) => parallel)).toEqual([3, 3, 3]);
    expect(jobs.expiry.script.join("\n")).toMatch(/status --fail-under "7d"[\s\S]*rotate --due "60d" --merge-request/);
  });
});

test("GIVEN the job of docs/discover.md beside the include THEN scheduled pipelines keep the page, for Developers, as a private artifact", async () => {
  const [, job] = /```yaml\n(report:[\s\S]*?)```/.exec(readFileSync(path.join(ROOT, "docs/discover.md"), "utf8"))!;
  const run = repository(`${readFileSync(path.join(ROOT, ".gitlab-ci.yml"), "utf8")}\n${job}`);
  const names = async (variables: Variables) =>
    (JSON.parse(await run("--list-json", variables)) as { name: string; when: string }[])
      .filter(({ when }) => when !== "never")
      .map(({ name }) => name);
  expect(await names(SCHEDULED)).toContain("report");
  expect(await names(PUSHED)).not.toContain("report");
  const { report } = parse((await run("--preview")).replace(/^---\n/, ""));
  expect(report.artifacts).toMatchObject({ access: "developer", expire_in: "30 days", paths: ["report.html"] });
  expect(report.variables).toMatchObject({ GITLAB_TOKEN: "$PUSHER_READ_TOKEN", GITLAB_BASE_URL: "$CI_SERVER_URL" });
});

describe("what its jobs may", () => {
  // biome-ignore lint/suspicious/noExplicitAny: a YAML file
  const [spec, jobs] = parseAllDocuments(TEMPLATE).map((document): any => document.toJS());
  const names = Object.keys(jobs);
  const using = (variable: string) => names.filter((name) => JSON.stringify(jobs[name]).includes(variable));

  test("the token that writes is for jobs of the default branch, in an environment of its own", () => {
    const trusted = ["deploy", "deploy-token"];
    expect(using("PUSHER_DEPLOY_TOKEN")).toEqual(trusted);
    expect(names.filter((name) => /^pushers\//.test(jobs[name].environment?.name))).toEqual(trusted);
    for (const { if: condition } of trusted.flatMap((name) => jobs[name].rules)) {
      expect(condition).toContain("$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH");
    }
  });

  test("the token that reads is for the jobs that look, and their environment is nobody else's", () => {
    const reading = [".plan", "expiry"];
    expect(using("PUSHER_READ_TOKEN")).toEqual(reading);
    expect(names.filter((name) => jobs[name].environment?.name === "pushers-plan")).toEqual(reading);
    const elsewhere = names.filter((name) => !reading.includes(name) && jobs[name].environment !== undefined);
    expect(elsewhere).toEqual(["deploy", "deploy-token"]);
  });

  test("deploys of the same stacks wait for each other, and are outdated by none but them", () => {
    expect(jobs.deploy).toMatchObject({
      resource_group: "pushers-$CI_NODE_INDEX",
      environment: { name: "pushers/$CI_NODE_INDEX" },
    });
  });

  test("a merge cancels nothing of the pipeline of the one before, whose change no other pipeline deploys", () => {
    expect(jobs.workflow).toEqual({ auto_cancel: { on_new_commit: "interruptible" } });
    const written = names.filter((name) => jobs[name].interruptible !== undefined);
    expect(written.map((name) => [name, jobs[name].interruptible])).toEqual([[".pusher", false]]);
    const interruptible = names.flatMap((name) => jobs[name].rules ?? []).filter((rule) => rule.interruptible);
    expect(interruptible).toHaveLength(2);
    for (const rule of interruptible) expect(rule.if).toMatch(/^\$CI_PIPELINE_SOURCE == "merge_request_event"/);
  });

  test("a deploy that is cancelled has nothing above it that goes before it does", () => {
    expect(jobs.deploy.script).toEqual(["trap true TERM", expect.stringMatching(/^node "\$PUSHER_PROGRAM" deploy /)]);
    // What a job keeps in a file is gone with it.
    expect(jobs.deploy.script[1]).toContain(" --store-timeout 20m ");
  });

  test("the artifact is the review alone, for Developers, and stacks, states and plans are in no cache", () => {
    expect(using('"artifacts"')).toEqual([".plan"]);
    expect(jobs[".plan"].artifacts).toMatchObject({ access: "developer", paths: ["review/"] });
    const cached = names.flatMap((name) => jobs[name].cache ?? []).flatMap(({ paths }) => paths);
    expect(cached).toEqual([".npm/", ".plugin-cache/", ".bin/"]);
  });

  test("what any branch can put into a cache is read by merge requests alone", () => {
    const cacheOf = (name: string): unknown[] => jobs[name].cache ?? cacheOf(jobs[name].extends);
    const rules = names
      .filter((name) => !name.startsWith(".") && name !== "workflow" && cacheOf(name).length > 0)
      .flatMap((name) => jobs[name].rules);
    const policies = rules.map(({ if: condition, variables: { PUSHER_CACHE: policy } = jobs[".pusher"].variables }) => [
      /^\$CI_PIPELINE_SOURCE == "merge_request_event"/.test(condition),
      policy ?? jobs[".pusher"].variables.PUSHER_CACHE,
    ]);
    expect(new Set(policies.map(String))).toEqual(new Set(["true,pull", "false,push"]));
    for (const cache of jobs[".pusher"].cache)
      expect(cache).toMatchObject({ policy: "$PUSHER_CACHE", unprotect: true });
    expect(using("PUSHER_CACHE").sort()).toEqual([".pusher", "plan", "test"]);
    for (const name of using("PUSHER_DEPLOY_TOKEN")) expect([name, jobs[name].cache]).toEqual([name, []]);
  });

  test("the job `test` is a check, without Terraform and without a token", () => {
    expect(spec.spec.inputs.test.default).toEqual(["npx gitlab-ci-pusher check"]);
    expect(JSON.stringify(jobs.test)).not.toMatch(/terraform|TOKEN/);
  });

  test("GIVEN a file with an authority of one's own THEN Node gets it, and Terraform and git get it beside the public ones", () => {
    const file = path.join(outdir(), "authority.pem");
    writeFileSync(file, "ours\n");
    const [line] = jobs[".pusher"].before_script;
    expect(jobs.test.before_script[0]).toBe(line);
    const told = 'cat "$GIT_SSL_CAINFO" "$SSL_CERT_FILE" "$NODE_EXTRA_CA_CERTS"';
    const run = (env: NodeJS.ProcessEnv, script: string) =>
      execFileSync("sh", ["-euc", [`cat() { command cat "\${@#/etc/ssl/certs/}"; }`, line, script].join("\n")], {
        cwd: path.dirname(file),
        env: { PATH: process.env.PATH, TMPDIR: path.dirname(file), ...env },
        encoding: "utf8",
      });
    writeFileSync(path.join(path.dirname(file), "ca-certificates.crt"), "public\n");
    expect(run({ PUSHER_CA_FILE: file }, told)).toBe("public\nours\npublic\nours\nours\n");
    expect(run({}, 'echo "${SSL_CERT_FILE-none}"')).toBe("none\n");
  });

  test("the image is of one release line of Node and one of Debian, whose security updates it gets", () => {
    expect(spec.spec.inputs.image.default).toMatch(/^docker\.io\/library\/node:\d+-[a-z]+$/);
  });
});
