import { spawn } from "node:child_process";
import * as path from "node:path";
import { createInterface } from "node:readline";
import { ROOT } from "./ops-repository";

export interface SandboxOptions {
  /** File with what it holds at its start, relative to this project. @default - nothing */
  readonly seed?: string;
  /** Milliseconds by which every call is answered later. @default 0 */
  readonly latency?: number;
}

/** Starts a sandbox, hands `use` the environment it prints, and stops it again. */
export async function withSandbox<T>(
  use: (env: NodeJS.ProcessEnv) => Promise<T>,
  { seed, latency = 0 }: SandboxOptions = {},
): Promise<T> {
  const options = [...(seed === undefined ? [] : ["--seed", seed]), `--latency=${latency}`];
  const args = ["--require", "ts-node/register", path.join(ROOT, "sandbox/main.ts"), "--json"];
  const child = spawn(process.execPath, [...args, ...options], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<never>((_, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`the sandbox ended with ${code}`)));
  });
  ended.catch(() => {});
  try {
    const line = await Promise.race([
      new Promise<string>((resolve) => createInterface(child.stdout).once("line", resolve)),
      ended,
    ]);
    return await Promise.race([use(JSON.parse(line) as NodeJS.ProcessEnv), ended]);
  } finally {
    child.kill("SIGTERM");
    await ended.catch(() => {});
  }
}
