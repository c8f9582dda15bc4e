import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { devNull } from "node:os";
import * as path from "node:path";
import { NotTried } from "./case";
import { isAway } from "./server";

/** The outcome of a push: a server's own words, without Git's. */
export interface Pushed {
  readonly pushed: boolean;
  /** The status that Git got, or `hook` when the server looked at what was pushed and declined it. */
  readonly refused?: number | "hook";
  /** The texts after `remote:`. */
  readonly says?: readonly string[];
}

/** Hands Git the token from its environment: neither an argument nor a file holds it. */
const HELPER = `!f() { test "$1" = get && printf 'username=%s\\npassword=%s\\n' "$CONFORMANCE_USER" "$CONFORMANCE_TOKEN"; }; f`;

/** The part that Git needs of the environment around it to get through: proxies, and the certificates of private authorities. */
const PASSED = /^(PATH|TMPDIR|(https?|all|no)_proxy|GIT_SSL_\w+|SSL_CERT_\w+|SystemRoot)$/i;

/** The real `git`, with nobody's configuration, in a folder of its own. */
export class Git {
  private copies = 0;

  constructor(
    private readonly folder: string,
    private readonly signal?: AbortSignal,
  ) {}

  /** A repository with one commit that no server knows. */
  async init(): Promise<WorkingCopy> {
    const folder = path.join(this.folder, `copy-${++this.copies}`);
    await mkdir(folder, { recursive: true });
    const copy = new WorkingCopy(this, folder);
    await copy.must("init", "--quiet");
    return copy;
  }

  async run(cwd: string, args: readonly string[], token = "", user = "conformance"): Promise<Ended> {
    const child = spawn("git", args, {
      cwd,
      env: { ...passed(), ...this.own(), CONFORMANCE_TOKEN: token, CONFORMANCE_USER: user },
      stdio: ["ignore", "pipe", "pipe"],
      signal: this.signal,
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    try {
      const code = await new Promise<number | null>((resolve, reject) => {
        child.once("error", reject).once("close", resolve);
      });
      return { code, stdout, stderr };
    } catch (error) {
      this.signal?.throwIfAborted();
      throw error;
    }
  }

  private own(): NodeJS.ProcessEnv {
    const settings: [string, string][] = [
      ["credential.helper", ""],
      ["credential.helper", HELPER],
      // A token is sent to where the run was told to, and nowhere else.
      ["http.followRedirects", "false"],
      ["maintenance.auto", "false"],
    ];
    return {
      HOME: this.folder,
      // Git's texts are looked at, so they have to be English.
      LC_ALL: "C",
      GIT_TERMINAL_PROMPT: "0",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: devNull,
      GIT_CONFIG_COUNT: String(settings.length),
      ...Object.fromEntries(
        settings.flatMap(([key, value], i) => [
          [`GIT_CONFIG_KEY_${i}`, key],
          [`GIT_CONFIG_VALUE_${i}`, value],
        ]),
      ),
      GIT_AUTHOR_NAME: "Conformance",
      GIT_AUTHOR_EMAIL: "conformance@example.com",
      GIT_COMMITTER_NAME: "Conformance",
      GIT_COMMITTER_EMAIL: "conformance@example.com",
    };
  }
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder to commit in and push from. */
export class WorkingCopy {
  constructor(
    private readonly git: Git,
    private readonly folder: string,
  ) {}

  /** Brings the working copy to a branch of a server. @throws NotTried */
  async fetch(url: string, token: string, branch: string): Promise<void> {
    const { code, stderr } = await this.git.run(this.folder, ["fetch", "--quiet", url, branch], token);
    if (code !== 0) throw new NotTried(`git fetch ended with ${code}: ${stderr}`);
    await this.must("reset", "--quiet", "--hard", "FETCH_HEAD");
  }

  /** Makes a commit that changes no file. */
  async commit(message: string): Promise<void> {
    await this.must("commit", "--quiet", "--allow-empty", "--message", message);
  }

  /**
   * @param args options and refspecs
   * @throws NotTried when no server had a say in it
   */
  async push(url: string, token: string, args: readonly string[], user?: string): Promise<Pushed> {
    const options = args.filter((arg) => arg.startsWith("-"));
    const refs = args.filter((arg) => !arg.startsWith("-"));
    const { code, stderr } = await this.git.run(this.folder, ["push", ...options, url, ...refs], token, user);
    if (code === 0) return { pushed: true };
    const refusal = refusalIn(stderr);
    const isAnswer = refusal.refused !== undefined || /^ ! \[/m.test(stderr);
    if (!isAnswer || isAway(refusal.refused)) throw new NotTried(`git push ended with ${code}: ${stderr}`);
    return { pushed: false, ...refusal };
  }

  async must(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.git.run(this.folder, args);
    if (code !== 0) throw new Error(`git ${args[0]} ended with ${code}: ${stderr}`);
    return stdout.trim();
  }
}

function refusalIn(stderr: string): Pick<Pushed, "refused" | "says"> {
  const says = stderr
    .split(/[\r\n]+/)
    .filter((line) => line.startsWith("remote:"))
    .map((line) => line.slice("remote:".length).trim())
    .filter((line) => line !== "");
  return { refused: statusIn(stderr), says };
}

function statusIn(stderr: string): number | "hook" | undefined {
  const told = /The requested URL returned error: (\d{3})/.exec(stderr)?.[1];
  if (told !== undefined) return Number(told);
  if (/^fatal: Authentication failed/m.test(stderr)) return 401;
  if (/^fatal: repository '.*' not found/m.test(stderr)) return 404;
  return /pre-receive hook declined/.test(stderr) ? "hook" : undefined;
}

/** The part of the environment around this run that leads to a server. @param more names that a program needs beside */
export const passed = (more?: RegExp): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value = ""]) =>
      PASSED.test(name) || more?.test(name) ? [[name, value]] : [],
    ),
  );
