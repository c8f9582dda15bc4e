import { type CommandOptions, execute } from "./command";

/** A program's time: on the clock, and of the processors, all that it started included. */
export interface Times {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly output: string;
}

/** Runs a program as its only child, and prints the times of its children last. */
const SHELL = '"$@"; code=$?; times >&2; exit $code';

/** Runs a program to its end. @throws Error with its output when it fails */
export async function timed(argv: readonly string[], options: CommandOptions): Promise<Times> {
  const started = process.hrtime.bigint();
  const { code, stdout, stderr } = await execute(["sh", "-c", SHELL, "sh", ...argv], options);
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (code !== 0) throw new Error(`${argv.join(" ")} ended with ${code}:\n${`${stdout}\n${stderr}`.slice(-4000)}`);
  return { seconds, cpuSeconds: childrenIn(stderr), output: stdout };
}

/** The sum on the last line, such as `0m1.250s 0m0.310s`. */
export function childrenIn(said: string): number {
  const line = said.trimEnd().split("\n").at(-1) ?? "";
  const times = [...line.matchAll(/(\d+)m([\d.]+)s/g)];
  return times.reduce((sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds), 0);
}
