import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";

/** The end of a command. */
export interface Finished {
  /** The command as it was given; it never holds a secret. */
  readonly command: string;
  readonly code: number | null;
  /** Standard output and standard error, in the order they came, secrets taken out. */
  readonly output: string;
}

/** A program that runs. */
export interface Started {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** Ends it with all its children, and waits for that. */
  readonly stop: () => Promise<void>;
}

/** A command that ended otherwise than the demo says it must. */
export class UnexpectedEnd extends Error {
  constructor(expected: string, { command, code, output }: Finished) {
    super(`expected ${expected}; got exit code ${code} from: ${command}\n${output.trimEnd()}`);
  }
}

/** Milliseconds between SIGTERM and SIGKILL. */
const PATIENCE = 5_000;

/** The form of GitLab's tokens: those of slots no job was given are shown by nobody either. */
const ANY_TOKEN = /\bgl[a-z]{2,8}-[\w.-]{8,}/g;

/** Runs programs as a person would type them, in an environment of their own, and keeps secrets out of what they print. */
export class Commands {
  private readonly secrets = new Set<string>();
  private readonly running = new Set<Started>();

  /**
   * @param environment all that programs see, apart from what a call adds
   * @param stop ends what runs, with all its children
   */
  constructor(
    private readonly environment: Readonly<Record<string, string>>,
    private readonly stop: AbortSignal,
  ) {}

  /** From now on no output shows this value. */
  hide(secret: string | undefined): void {
    if (secret) this.secrets.add(secret);
  }

  redact(text: string): string {
    let redacted = text;
    for (const secret of this.secrets) redacted = redacted.replaceAll(secret, "[secret]");
    return redacted.replace(ANY_TOKEN, "[secret]");
  }

  /** Runs a program to its end, whatever that is. Secrets belong into `environment`, never into `argv`, which all users can read. */
  async run(
    argv: readonly [string, ...string[]],
    options: { cwd: string; environment?: Readonly<Record<string, string>> },
  ): Promise<Finished> {
    const { child } = this.start(argv, options);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject).once("close", resolve);
    });
    this.stop.throwIfAborted();
    return { command: argv.join(" "), code, output: this.redact(output) };
  }

  /**
   * Starts a program that goes on until it, or the demo, is stopped. It leads a process group, so that no child of it is left.
   * @param options.last stop it after all others: Terraform kills a provider's process that it no longer reaches
   */
  start(
    [program, ...args]: readonly [string, ...string[]],
    options: Parameters<Commands["run"]>[1] & { last?: boolean },
  ): Started {
    this.stop.throwIfAborted();
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...this.environment, ...options.environment },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let ending: Promise<void> | undefined;
    const stop = () => {
      // A second SIGTERM would end a program in the middle of its tidying up.
      ending ??= endGroup(child);
      return ending;
    };
    const started = { child, stop };
    const others = () => [...this.running].filter((other) => other !== started).map((other) => other.stop());
    const abort = options.last ? () => void Promise.all(others()).then(stop) : stop;
    this.running.add(started);
    this.stop.addEventListener("abort", abort, { once: true });
    child.once("close", () => {
      this.running.delete(started);
      this.stop.removeEventListener("abort", abort);
    });
    return started;
  }
}

/** Stops a process and its children; those that do not want to are killed. */
async function endGroup(child: ChildProcess): Promise<void> {
  // A program may have ended before its children, which still hold its output open.
  const over = (child.exitCode ?? child.signalCode) !== null && child.stdout?.closed && child.stderr?.closed;
  if (child.pid === undefined || over) return;
  const closed = once(child, "close");
  signalGroup(child.pid, "SIGTERM");
  const killer = setTimeout(signalGroup, PATIENCE, child.pid, "SIGKILL");
  await closed;
  clearTimeout(killer);
}

function signalGroup(leader: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // It ended in the meantime.
  }
}
