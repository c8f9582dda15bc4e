import { spawn } from "node:child_process";
import * as path from "node:path";
import { createInterface } from "node:readline";
import { ROOT } from "./ops-repository";

/**
 * Starts a sandbox, hands `use` the environment it prints, and stops it again.
 * @param seed file with what it holds at its start, relative to this project. Default: nothing
 */
export async function withSandbox<T>(use: (env: NodeJS.ProcessEnv) => Promise<T>, seed?: string): Promise<T> {
  const args = ["--require", "ts-node/register", path.join(ROOT, "sandbox/main.ts"), "--json"];
  const child = spawn(process.execPath, seed ? [...args, "--seed", seed] : args, {
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
