import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { devNull } from "node:os";
import * as path from "node:path";
import { Sandbox } from "../../sandbox/sandbox";
import { stateSettings } from "../../state/state-settings";
import { ApiClient } from "../support/api-client";
import { ProviderMirror } from "../support/provider-mirror";
import { problemsOf } from "../support/pushers-folder";
import { FAST_PUSHER, fastCdktfJson } from "../support/swc-node";
import { outdir } from "../support/synth";

const ROOT = path.join(__dirname, "../..");
const PAGE = readFileSync(path.join(ROOT, "docs/ops-repository.md"), "utf8");
const blocks = (language: string): string[] =>
  [...PAGE.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, "g"))].map((match) => match[1]!);

const [CONTEXT] = blocks("json").map((text) => JSON.parse(text) as { context: Record<string, unknown> });
const [OPS, SHOP, IGNORE] = blocks("yaml");
/** The first makes the repository, and fetches its packages. */
const [FETCH, ...REST] = blocks("sh");
const COMMANDS = REST.join("");
const [SUMMARY] = blocks("text");

const PROJECT = "/projects/ops%2Fpushers";
const TIMEOUT = 240_000;
/** Here the app runs by the machine's clock, so the page's dates become others, in their order. */
const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const redated = (text: string): string => text.replace(/\[[\d-]+, [\d-]+\]/, `[${day(270)}, ${day(180)}]`);

/** Without days and digests. */
const comparable = (text: string): string =>
  text
    .trim()
    .replaceAll(/\d{4}-\d\d-\d\d/g, "<day>")
    .replaceAll(/\b[0-9a-f]{12,}\b/g, "<digest>");

interface Run {
  readonly code: number;
  readonly output: string;
}

/** The folder that the page begins with: this project's programs by links in place of installed ones. */
class Clone {
  private readonly folder = outdir();
  readonly temporary = outdir();
  readonly root = path.join(this.folder, "pushers");

  constructor(private readonly sandbox: Sandbox) {
    mkdirSync(path.join(this.root, "pushers"), { recursive: true });
    for (const name of ["main.ts", "tsconfig.json", "package.json", "inventory", "node_modules"]) {
      symlinkSync(path.join(ROOT, name), path.join(this.root, name));
    }
    writeFileSync(
      path.join(this.root, ".gitignore"),
      readFileSync(path.join(ROOT, ".gitignore"), "utf8").replace("/\n", "\n"),
    );
    writeFileSync(path.join(this.root, "cdktf.json"), fastCdktfJson(CONTEXT!.context));
    this.write("example", "pushers: {}\n");
    this.git("init", "--quiet", "--initial-branch=main");
  }

  write(stack: string, text: string): void {
    writeFileSync(path.join(this.root, "pushers", `${stack}.yaml`), text);
  }

  git(...args: string[]): string {
    return execFileSync("git", args, { cwd: this.root, env: this.environment({}), encoding: "utf8" });
  }

  /** Runs a script as a person types it, who is asked for `secrets`. */
  run(script: string, given: NodeJS.ProcessEnv, secrets: readonly string[] = []): Promise<Run> {
    const pusher = FAST_PUSHER.map((word) => `'${word}'`).join(" ");
    const npx = `npx() { test "$1" = gitlab-ci-pusher; shift; ${pusher} "$@"; }\n`;
    return new Promise((resolve) => {
      const options = { cwd: this.root, env: this.environment(given) };
      const child = execFile("bash", ["-euo", "pipefail", "-c", npx + script], options, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
      );
      child.stdin?.end(secrets.map((secret) => `${secret}\n`).join(""));
    });
  }

  private environment(given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    const askpass = path.join(this.folder, "askpass");
    writeFileSync(askpass, '#!/bin/sh\ncase $1 in User*) echo any ;; *) echo "$GITLAB_TOKEN" ;; esac\n', {
      mode: 0o755,
    });
    const name = { GIT_AUTHOR_NAME: "Olga", GIT_COMMITTER_NAME: "Olga" };
    const email = { GIT_AUTHOR_EMAIL: "olga@example.com", GIT_COMMITTER_EMAIL: "olga@example.com" };
    return {
      ...process.env,
      ...this.sandbox.environment,
      ...{ GITLAB_TOKEN: undefined, TF_CLI_CONFIG_FILE: undefined },
      ...{ GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: "1", GIT_ASKPASS: askpass, ...name, ...email },
      ...{ CHECKPOINT_DISABLE: "1", NO_COLOR: "1", TMPDIR: this.temporary },
      ...given,
    };
  }
}

describe("docs/ops-repository.md", () => {
  test("its context for cdktf.json is understood", () => {
    expect(stateSettings(CONTEXT!.context, { GITLAB_BASE_URL: "https://gitlab.example.com" })).toMatchObject({
      kind: "gitlab",
      project: "ops/pushers",
    });
  });

  test("its stacks, and what it ignores, are an inventory without mistakes", () => {
    const folder = path.join(outdir(), "pushers");
    mkdirSync(folder);
    writeFileSync(path.join(folder, "ops.yaml"), OPS!);
    writeFileSync(path.join(folder, "shop.yaml"), SHOP!);
    writeFileSync(path.join(folder, "ignore.yaml"), IGNORE!);
    expect(problemsOf(folder)).toEqual([]);
  });
});

describe("followed from top to bottom", () => {
  let sandbox: Sandbox;
  let admin: ApiClient;
  let clone: Clone;
  const tokens = { olga: "", read: "", deploy: "" };

  beforeAll(async () => {
    sandbox = await Sandbox.start({
      seed: {
        users: ["olga", "dave", "pipeline"].map((username) => ({ username })),
        groups: [
          { path: "ops", visibility: "private", members: { olga: "owner", dave: "developer", pipeline: "maintainer" } },
        ],
        projects: [
          {
            path: "xlink/shop",
            visibility: "private",
            files: { "README.md": "x\n" },
            members: { olga: "maintainer", pipeline: "maintainer" },
          },
        ],
      },
    });
    admin = ApiClient.admin(sandbox);
    const namespace = (await admin.get("/groups/ops")).body.id;
    await admin.post("/projects", { path: "pushers", namespace_id: namespace, visibility: "private" });
    tokens.olga = await tokenOf("olga", "api");
    tokens.read = await tokenOf("pipeline", "read_api");
    tokens.deploy = await tokenOf("pipeline", "api");

    clone = new Clone(sandbox);
    clone.write("ops", redated(OPS!));
    const script = COMMANDS.replace("<your user name>", "olga");
    // A rotation waits a day after the dates came to the branch.
    const [GIT_AUTHOR_DATE, GIT_COMMITTER_DATE] = [`${day(-3)}T12:00:00Z`, `${day(-3)}T12:00:00Z`];
    const asked = [tokens.olga, tokens.read, tokens.deploy];
    const { code, output } = await clone.run(script, { GIT_AUTHOR_DATE, GIT_COMMITTER_DATE }, asked);
    if (code !== 0) throw new Error(output);
    for (const token of Object.values(tokens)) expect(output).not.toContain(token);
  }, TIMEOUT);
  afterAll(() => sandbox.stop());

  async function tokenOf(username: string, scope: string): Promise<string> {
    const { body } = await admin.get(`/users?username=${username}`);
    const path = `/users/${body[0].id}/personal_access_tokens`;
    return (await admin.post(path, { name: scope, scopes: [scope], expires_at: day(90) })).body.token;
  }

  /** The variables of a job of the ops project. */
  async function job(ref: string, more: object = {}): Promise<Record<string, string>> {
    const { status, body } = await admin.control("POST", "jobs", {
      project: "ops/pushers",
      ref,
      user: "olga",
      ...more,
    });
    if (status >= 300) throw new Error(JSON.stringify(body));
    return body.variables;
  }

  const branch = (name: string) =>
    admin.post(`${PROJECT}/repository/branches?branch=${encodeURIComponent(name)}&ref=main`);

  test("GIVEN a machine that knows of no GitLab WHEN the first block is typed THEN the provider is locked", async () => {
    const mirror = new ProviderMirror(sandbox.environment.TF_REATTACH_PROVIDERS!);
    mirror.add({ release: "18.10.0" });
    const reader = new Clone(sandbox);
    reader.write("example", redated(readFileSync(path.join(ROOT, "pushers/example.yaml"), "utf8")));
    const [fetch, ...typed] = FETCH!.split("\n");
    expect(fetch).toMatch(/^npx gitlab-ci-pusher init pushers .* && cd pushers && npm install$/);
    const [, options] = fetch!.match(/init (.*?) &&/)!;
    const made = await reader.run(`cd "$TMPDIR" && npx gitlab-ci-pusher init ${options}`, {});
    expect(made).toMatchObject({ code: 0, output: expect.stringContaining("Next:\n  cd pushers\n") });
    expect(JSON.parse(readFileSync(path.join(reader.temporary, "pushers/cdktf.json"), "utf8"))).toMatchObject(CONTEXT!);
    const script = typed
      .join("\n")
      .replace(
        "npx gitlab-ci-pusher providers lock",
        `npx gitlab-ci-pusher providers lock --fs-mirror '${mirror.folder}'`,
      );
    const nothing = { GITLAB_BASE_URL: undefined, TF_REATTACH_PROVIDERS: undefined };
    const { code, output } = await reader.run(script, { ...nothing, ...mirror.environment });
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining("gitlab 18.10.0\n") });
    expect(reader.git("status", "--short", "--", ".terraform.lock.hcl")).toContain("?? .terraform.lock.hcl");
  });

  test("the settings of the project are as its table says", async () => {
    expect((await admin.get(PROJECT)).body).toMatchObject({
      visibility: "private",
      merge_method: "rebase_merge",
      only_allow_merge_if_pipeline_succeeds: true,
      ci_allow_fork_pipelines_to_run_in_parent_project: false,
      ci_forward_deployment_enabled: true,
      ci_forward_deployment_rollback_allowed: false,
    });
  });

  test("the read token sees no other token's value, though it is a Maintainer's", async () => {
    const { body } = await admin.as(tokens.read).get(`${PROJECT}/variables`);
    expect(body.map(({ key, value, hidden }: Record<string, unknown>) => [key, value, hidden])).toEqual([
      ["PUSHER_READ_TOKEN", null, true],
      ["PUSHER_DEPLOY_TOKEN", null, true],
      ["GITLAB_PUSHER_TOKEN", null, true],
    ]);
    expect((await admin.as(tokens.read).put(PROJECT, { description: "x" })).status).toBe(403);
  });

  test("the deploy token is for the environments pushers/* of the default branch, the read token for plans of every branch", async () => {
    await branch("change");
    const held = async (...args: Parameters<typeof job>) => {
      const { PUSHER_DEPLOY_TOKEN: deploy, PUSHER_READ_TOKEN: read } = await job(...args);
      return [deploy === tokens.deploy, read === tokens.read];
    };
    for (const [ref, environment, expected] of [
      ["main", "pushers/1", [true, false]],
      ["main", "pushers-plan", [false, true]],
      ["main", undefined, [false, false]],
      ["change", "pushers/1", [false, false]],
      ["change", "pushers-plan", [false, true]],
    ] as const) {
      expect([ref, environment, ...(await held(ref, { environment }))]).toEqual([ref, environment, ...expected]);
    }
  });

  test("nobody pushes to main any more, and the state is the project's", async () => {
    clone.git("remote", "set-url", "origin", `${sandbox.url}/ops/pushers.git`);
    const pushed = await clone.run("git commit --quiet --allow-empty -m x; git push origin HEAD:main", {
      GITLAB_TOKEN: tokens.olga,
    });
    expect(pushed.output).toContain("You are not allowed to push code to protected branches on this project.");
    clone.git("reset", "--quiet", "--hard", "origin/main");
    expect((await admin.get(`${PROJECT}/terraform/state/ops`)).body.serial).toBeGreaterThan(0);
  });

  test("the rotation's bot pushes its branch without a rule, and a merge request is opened", async () => {
    const { GITLAB_PUSHER_TOKEN } = await job("main", { environment: "pushers-plan" });
    const rotated = await clone.run("npx gitlab-ci-pusher rotate rotation --merge-request --state none", {
      GITLAB_TOKEN: GITLAB_PUSHER_TOKEN,
    });
    expect(rotated.output).toContain("rotate/");
    const [opened] = (await admin.get(`${PROJECT}/merge_requests?state=opened`)).body;
    expect(opened).toMatchObject({ target_branch: "main", source_branch: expect.stringMatching(/^rotate\/20/) });
  });

  test("GIVEN a rule for rotate/* that lets Developers in, their branches get the deploy token: the page says to make none", async () => {
    await branch("rotate/mine");
    const held = async () => (await job("rotate/mine", { user: "dave", environment: "pushers/1" })).PUSHER_DEPLOY_TOKEN;
    expect(await held()).not.toBe(tokens.deploy);
    await admin.post(`${PROJECT}/protected_branches`, { name: "rotate/*", push_access_level: 30 });
    expect(await held()).toBe(tokens.deploy);
    await admin.delete(`${PROJECT}/protected_branches/rotate%2F*`);
  });

  test(
    "the first change is planned with a Developer's job token, and its summary is the page's",
    async () => {
      clone.git("switch", "--quiet", "--create", "shop", "origin/main");
      clone.write("shop", redated(SHOP!));
      clone.git("add", ".");
      clone.git("commit", "--quiet", "--message=shop");
      await clone.run("git push --quiet origin shop", { GITLAB_TOKEN: tokens.olga });
      const planned = await clone.run("npx gitlab-ci-pusher review", {
        GITLAB_TOKEN: tokens.read,
        TF_HTTP_USERNAME: "gitlab-ci-token",
        TF_HTTP_PASSWORD: (await job("shop", { user: "dave" })).CI_JOB_TOKEN,
      });
      expect(planned).toMatchObject({ code: 0 });
      expect(comparable(planned.output.replace(/^.* …\n/gm, ""))).toBe(comparable(SUMMARY!));
    },
    TIMEOUT,
  );
});
