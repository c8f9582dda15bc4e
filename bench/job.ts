import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { devNull } from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execute, must } from "./command";
import type { GitLab } from "./gitlab";
import { type Verdict, verdictOf } from "./push-verdict";

export interface JobOptions {
  /** Full path of the project whose jobs these are and to which they push. */
  readonly project: string;
  /** The branch it runs on and pushes to. */
  readonly branch: string;
  /** Key of the variable with the credential. */
  readonly key: string;
  /** The file that the job changes; jobs that run at once change different files, as the pipelines of different apps do. */
  readonly file: string;
  /** The time it works between reading the variable and pushing, in milliseconds. */
  readonly work: number;
  /** A folder of its own, made and removed. */
  readonly folder: string;
}

/** The record of a job that ended; times in milliseconds since 1970. */
export interface JobRecord {
  /** Before the variable was read. */
  readonly began: number;
  /** The start of the first command that needs the credential. */
  readonly used: number;
  readonly ended: number;
  readonly outcome: "pushed" | "refused";
  /** Pushes that another job's push had overtaken and that were tried again. */
  readonly lostRaces: number;
}

/** After so many lost races a job gives up; with a handful of jobs this never happens. */
const ATTEMPTS = 50;

/** Gives the credential to git without a command line or a file that would show it. */
const HELPER = '!f() { test "$1" = get && printf "username=gitlab-ci-token\\npassword=%s\\n" "$PUSH_TOKEN"; }; f';

const SETTINGS = [
  ["credential.helper", HELPER],
  ["user.name", "CI"],
  ["user.email", "ci@example.com"],
  // A clone that lives for a second is not worth tidying.
  ["maintenance.auto", "false"],
] as const;

/** One CI job: reads the variable when it starts, works, then clones, commits and pushes with the real git. */
export async function runJob(gitlab: GitLab, options: JobOptions): Promise<JobRecord> {
  const began = Date.now();
  const { id, variables } = await gitlab.startJob(options.project, options.branch);
  await sleep(options.work);
  const used = Date.now();
  const record = { began, used, lostRaces: 0 };
  const token = variables[options.key];
  // Jobs test for emptiness first: without a value there is nothing to push with.
  if (!token) return { ...record, ended: Date.now(), outcome: "refused" };
  try {
    const copy = new Clone(options.folder, options.branch, token);
    if ((await copy.clone(`${gitlab.url}/${options.project}.git`)) === "refused")
      return { ...record, ended: Date.now(), outcome: "refused" };
    await copy.commit(options.file, `job ${id}`);
    const { verdict, lostRaces } = await copy.push();
    const outcome = verdict === "done" ? "pushed" : "refused";
    return { ...record, ended: Date.now(), outcome, lostRaces };
  } finally {
    rmSync(options.folder, { recursive: true, force: true });
  }
}

/** A working copy in a job's folder. */
class Clone {
  private readonly env: NodeJS.ProcessEnv;

  constructor(
    private readonly folder: string,
    private readonly branch: string,
    token: string,
  ) {
    mkdirSync(folder, { recursive: true });
    this.env = gitEnvironment(token);
  }

  /** With GitLab Runner's usual depth. */
  async clone(url: string): Promise<Verdict> {
    return this.git("clone", "--quiet", "--depth=20", `--branch=${this.branch}`, url, ".");
  }

  async commit(file: string, message: string): Promise<void> {
    writeFileSync(path.join(this.folder, file), `${message}\n`);
    const options = { cwd: this.folder, env: this.env };
    await must(["git", "add", file], options);
    await must(["git", "commit", "--quiet", "-m", `[auto ci] ${message}`], options);
  }

  /** Pushes, and takes the others' commits in whenever one of them was faster. */
  async push(): Promise<{ verdict: "done" | "refused"; lostRaces: number }> {
    for (let lostRaces = 0; lostRaces < ATTEMPTS; lostRaces++) {
      const pushed = await this.git("push", "--quiet", "-o", "ci.skip", "origin", `HEAD:${this.branch}`);
      if (pushed !== "raced") return { verdict: pushed, lostRaces };
      const pulled = await this.git("pull", "--quiet", "--rebase", "origin", this.branch);
      if (pulled === "refused") return { verdict: "refused", lostRaces };
    }
    throw new Error(`a job lost ${ATTEMPTS} races in a row; use fewer jobs at a time`);
  }

  private async git(...args: string[]): Promise<Verdict> {
    return verdictOf(await execute(["git", ...args], { cwd: this.folder, env: this.env }));
  }
}

/** Nobody's configuration, a name to commit with, and the credential. */
function gitEnvironment(token: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    LC_ALL: "C",
    GIT_TERMINAL_PROMPT: "0",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: devNull,
    GIT_CONFIG_COUNT: String(SETTINGS.length),
    ...Object.fromEntries(
      SETTINGS.flatMap(([key, value], i) => [
        [`GIT_CONFIG_KEY_${i}`, key],
        [`GIT_CONFIG_VALUE_${i}`, value],
      ]),
    ),
    PUSH_TOKEN: token,
  };
}
