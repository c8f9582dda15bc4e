import { execFile } from "node:child_process";
import { existsSync, readdirSync, realpathSync } from "node:fs";
import * as path from "node:path";
import { promisify } from "node:util";

/** Longest answer of Git that is read, in bytes: some hundred thousand names. */
const MOST_SAID = 16 * 1024 * 1024;

/**
 * The names, without `.yaml`, of files that a folder had once, as far as this clone's history goes: the stacks of those may still have a
 * state. None where the folder is in no Git repository, or there is no Git.
 */
export async function formerFiles(folder: string): Promise<readonly string[]> {
  if (!existsSync(folder) || !isInRepository(realpathSync(folder))) return [];
  const deleted = [
    "log",
    "-m",
    "--format=",
    "--name-only",
    "--relative",
    "-z",
    "--no-renames",
    "--diff-filter=D",
    "HEAD",
  ];
  const [before, committed] = await Promise.all([
    git(folder, [...deleted, "--", YAML]),
    // Taken out, and not committed yet.
    git(folder, ["ls-tree", "-z", "--name-only", "HEAD"]),
  ]);
  return [...new Set([...before, ...gone(folder, committed)].map((name) => name.slice(0, -".yaml".length)))].sort();
}

/** Tells by a look what Git would tell by two processes. */
function isInRepository(folder: string): boolean {
  const above = path.dirname(folder);
  return existsSync(path.join(folder, ".git")) || (above !== folder && isInRepository(above));
}

/** Tells whether a clone has a part of its history only, so that files may have been taken out before. */
export const isShallow = async (folder: string): Promise<boolean> =>
  (await said(folder, ["rev-parse", "--is-shallow-repository"])).trim() === "true";

const gone = (folder: string, names: readonly string[]): string[] => {
  if (names.length === 0) return [];
  const there = new Set(readdirSync(folder));
  return names.filter((name) => !there.has(name));
};

const YAML = ":(glob)*.yaml";

const git = async (cwd: string, args: readonly string[]): Promise<string[]> =>
  (await said(cwd, args)).split("\0").filter((name) => name.endsWith(".yaml"));

/** The output of Git; nothing when it fails. */
async function said(cwd: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)("git", [...args], { cwd, maxBuffer: MOST_SAID, env: environment() });
    return stdout;
  } catch {
    return "";
  }
}

/** Without what a Git hook says of another index or repository than the folder's. */
const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^GIT_(?!CONFIG)/.test(name)));
