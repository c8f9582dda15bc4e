import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { stringify } from "yaml";

export const ROOT = path.join(__dirname, "..");

/** The arguments with which the ops repository runs its app: `app` of cdktf.json, without the command line around it. */
export const APP = ["--require", "ts-node/register", "main.ts"];

/** Hands `use` a throw-away folder. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), "gitlab-ci-pusher-bench-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Hands `use` a throw-away ops repository: this project's code by links, and an inventory of its own. */
export function withOpsRepository<T>(inventory: object, use: (folder: string) => Promise<T>): Promise<T> {
  return withFolder((folder) => {
    linkProject(folder);
    writeInventory(folder, "fleet", inventory);
    return use(folder);
  });
}

/**
 * Makes a folder an ops repository: this project's code by links, and an empty inventory.
 * @param context of its cdktf.json, whatever this project's own is
 */
export function linkProject(folder: string, context: object = {}): void {
  for (const name of ["main.ts", "tsconfig.json", "package.json", "node_modules"]) {
    symlinkSync(path.join(ROOT, name), path.join(folder, name));
  }
  const cdktf = JSON.parse(readFileSync(path.join(ROOT, "cdktf.json"), "utf8"));
  writeFileSync(path.join(folder, "cdktf.json"), JSON.stringify({ ...cdktf, context }));
  mkdirSync(path.join(folder, "pushers"));
}

/** Writes the inventory of one stack of an ops repository. */
export function writeInventory(folder: string, stack: string, inventory: object): void {
  writeFileSync(path.join(folder, "pushers", `${stack}.yaml`), stringify(inventory));
}

/** An inventory of `count` pushers: each a token, a variable, a branch rule and its guard. */
export const inventoryOf = (count: number): object => ({
  edition: "free",
  pushers: Object.fromEntries(Array.from({ length: count }, (_, i) => [`pusher-${i}`, pusherOf(i)])),
});

/** The i-th pusher of a fleet. @param expires @default - some day in the next year, by its number */
export const pusherOf = (i: number, expires = daysFromNow(30 + (i % 330))): object => ({
  target: `group-${i % 100}/target-${i}`,
  token: { expires },
  variable: { in: [`group-${i % 100}/source-${i}`] },
  branches: { main: { push: "developer", merge: "maintainer" } },
});

export const daysFromNow = (days: number): string =>
  new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
