import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** The ids of the other processes whose command line or environment has a text, as far as this user may look. */
export async function processesWith(text: string): Promise<number[]> {
  const all = process.platform === "linux" ? await fromProc() : await fromPs();
  return all.filter(({ pid, told }) => pid !== process.pid && told.includes(text)).map(({ pid }) => pid);
}

interface Running {
  readonly pid: number;
  readonly told: string;
}

/** Small Linux images have no `ps`. */
async function fromProc(): Promise<Running[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  // A process may end while it is looked at, and others' cannot be read.
  const read = (file: string) => readFile(file, "utf8").catch(() => "");
  return Promise.all(
    pids.map(async (pid) => ({
      pid,
      told: (await read(`/proc/${pid}/cmdline`)) + (await read(`/proc/${pid}/environ`)),
    })),
  );
}

async function fromPs(): Promise<Running[]> {
  const ps = promisify(execFile)("ps", ["axeww", "-o", "pid=,command="], { maxBuffer: 1 << 26 });
  const { pid: own } = ps.child;
  const lines = (await ps).stdout.split("\n");
  return lines.map((told) => ({ pid: Number.parseInt(told, 10), told })).filter(({ pid }) => pid !== own);
}
