import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { devNull, tmpdir } from "node:os";
import { join } from "node:path";

/** How a `git` command ended. */
export interface GitRun {
  readonly code: number | null;
  readonly stdout: string;
  /** Trailing blanks gone, progress reduced to its last state. */
  readonly stderr: string;
  /** The same, line by line. */
  readonly lines: readonly string[];
}

/** The real `git`, with nobody's configuration, in a folder of its own. */
export class GitClient {
  readonly directory = mkdtempSync(join(tmpdir(), "git-client-"));
  private clones = 0;

  run(args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Promise<GitRun> {
    return new Promise((resolve, reject) => {
      const child = spawn("git", args, {
        cwd: options.cwd ?? this.directory,
        env: { ...this.environment(), ...options.env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let stdout = "";
      let stderr = "";
      child.stdout.on("data", (chunk: Buffer) => {
        stdout += chunk.toString();
      });
      child.stderr.on("data", (chunk: Buffer) => {
        stderr += chunk.toString();
      });
      child.on("error", reject);
      child.on("close", (code) => {
        const lines = stderr.split("\n").map((line) => line.split("\r").at(-1)!.trimEnd());
        resolve({ code, stdout, stderr: lines.join("\n"), lines });
      });
    });
  }

  /** Runs a command that must succeed. */
  async must(args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Promise<string> {
    const run = await this.run(args, options);
    if (run.code !== 0) throw new Error(`git ${args.join(" ")} exited with ${run.code}:\n${run.stderr}`);
    return run.stdout.trim();
  }

  /** A working copy of a repository that may be read. */
  async clone(url: string, ...args: string[]): Promise<WorkingCopy> {
    const folder = this.nextFolder();
    await this.must(["clone", "--quiet", ...args, url, folder]);
    return new WorkingCopy(this, folder);
  }

  /** A new repository with one commit on `main`, whose `origin` is the URL. */
  async init(url: string): Promise<WorkingCopy> {
    const folder = this.nextFolder();
    await this.must(["init", "--quiet", "--initial-branch=main", folder]);
    const copy = new WorkingCopy(this, folder);
    await copy.must("remote", "add", "origin", url);
    await copy.commit("first");
    return copy;
  }

  remove(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }

  private nextFolder(): string {
    this.clones += 1;
    return join(this.directory, `copy-${this.clones}`);
  }

  private environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      HOME: this.directory,
      LC_ALL: "C",
      GIT_TERMINAL_PROMPT: "0",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: devNull,
      // Each commit and fetch would start a process to see whether there is something to tidy up, and wait for the disk.
      GIT_CONFIG_COUNT: "2",
      GIT_CONFIG_KEY_0: "maintenance.auto",
      GIT_CONFIG_VALUE_0: "false",
      GIT_CONFIG_KEY_1: "core.fsync",
      GIT_CONFIG_VALUE_1: "none",
      GIT_AUTHOR_NAME: "Test",
      GIT_AUTHOR_EMAIL: "test@example.com",
      GIT_COMMITTER_NAME: "Test",
      GIT_COMMITTER_EMAIL: "test@example.com",
    };
  }
}

/** A clone to commit in and push from. */
export class WorkingCopy {
  constructor(
    private readonly client: GitClient,
    readonly folder: string,
  ) {}

  run(...args: string[]): Promise<GitRun> {
    return this.client.run(args, { cwd: this.folder });
  }

  must(...args: string[]): Promise<string> {
    return this.client.must(args, { cwd: this.folder });
  }

  /** Commits one changed file. @returns the commit's id */
  async commit(message: string, content: string | Buffer = `${message}\n`, file = "file.txt"): Promise<string> {
    writeFileSync(join(this.folder, file), content);
    await this.must("add", file);
    await this.must("commit", "--quiet", "--allow-empty", "-m", message);
    return this.head();
  }

  /** Id of the last commit; `git rev-parse` is a process more for each commit of a test. */
  private head(): string {
    const read = (name: string) => readFileSync(join(this.folder, ".git", name), "utf8").trim();
    const [, ref] = /^ref: (.*)$/.exec(read("HEAD")) ?? [];
    return ref === undefined ? read("HEAD") : read(ref);
  }
}
