import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { residentOf } from "./process-tree";

export interface Measurement {
  readonly seconds: number;
  /** The largest resident size the process itself ever had, in MB (10^6 bytes). */
  readonly megabytes: number;
  /** The largest sum of resident sizes of it and all that it started, in ten looks a second. */
  readonly treeMegabytes: number;
  readonly output: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a Node program to its end and measures it. @throws Error with its output when it fails. */
export async function run(args: readonly string[], { cwd, env = {} }: RunOptions): Promise<Measurement> {
  const started = process.hrtime.bigint();
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, CHECKPOINT_DISABLE: "1", CI: "true", ...env },
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk) => chunks.push(chunk));
  child.stderr.on("data", (chunk) => chunks.push(chunk));
  let kilobytes = 0;
  let treeKilobytes = 0;
  const samplers = [
    setInterval(() => {
      kilobytes = Math.max(kilobytes, peakOf(child.pid));
    }, 20),
    // A look at a whole tree costs some files a process.
    setInterval(() => {
      treeKilobytes = Math.max(treeKilobytes, residentOf(child.pid));
    }, 100),
  ];
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  for (const sampler of samplers) clearInterval(sampler);
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const output = Buffer.concat(chunks).toString();
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}:\n${output.slice(-4000)}`);
  return { seconds, megabytes: inMegabytes(kilobytes), treeMegabytes: inMegabytes(treeKilobytes), output };
}

const inMegabytes = (kilobytes: number): number => (kilobytes * 1024) / 1e6;

/** The fastest of `times` runs: what else the machine does only ever adds. */
export async function best(times: number, args: readonly string[], options: RunOptions): Promise<Measurement> {
  let found: Measurement | undefined;
  for (let i = 0; i < times; i++) {
    const next = await run(args, options);
    if (!found || next.seconds < found.seconds) found = next;
  }
  return found!;
}

/** Linux keeps a process's peak for as long as it lives; elsewhere the figure is left out as 0. */
function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
