import { existsSync, rmSync } from "node:fs";
import * as path from "node:path";
import { ApiError } from "../../gitlab/api-error";
import type { GitLabStateApi } from "../../state/gitlab-state-api";
import { backupOf, stateFileOf } from "../../state/local-state";

/** The place where a state was. */
interface Source {
  /** The name it is kept under. */
  readonly name: string;
  /** Folder of local states. */
  readonly directory: string;
  /** @default - the state was a file */
  readonly api?: GitLabStateApi;
}

/** Removes a state that was moved, with what else knows of it there; without `isWanted` only says what there is. */
export async function removeSource(
  source: Source,
  isWanted: boolean,
): Promise<{ left: readonly string[]; removed: readonly string[] }> {
  const { api } = source;
  const found = api ? await inGitLab(api) : filesOf(source);
  if (!isWanted || found.length === 0) return { left: found, removed: [] };
  if (!api) for (const file of found) rmSync(file);
  else {
    const answer = await api.remove();
    if (answer instanceof ApiError) throw answer;
    if (answer.status >= 300) throw api.refusal("DELETE", answer);
  }
  return { left: [], removed: found };
}

function filesOf({ name, directory }: Source): string[] {
  const file = path.relative("", stateFileOf(directory, name));
  return [file, backupOf(file)].filter((each) => existsSync(each));
}

async function inGitLab(api: GitLabStateApi): Promise<string[]> {
  const answer = await api.read();
  return !(answer instanceof ApiError) && answer.status === 200 ? [`every version at ${api.address}`] : [];
}
