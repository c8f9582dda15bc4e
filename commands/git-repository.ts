import { spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import * as path from "node:path";
import { CommandError } from "./exit-code";
import { redact } from "./redact";

/** The end of a `git` command; without credentials. */
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
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  /**
   * The repository a folder belongs to, or undefined when it is in none, or there is no git.
   * @throws CommandError when git will not say, for example because the folder is another user's
   */
  static async containing(directory: string, environment: NodeJS.ProcessEnv): Promise<GitRepository | undefined> {
    const run = git(directory, ["rev-parse", "--show-toplevel"], { environment });
    const { code, stdout, stderr } = await run.catch(() => NO_GIT);
    if (code === 0) return new GitRepository(realpathSync(stdout.trimEnd()), environment);
    if (code === null || stderr.includes("not a git repository")) return undefined;
    throw new CommandError(`git failed in ${path.resolve(directory)}:\n${stderr.trimEnd()}`);
  }

  /**
   * Checks a revision out in a working tree of its own, without a branch; no hook of the repository runs.
   * @param tree a folder that is not there yet
   * @throws CommandError with what git said
   */
  async checkOut(revision: string, tree: string, options?: GitOptions): Promise<GitRepository> {
    const addition = ["worktree", "add", "--quiet", "--detach", tree, revision];
    await this.must(["-c", "core.hooksPath=/dev/null", ...addition], options);
    return new GitRepository(tree, this.environment);
  }

  /** The path of a file below the root, with `/`. */
  relative(file: string): string {
    return path.relative(this.root, realpathSync(file)).split(path.sep).join("/");
  }

  run(args: readonly string[], options?: GitOptions): Promise<GitRun> {
    return git(this.root, args, { ...options, environment: this.environment });
  }

  /** Runs a command that must succeed. @throws CommandError with what git said */
  async must(args: readonly string[], options?: GitOptions): Promise<string> {
    const run = await this.run(args, options);
    if (run.code === 0) return run.stdout;
    options?.signal?.throwIfAborted();
    throw new CommandError(`git ${subcommandOf(args)} failed, nothing was changed:\n${run.stderr.trimEnd()}`);
  }

  /** Of these files, those that are not as in the last commit: changed, staged or never committed. Paths below the root. */
  async uncommitted(files: readonly string[]): Promise<string[]> {
    const status = await this.must(["status", "--porcelain=v1", "-z", "--untracked-files=all", "--", ...files]);
    return status.split("\0").flatMap((entry) => (entry === "" ? [] : [entry.slice("XY ".length)]));
  }
}

const NO_GIT: GitRun = { code: null, stdout: "", stderr: "" };

/**
 * Set in a Git hook, these name the repository and the index of the commit under way, which a command in another working tree would
 * overwrite (`git rev-parse --local-env-vars`, without GIT_CONFIG_PARAMETERS and GIT_CONFIG_COUNT, which are the user's settings).
 */
const OF_A_HOOK = [
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_COMMON_DIR",
  "GIT_CONFIG",
  "GIT_DIR",
  "GIT_GRAFT_FILE",
  "GIT_IMPLICIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_INTERNAL_SUPER_PREFIX",
  "GIT_NO_REPLACE_OBJECTS",
  "GIT_OBJECT_DIRECTORY",
  "GIT_PREFIX",
  "GIT_REPLACE_REF_BASE",
  "GIT_SHALLOW_FILE",
  "GIT_WORK_TREE",
];

/** An environment without what a Git hook adds to it. */
function withoutHook(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = Object.fromEntries(Object.entries(environment).filter(([name]) => !OF_A_HOOK.includes(name)));
  // Its texts are looked into; and a pipeline must not wait for somebody to type a password.
  return { ...own, LC_ALL: "C", ...(process.stdin.isTTY ? {} : { GIT_TERMINAL_PROMPT: "0" }) };
}

/** `worktree` of `-c core.hooksPath=… worktree add …`. */
function subcommandOf(args: readonly string[]): string | undefined {
  return args[0] === "-c" ? subcommandOf(args.slice(2)) : args[0];
}

function git(
  cwd: string,
  args: readonly string[],
  { input, signal, environment }: GitOptions & { readonly environment: NodeJS.ProcessEnv },
): Promise<GitRun> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", args, {
      cwd,
      env: withoutHook(environment),
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
        reject(new CommandError({ got: `no git (${error.message})`, allowed: "git on PATH", fix: "install git" }));
    });
    child.on("close", (code) => {
      const { stdout, stderr } = output;
      const [said, complained] = [redact(stdout, environment), redact(stderr, environment)];
      resolve({ code: failure ? null : code, stdout: said, stderr: complained });
    });
    // A command that ends before it has read all is judged by its exit code.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input ?? "");
  });
}
