import { spawn } from "node:child_process";
import { CommandError } from "../exit-code";
import { redact } from "../redact";
import { BoundedText } from "./bounded-text";

/** The time that a program has to say that it is ending already, in milliseconds. */
const NOTICE = 500;

/** Terraform's words when it was asked to end. */
const ENDING = /^Interrupt received/m;

export interface ProgramOptions {
  readonly cwd: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Asks the program to end, as Ctrl-C does. */
  readonly signal: AbortSignal;
  /** Through the shell: the program is a whole command line. @default false */
  readonly shell?: boolean;
  /** Gets what the program says, line by line, without tokens. @default - nobody */
  readonly onLine?: (line: string) => void;
  /** The cure when there is no such program. @default "install it" */
  readonly fix?: string;
}

export interface ProgramRun {
  readonly code: number | null;
  /** As it came: it may hold secrets. Nothing where a shell ran it. */
  readonly stdout: string;
  /** Standard output and error, without tokens, for people; one after the other, each without its middle, where they are very long. */
  readonly said: string;
}

/**
 * Runs a program to its end. It leads a process group of its own, so that Ctrl-C reaches it once: Terraform takes a second one for
 * "at once", and leaves things half done. For the same reason it is not asked when it was told already: who cancels a job in a container
 * tells every process there.
 * @throws CommandError when there is no such program
 */
export function run(program: string, args: readonly string[], options: ProgramOptions): Promise<ProgramRun> {
  const { cwd, environment, signal, shell = false, onLine, fix = "install it" } = options;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const child = spawn(program, args, {
      cwd,
      env: environment,
      shell,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output = { stdout: "", line: "" };
    const [all, out, err] = [new BoundedText(), new BoundedText(), new BoundedText()];
    let notice: NodeJS.Timeout | undefined;
    const interrupt = () => {
      notice = setTimeout(() => ENDING.test(String(all)) || interruptGroup(child.pid), NOTICE);
    };
    signal.addEventListener("abort", interrupt, { once: true });
    const hear = (text: string, own: BoundedText) => {
      all.add(text);
      own.add(text);
      const lines = (output.line + text).split("\n");
      output.line = lines.pop() ?? "";
      for (const line of lines) onLine?.(redact(line, environment));
    };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      // Nobody reads it, and an app may say more than fits.
      if (!shell) output.stdout += text;
      hear(text, out);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => hear(text, err));
    child.once("error", (error) => {
      signal.removeEventListener("abort", interrupt);
      reject(new CommandError({ got: `no ${program} (${error.message})`, allowed: "a program on PATH", fix }));
    });
    child.once("close", (code) => {
      signal.removeEventListener("abort", interrupt);
      clearTimeout(notice);
      if (output.line !== "") onLine?.(redact(output.line, environment));
      // What an app says last of standard error may come before the most of its standard output.
      const said = all.isCut ? `${out}${err}` : String(all);
      resolve({ code, stdout: output.stdout, said: redact(said, environment) });
    });
  });
}

function interruptGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, "SIGINT");
  } catch {
    // It ended in the meantime.
  }
}
