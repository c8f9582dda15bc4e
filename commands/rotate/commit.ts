import * as path from "node:path";
import { type FileEdit, replaceFiles } from "../../inventory/edit-files";
import { CommandError } from "../exit-code";
import { GitRepository } from "../git-repository";
import type { CommitMessage } from "./commit-message";

/**
 * The repository of an inventory whose files can be committed.
 * @throws CommandError when there is none, or when one of the files has changes of its own, which would be committed along
 */
export async function cleanRepository(
  inventory: string,
  edits: readonly FileEdit[],
  environment: NodeJS.ProcessEnv,
): Promise<GitRepository> {
  const repository = await GitRepository.containing(inventory, environment);
  if (!repository) {
    throw new CommandError({
      got: `${path.resolve(inventory)}, which is in no Git repository`,
      allowed: "an inventory in a working tree, and git on PATH",
      fix: "run the command in a clone, or leave --commit and --merge-request out",
    });
  }
  const uncommitted = await repository.uncommitted(edits.map(({ file }) => repository.relative(file)));
  if (uncommitted.length > 0) {
    throw new CommandError({
      got: `uncommitted changes in ${uncommitted.join(", ")}; nothing was changed`,
      allowed: "files as in the last commit, so that the new one holds the rotation alone",
      fix: "commit or stash them first",
    });
  }
  return repository;
}

/** Writes the files and commits them, and nothing else that may be staged. @returns the commit's id */
export async function commitRotation(
  repository: GitRepository,
  edits: readonly FileEdit[],
  message: CommitMessage,
  signal: AbortSignal,
): Promise<string> {
  replaceFiles(edits);
  try {
    return await commit(
      repository,
      edits.map(({ file }) => repository.relative(file)),
      message,
      signal,
    );
  } catch (error) {
    replaceFiles(edits.map(({ file, before, after }) => ({ file, before: after, after: before })));
    throw error;
  }
}

/** Commits files of a working tree, and nothing else that may be staged. @returns the commit's id */
export async function commit(
  repository: GitRepository,
  files: readonly string[],
  { title, body }: CommitMessage,
  signal: AbortSignal,
): Promise<string> {
  await repository.must(["commit", "--quiet", "--only", "--file=-", "--", ...files], {
    input: `${title}\n\n${body}\n`,
    signal,
  });
  return (await repository.must(["rev-parse", "HEAD"])).trim();
}
