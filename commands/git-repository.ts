import { spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import * as path from "node:path";
import { CommandError } from "./exit-code";
import { redact } from "./redact";

/** How a `git` command ended; without credentials. */
export interface GitRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface GitOptions {
  /** Text for its standard input. @default - none */
  readonly input?: string;
  /** Ends the command. */
  readonly signal?: AbortSignal;
}

/** A working tree, and the `git` on PATH with the settings of whoever runs the command. */
export class GitRepository {
  private constructor(
    /** The working tree's root, without links. */
    readonly root: string,
  ) {}

  /**
   * The repository a folder belongs to, or undefined when it is in none, or there is no git.
   * @throws CommandError when git will not say, for example because the folder is another user's
   */
  static async containing(directory: string): Promise<GitRepository | undefined> {
    const { code, stdout, stderr } = await git(directory, ["rev-parse", "--show-toplevel"]).catch(() => NO_GIT);
    if (code === 0) return new GitRepository(realpathSync(stdout.trimEnd()));
    if (code === null || stderr.includes("not a git repository")) return undefined;
    throw new CommandError(`git failed in ${path.resolve(directory)}:\n${stderr.trimEnd()}`);
  }

  /** Another working tree of the same repository. */
  at(root: string): GitRepository {
    return new GitRepository(root);
  }

  /** The path of a file below the root, with `/`. */
  relative(file: string): string {
    return path.relative(this.root, realpathSync(file)).split(path.sep).join("/");
  }

  run(args: readonly string[], options?: GitOptions): Promise<GitRun> {
    return git(this.root, args, options);
  }

  /** Runs a command that must succeed. @throws CommandError with what git said */
  async must(args: readonly string[], options?: GitOptions): Promise<string> {
    const run = await this.run(args, options);
    if (run.code === 0) return run.stdout;
    options?.signal?.throwIfAborted();
    throw new CommandError(`git ${args[0]} failed, nothing was changed:\n${run.stderr.trimEnd()}`);
  }

  /** Of these files, those that are not as in the last commit: changed, staged or never committed. Paths below the root. */
  async uncommitted(files: readonly string[]): Promise<string[]> {
    const status = await this.must(["status", "--porcelain=v1", "-z", "--untracked-files=all", "--", ...files]);
    return status.split("\0").flatMap((entry) => (entry === "" ? [] : [entry.slice("XY ".length)]));
  }
}

const NO_GIT: GitRun = { code: null, stdout: "", stderr: "" };

function git(cwd: string, args: readonly string[], { input, signal }: GitOptions = {}): Promise<GitRun> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", args, {
      cwd,
      // Its texts are looked into; and a pipeline must not wait for somebody to type a password.
      env: { ...process.env, LC_ALL: "C", ...(process.stdin.isTTY ? {} : { GIT_TERMINAL_PROMPT: "0" }) },
      stdio: ["pipe", "pipe", "pipe"],
      signal,
    });
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        output[name] += text;
      });
    }
    let failure: Error | undefined;
    child.on("error", (error) => {
      failure = error;
      if (child.pid === undefined)
        reject(new CommandError(`got no git (${error.message}); allowed: git on PATH; fix: install git`));
    });
    child.on("close", (code) => {
      const { stdout, stderr } = output;
      resolve({ code: failure ? null : code, stdout: redact(stdout), stderr: redact(stderr) });
    });
    // A command that ends before it has read all is judged by its exit code.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input ?? "");
  });
}
