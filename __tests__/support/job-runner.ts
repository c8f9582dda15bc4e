import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { devNull, tmpdir } from "node:os";
import * as path from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Deployment, Job } from "./deployment";
import { GitlabCiLocal, type RunningLocal } from "./gitlab-ci-local";

/** Beside the checkout's own files and unknown to Git, so that no job commits it. */
const CONFIGURATION = "under-test.gitlab-ci.yml";
const OWN_CONFIGURATION = ".gitlab-ci.yml";

/** Variables that GitLab itself sets; gitlab-ci-local would make up others for most of them. */
const PREDEFINED = /^(CI|CI_.*|GITLAB_CI|GITLAB_USER_.*)$/;

/** A job to run as GitLab would start it. */
export interface JobOrder {
  /** The project's `.gitlab-ci.yml`. @default - the one in the repository */
  readonly ci?: string;
  /** Name of the job. @default "push" */
  readonly name?: string;
  /** @default "ann" */
  readonly user?: string;
  /** @default "xlink/gitops" */
  readonly project?: string;
  /** @default "main" */
  readonly ref?: string;
  /** What else `POST /-/sandbox/jobs` takes. */
  readonly pipeline?: {
    readonly merge_request?: boolean;
    readonly environment?: string;
    readonly source?: "push" | "schedule" | "web";
    /** Id of the pipeline it belongs to. */
    readonly pipeline?: number;
    /** Which of its parallel jobs. */
    readonly node_index?: number;
    readonly node_total?: number;
  };
  /** Puts files into the checkout before the job runs, as a runner does with artifacts of earlier jobs. */
  readonly prepare?: (checkout: string) => Promise<void>;
  /** Variables for the job's shell on top of GitLab's; undefined takes one away. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** Whether variables in the configuration refer to the project's own ones and to the job token. @default false */
  readonly expanded?: boolean;
  /** Whether the configuration is held against GitLab's JSON Schema first; it takes half a second. @default false */
  readonly validate?: boolean;
}

/** How a job ended. */
export interface JobRun {
  /** The job as GitLab started it. */
  readonly job: Job;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The job's log, colours taken out. */
  readonly log: string;
  /** What the template says in it, a line each. */
  readonly said: readonly string[];
  /** The runner's checkout. */
  readonly checkout: string;
  /** Everything the run could write to: checkout, home and temporary files. */
  readonly folder: string;
}

/** A job that runs; its process is the leader of a group of its own. */
export interface RunningJob {
  readonly process: ChildProcess;
  readonly folder: string;
  /** The log so far. */
  readonly log: () => string;
  readonly ended: Promise<JobRun>;
}

/**
 * Runs jobs on this machine's shell through gitlab-ci-local, with the variables that the sandbox gives a job and a checkout as a runner
 * makes it: a detached HEAD and `origin` with the job token. Secrets reach the shell through the environment only.
 */
export class JobRunner {
  readonly directory = mkdtempSync(path.join(tmpdir(), "gitlab-ci-pusher-jobs-"));
  private readonly local = new GitlabCiLocal();
  private runs = 0;

  constructor(private readonly deployment: Deployment) {
    mkdirSync(path.join(this.directory, "bin"));
    // It copies the checkout for containers even when no job has one; machines need no rsync for that.
    this.provide("rsync", "#!/bin/sh\nexit 0\n");
  }

  /** Puts a command first on the PATH of every job. */
  provide(command: string, script: string): void {
    writeFileSync(path.join(this.directory, "bin", command), script, { mode: 0o755 });
  }

  async run(order: JobOrder): Promise<JobRun> {
    return (await this.start(order)).ended;
  }

  async start(order: JobOrder): Promise<RunningJob> {
    const { name = "push", project = "xlink/gitops", ref = "main", user = "ann", validate = false } = order;
    // A pipeline that is there has its ref.
    const place = order.pipeline?.pipeline === undefined ? { ref } : {};
    const request = { project, ...place, user, name, ...order.pipeline };
    const { status, body } = await this.deployment.api.control("POST", "jobs", request);
    if (status !== 201) throw new Error(`no job of ${project} on ${ref}: ${status} ${JSON.stringify(body)}`);
    const folder = this.nextFolder();
    const checkout = await this.checkOut(body as Job, folder, order.ci);
    await order.prepare?.(checkout);
    const known = path.join(folder, "home", ".gitlab-ci-local", "variables.yml");
    if (order.expanded) {
      mkdirSync(path.dirname(known));
      // JSON is YAML.
      writeFileSync(known, JSON.stringify({ global: secretsOf(body as Job) }), { mode: 0o600 });
    }
    const local = this.local.start({
      args: [
        ...argumentsFor(body as Job, checkout, order.ci === undefined ? OWN_CONFIGURATION : CONFIGURATION),
        `--json-schema-validation=${validate}`,
        nodeName(name, order),
      ],
      cwd: checkout,
      environment: { ...this.environment(folder), ...secretsOf(body as Job), ...order.variables },
    });
    const running = follow(local, { job: body as Job, folder, checkout });
    return { ...running, ended: running.ended.finally(() => rmSync(known, { force: true })) };
  }

  async remove(): Promise<void> {
    await this.local.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  private nextFolder(): string {
    this.runs += 1;
    const folder = path.join(this.directory, `run-${this.runs}`);
    for (const part of ["home", "tmp"]) mkdirSync(path.join(folder, part), { recursive: true });
    return folder;
  }

  private async checkOut({ variables }: Job, folder: string, ci: string | undefined): Promise<string> {
    const checkout = path.join(folder, "checkout");
    const { git } = this.deployment;
    const repository = await this.deployment.repository(variables.CI_PROJECT_PATH!);
    await git.must(["clone", "--quiet", "--no-checkout", repository, checkout]);
    await git.must(["remote", "set-url", "origin", variables.CI_REPOSITORY_URL!], { cwd: checkout });
    await git.must(["checkout", "--quiet", "--detach", variables.CI_COMMIT_SHA!], { cwd: checkout });
    if (ci !== undefined) writeFileSync(path.join(checkout, CONFIGURATION), ci);
    return checkout;
  }

  private environment(folder: string): NodeJS.ProcessEnv {
    return {
      PATH: `${path.join(this.directory, "bin")}${path.delimiter}${process.env.PATH}`,
      HOME: path.join(folder, "home"),
      TMPDIR: path.join(folder, "tmp"),
      NO_COLOR: "1",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: devNull,
    };
  }
}

/** The files below a folder, with what is in them; symbolic links are not followed. */
export function filesBelow(folder: string): { file: string; content: Buffer }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => ({ file: path.relative(folder, file), content: readFileSync(file) }));
}

/** What gitlab-ci-local calls GitLab's `plan 1/2`. */
const nodeName = (name: string, { pipeline: { node_index: index, node_total: total } = {} }: JobOrder): string =>
  index === undefined ? name : `${name}: [${index}/${total}]`;

function argumentsFor(job: Job, checkout: string, configuration: string): string[] {
  const told = Object.entries(job.variables).filter(
    ([key, value]) => PREDEFINED.test(key) && !value.includes(job.token),
  );
  const variables = { ...Object.fromEntries(told), CI_PROJECT_DIR: checkout };
  return [
    "--force-shell-executor",
    "--file",
    configuration,
    "--ignore-predefined-vars",
    Object.keys(variables).join(","),
    ...Object.entries(variables).flatMap(([key, value]) => ["--variable", `${key}=${value}`]),
    // It sets this one for every pipeline; GitLab does not for tags and merge requests.
    ...(job.variables.CI_COMMIT_BRANCH === undefined ? ["--unset-variable", "CI_COMMIT_BRANCH"] : []),
  ];
}

/** The project's own variables, and GitLab's that hold the job token. */
function secretsOf(job: Job): Record<string, string> {
  const secrets = Object.entries(job.variables).filter(
    ([key, value]) => !PREDEFINED.test(key) || value.includes(job.token),
  );
  return Object.fromEntries(secrets);
}

function follow(local: RunningLocal, started: Pick<JobRun, "job" | "folder" | "checkout">): RunningJob {
  const log = () => stripVTControlCharacters(local.output());
  const ended = local.ended.then(({ code, signal }) => {
    const said = [...log().matchAll(/^\S+ > push: (.*)$/gm)].map((match) => match[1]!);
    return { code, signal, log: log(), said, ...started };
  });
  return { process: local.process, folder: started.folder, log, ended };
}
