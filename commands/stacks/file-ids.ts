import { existsSync } from "node:fs";
import * as path from "node:path";
import type { GitRepository } from "../git-repository";

/**
 * Git's ids of files that a commit has, by path below the repository's root.
 * @param paths of files, or of folders with a `/` at the end, for those in them
 */
export async function committedIds(
  repository: GitRepository,
  commit: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const listed = await repository.must(["ls-tree", "-z", "--full-tree", commit, "--", ...paths]);
  const lines = listed.split("\0").filter((line) => line !== "");
  return new Map(
    lines.map((line) => {
      const [attributes = "", file = ""] = line.split("\t");
      return [file, attributes.split(" ")[2] ?? ""];
    }),
  );
}

/** The ids that Git would give files as they stand, whatever its index says of them; none for those that are not there. */
export async function standingIds(
  repository: GitRepository,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  // Git takes a path a line.
  const there = paths.filter((file) => !file.includes("\n") && existsSync(path.join(repository.root, file)));
  const input = there.map((file) => `${file}\n`).join("");
  const ids = (await repository.must(["hash-object", "--stdin-paths"], { input })).split("\n");
  return new Map(there.map((file, i) => [file, ids[i]!]));
}
