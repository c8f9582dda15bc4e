import { spawn } from "node:child_process";

export interface Finished {
  /** The exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd: string;
  /** The whole environment of the command. */
  readonly env: NodeJS.ProcessEnv;
}

/** Runs a program to its end, whatever comes of it. Secrets belong into its environment: arguments are seen by everybody. */
export function execute(
  [program, ...args]: readonly [string, ...string[]],
  { cwd, env }: CommandOptions,
): Promise<Finished> {
  const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      output[stream] += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject).once("close", (code) => resolve({ ...output, code }));
  });
}

/** Runs a program that must succeed. @returns what it printed. @throws Error with its last output */
export async function must(argv: readonly [string, ...string[]], options: CommandOptions): Promise<string> {
  const { code, stdout, stderr } = await execute(argv, options);
  if (code === 0) return stdout;
  throw new Error(`${argv.join(" ")} ended with ${code}:\n${`${stdout}\n${stderr}`.slice(-4000)}`);
}
