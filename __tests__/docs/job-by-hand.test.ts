import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { load } from "js-yaml";
import { Deployment, inventory } from "../support/deployment";
import type { WorkingCopy } from "../support/git-client";

const PAGE = readFileSync(path.join(__dirname, "../../docs/push-job.md"), "utf8");
const { script } = (load(/```yaml\n(deploy:\n[\s\S]*?)```/.exec(PAGE)![1]!) as { deploy: { script: string[] } }).deploy;

const OVERLAY = "manifests/overlays/staging/kustomization.yaml";
const PIPELINES = "/projects/xlink%2Fgitops/pipelines?ref=main";

describe("the job that docs/push-job.md has by hand", () => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await Deployment.start();
    await deployment.deploy(inventory());
    await deployment.api.post(`/projects/xlink%2Fgitops/repository/files/${encodeURIComponent(OVERLAY)}`, {
      branch: "main",
      content: "images: []\n",
      commit_message: "overlay",
    });
  });
  afterAll(() => deployment.stop());

  /** Runs the script as a runner does: on a detached checkout, as nobody, with the job's variables. */
  async function runJob(variables: Readonly<Record<string, string>>): Promise<{ code: number; output: string }> {
    const copy = await deployment.clone(deployment.sandbox.adminToken);
    await copy.must("checkout", "--quiet", "--detach");
    await copy.must("branch", "--quiet", "-D", "main");
    const env = { ...environment(copy), ...redirection(variables.GITLAB_PUSHER_TOKEN ?? ""), ...variables };
    return new Promise((resolve) => {
      execFile("sh", ["-e", "-c", script.join("\n")], { cwd: copy.folder, env }, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
      );
    });
  }

  /** A machine on which only `kustomize` is played: it writes what it was told into the overlay. */
  function environment(copy: WorkingCopy): Record<string, string> {
    const bin = path.join(copy.folder, ".git/bin");
    mkdirSync(bin);
    writeFileSync(path.join(bin, "kustomize"), '#!/bin/sh\necho "$@" > kustomization.yaml\n', { mode: 0o755 });
    return {
      PATH: `${bin}:${process.env.PATH}`,
      HOME: bin,
      GIT_TERMINAL_PROMPT: "0",
      GIT_CONFIG_NOSYSTEM: "1",
      CI_PROJECT_PATH: "xlink/gitops",
      CI_SERVER_HOST: "gitlab.example.com",
      GITLAB_USER_LOGIN: "ann",
      GITLAB_USER_EMAIL: "ann@example.com",
      TARGET_ENV: "staging",
      APP_NAME: "shop",
      APP_IMAGE: "registry.example.com/shop:2",
    };
  }

  /** Git's own way to reach the sandbox for https://gitlab.example.com, by the environment: the address holds the token. */
  const redirection = (token: string): Record<string, string> => ({
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: `url.${deployment.sandbox.url.replace("//", `//gitlab-ci-token:${token}@`)}/.insteadOf`,
    GIT_CONFIG_VALUE_0: `https://gitlab-ci-token:${token}@gitlab.example.com/`,
  });

  test("pushes from the runner's detached checkout, and starts no pipeline (traps 11 and 15)", async () => {
    const { variables } = await deployment.job("xlink/gitops");
    const before = ((await deployment.api.get(PIPELINES)).body as unknown[]).length;
    const { GITLAB_PUSHER_TOKEN = "" } = variables;
    expect(await runJob({ GITLAB_PUSHER_TOKEN, CI_COMMIT_REF_NAME: "main" })).toEqual({
      code: 0,
      output: expect.stringMatching(/HEAD -> main$/m),
    });
    const commits = (await deployment.api.get("/projects/xlink%2Fgitops/repository/commits?ref_name=main")).body;
    expect((commits as { title: string }[])[0]!.title).toBe(
      "[auto ci] Update shop image to registry.example.com/shop:2",
    );
    const pipelines = (await deployment.api.get(PIPELINES)).body as { status: string }[];
    expect(pipelines.slice(0, pipelines.length - before).map(({ status }) => status)).toEqual(["skipped"]);
  });

  test("on an unprotected branch says what is wrong, instead of a refused password (trap 9)", async () => {
    const { variables } = await deployment.job("xlink/gitops", "feature");
    const { GITLAB_PUSHER_TOKEN = "" } = variables;
    const { code, output } = await runJob({ GITLAB_PUSHER_TOKEN, CI_COMMIT_REF_NAME: "feature" });
    expect(output).toContain("GITLAB_PUSHER_TOKEN is empty - is feature protected?");
    expect(code).toBe(1);
  });
});
