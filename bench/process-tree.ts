import { readdirSync, readFileSync } from "node:fs";

/**
 * Resident size of a process and of all that it started, in KiB. Pages that some of them share count for each. Linux alone tells;
 * elsewhere, and of a process that is gone, it is 0.
 */
export function residentOf(pid: number | undefined): number {
  const own = Number(/^VmRSS:\s+(\d+)/m.exec(told(`/proc/${pid}/status`))?.[1] ?? 0);
  return childrenOf(pid).reduce((sum, child) => sum + residentOf(child), own);
}

/** Each thread has the children that it started. */
function childrenOf(pid: number | undefined): number[] {
  const threads = `/proc/${pid}/task`;
  const lists = names(threads).map((thread) => told(`${threads}/${thread}/children`));
  return lists.flatMap((list) =>
    list
      .split(" ")
      .filter((child) => child !== "")
      .map(Number),
  );
}

/** A process may end while it is looked at. */
function told(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
