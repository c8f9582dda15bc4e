import * as path from "node:path";
import { GitRepository } from "../git-repository";

/** The time since which a line of a file is what it is. */
export interface LineAge {
  /** The instant when it came to the branch; undefined while it is not committed. */
  readonly since?: Date;
  /** The clone's history ends there: the line may be older. */
  readonly atLeast: boolean;
}

/**
 * The age of every line of a file, from Git's history of the branch: a line that a merge request changed is as old as its merge.
 * @returns undefined when the file is in no repository
 */
export async function lineAges(file: string, environment: NodeJS.ProcessEnv): Promise<readonly LineAge[] | undefined> {
  const repository = await GitRepository.containing(path.dirname(file), environment);
  if (!repository) return undefined;
  const { code, stdout } = await repository.run([
    "blame",
    "--first-parent",
    "--porcelain",
    "--",
    repository.relative(file),
  ]);
  // A file that was never committed has no history.
  return code === 0 ? parseBlame(stdout) : [];
}

/** Reads what `git blame --porcelain` prints: what it says of a commit stands at that commit's first line only. */
function parseBlame(text: string): LineAge[] {
  const commits = new Map<string, { since?: Date; atLeast: boolean }>();
  const ages: LineAge[] = [];
  let current = "";
  for (const line of text.split("\n")) {
    const [, commit, number] = /^([0-9a-f]{40,64}) \d+ (\d+)/.exec(line) ?? [];
    if (commit !== undefined) {
      current = commit;
      const known = commits.get(commit) ?? { atLeast: false };
      commits.set(commit, known);
      ages[Number(number) - 1] = known;
    }
    const told = commits.get(current);
    const [, seconds] = /^committer-time (\d+)$/.exec(line) ?? [];
    // Lines that are not committed are of commit 0.
    if (told && seconds !== undefined && !/^0+$/.test(current)) told.since = new Date(Number(seconds) * 1000);
    if (told && line === "boundary") told.atLeast = true;
  }
  return ages;
}
