import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { devNull, tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import type { ApiClient } from "./api-client";

/** A job to be run as a pipeline on a ref would. */
export interface JobRequest {
  readonly project: string;
  /** @default "main" */
  readonly ref?: string;
  /** @default "deploy" */
  readonly job?: string;
  /** Who starts it. @default "ann" */
  readonly user?: string;
  /** In a merge request pipeline of the ref. @default false */
  readonly mergeRequest?: boolean;
  /** Stops the job just before its last command, to let something happen meanwhile. */
  readonly beforeLast?: () => Promise<unknown>;
}

export interface JobRun {
  /** Exit code of the script; `stuck` when no runner takes the job, `none` when no pipeline on the ref has it. */
  readonly outcome: number | "stuck" | "none";
  /** What GitLab shows of it, unmasked: the harder case for whoever must not repeat it. */
  readonly log: string;
}

interface Config {
  readonly script: readonly string[];
  readonly tags?: readonly string[];
  readonly variables?: Readonly<Record<string, string | number>>;
  readonly environment?: string;
  readonly rules?: readonly { readonly if: string }[];
}

/**
 * Plays GitLab's scheduler and a shell runner: takes a job of the merged configuration, gets its variables from the sandbox, checks the
 * commit out detached and at the asked depth, and runs the script with the real `git`. It fetches from a project's address the first
 * time, and then past the server, which takes a third of the time.
 */
export class Runner {
  private readonly directory = mkdtempSync(join(tmpdir(), "runner-"));
  private readonly fetched = new Set<string>();
  private count = 0;

  /** @param repositories where the sandbox has them */
  constructor(
    private readonly api: ApiClient,
    private readonly repositories: string,
  ) {}

  remove(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }

  async run(request: JobRequest): Promise<JobRun> {
    const { project, ref = "main", job: name = "deploy", user = "ann", mergeRequest } = request;
    const config = await this.config(project, ref, name);
    if (!config) return { outcome: "none", log: "" };
    if (!runsOn(config, ref, mergeRequest ?? false)) return { outcome: "none", log: "" };
    if (!(await this.taken(project, ref, config.tags ?? []))) return { outcome: "stuck", log: "" };
    const { environment } = config;
    const started = await this.api.control("POST", "jobs", {
      project,
      ref,
      user,
      name,
      environment,
      merge_request: mergeRequest,
    });
    if (started.status >= 300) throw new Error(JSON.stringify(started.body));
    const variables: Record<string, string> = {
      ...Object.fromEntries(Object.entries(config.variables ?? {}).map(([key, value]) => [key, String(value)])),
      ...started.body.variables,
    };
    for (const [key, content] of Object.entries(started.body.files))
      variables[key] = `/builds/${key}.${String(content).length}`;
    const { folder, log } = await this.checkout(ref, variables);
    const result = await this.script(config.script, folder, variables, request.beforeLast);
    return { outcome: result.code, log: `${log}${result.log}` };
  }

  private async config(project: string, ref: string, job: string): Promise<Config | undefined> {
    const { body } = await this.api.get(
      `/projects/${encodeURIComponent(project)}/ci/lint?content_ref=${encodeURIComponent(ref)}`,
    );
    return body.valid ? parse(body.merged_yaml)[job] : undefined;
  }

  /** Whether some runner of the project would take it. */
  private async taken(project: string, ref: string, tags: readonly string[]): Promise<boolean> {
    const path = `/projects/${encodeURIComponent(project)}`;
    const branch = await this.api.get(`${path}/repository/branches/${encodeURIComponent(ref)}`);
    const { body: runners } = await this.api.get(`${path}/runners`);
    for (const { id } of runners) {
      const { body: runner } = await this.api.get(`/runners/${id}`);
      const fits = tags.length > 0 ? tags.every((tag) => runner.tag_list.includes(tag)) : runner.run_untagged;
      const serves = runner.access_level === "not_protected" || branch.body.protected;
      if (fits && serves && runner.online && !runner.paused) return true;
    }
    return false;
  }

  private async checkout(ref: string, variables: Record<string, string>): Promise<{ folder: string; log: string }> {
    this.count += 1;
    const folder = join(this.directory, `build-${this.count}`, variables.CI_PROJECT_PATH as string);
    mkdirSync(folder, { recursive: true });
    const head = "Running with gitlab-runner 18.6.0 (00000000)\nGetting source from Git repository\n";
    if (/none|empty/.test(variables.GIT_STRATEGY ?? ""))
      return { folder, log: `${head}Skipping Git repository setup\n` };
    const depth = Number(variables.GIT_DEPTH ?? 20);
    const options = depth > 0 ? `--depth ${depth}` : "";
    const project = variables.CI_PROJECT_ID as string;
    const source = this.fetched.has(project) ? join(this.repositories, `${project}.git`) : "origin";
    this.fetched.add(project);
    const { code, log } = await this.shell(
      `cd "${folder}" && git init --quiet --template= && git remote add origin "${variables.CI_REPOSITORY_URL}" && git fetch --quiet ${options} "${source}" "+refs/heads/${ref}:refs/remotes/origin/${ref}" && git checkout --quiet --detach ${variables.CI_COMMIT_SHA}`,
      {},
    );
    if (code !== 0) throw new Error(`the checkout failed:\n${log}`);
    return {
      folder,
      log: `${head}Fetching changes${depth > 0 ? ` with git depth set to ${depth}` : ""}...\nInitialized empty Git repository in /builds/${variables.CI_PROJECT_PATH}/.git/\nChecking out ${variables.CI_COMMIT_SHA?.slice(0, 8)} as detached HEAD (ref is ${ref})...\n`,
    };
  }

  /** Shows each command as a runner does, then runs it; the first that fails ends the job. */
  private async script(
    lines: readonly string[],
    folder: string,
    variables: Record<string, string>,
    beforeLast: (() => Promise<unknown>) | undefined,
  ): Promise<{ code: number; log: string }> {
    const shown = (line: string) => {
      const [first, ...more] = line.trimEnd().split("\n");
      const text = `$ ${first}${more.length > 0 ? " # collapsed multi-line command" : ""}`;
      return `printf '%s\\n' '${text.replaceAll("'", "'\\''")}'\n${line}`;
    };
    const end = (code: number) => (code === 0 ? "Job succeeded\n" : `ERROR: Job failed: exit status ${code}\n`);
    if (!beforeLast) {
      const all = await this.shell(`set -e\ncd "${folder}"\n${lines.map(shown).join("\n")}`, variables);
      return { code: all.code, log: `${all.log}${end(all.code)}` };
    }
    // Where a command has changed to is where the last one runs.
    const place = join(this.directory, `place-${this.count}`);
    const first = await this.shell(
      `set -e\ncd "${folder}"\n${lines.slice(0, -1).map(shown).join("\n")}\npwd > "${place}"`,
      variables,
    );
    if (first.code !== 0) return { ...first, log: `${first.log}${end(first.code)}` };
    await beforeLast();
    const last = await this.shell(
      `set -e\ncd "$(cat "${place}")"\n${lines.slice(-1).map(shown).join("\n")}`,
      variables,
    );
    return { code: last.code, log: `${first.log}${last.log}${end(last.code)}` };
  }

  private shell(script: string, variables: Record<string, string>): Promise<{ code: number; log: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn("sh", ["-c", `exec 2>&1\n${script}`], {
        cwd: this.directory,
        env: { ...gitEnvironment(this.directory), ...variables },
        stdio: ["ignore", "pipe", "ignore"],
      });
      let log = "";
      child.stdout.on("data", (chunk: Buffer) => {
        log += chunk.toString();
      });
      child.on("error", reject);
      child.on("close", (code) => resolve({ code: code ?? 1, log }));
    });
  }
}

/** Enough of GitLab's scheduler for the rules that the tests write. */
function runsOn({ rules }: Config, ref: string, mergeRequest: boolean): boolean {
  if (!rules) return !mergeRequest;
  return rules.some(({ if: condition }) => {
    if (condition.includes("merge_request_event")) return mergeRequest;
    return !mergeRequest && condition === `$CI_COMMIT_BRANCH == "${ref}"`;
  });
}

const gitEnvironment = (home: string): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: home,
  LC_ALL: "C",
  GIT_TERMINAL_PROMPT: "0",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: devNull,
  // As a runner sets it; each fetch and commit would start a process to see whether there is something to tidy up.
  GIT_CONFIG_COUNT: "1",
  GIT_CONFIG_KEY_0: "maintenance.auto",
  GIT_CONFIG_VALUE_0: "false",
  GIT_AUTHOR_NAME: "GitLab Runner",
  GIT_AUTHOR_EMAIL: "runner@example.com",
  GIT_COMMITTER_NAME: "GitLab Runner",
  GIT_COMMITTER_EMAIL: "runner@example.com",
});
