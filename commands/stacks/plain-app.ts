import { readFileSync, realpathSync } from "node:fs";
import * as path from "node:path";
import { readJsonFile } from "../../gitlab/json-file";
import { PROVIDER_LOCK } from "../../terraform/provider-lock";
import { ownPackage } from "../package";
import type { Base } from "./base";
import { committedIds, standingIds } from "./file-ids";

/** A command line that runs main.ts and nothing beside it, as `init` writes one. */
const RUN = /^[^;&|<>$`\n]+ main\.ts$/;

/** The whole of a main.ts that `init` wrote, without comments. */
const CODE = [
  'import { failWith, synthesizeInventory } from "gitlab-ci-pusher";',
  'export const synthesized = synthesizeInventory("pushers").catch(failWith);',
].join("\n");

/** The files beside the inventory that such an app takes what it writes from. */
const TAKEN = ["cdktf.json", PROVIDER_LOCK];

/**
 * Tells whether the app of a project is the inventory and nothing else, now and at a commit, so that a stack is another one exactly where its
 * own file declares something else.
 * @param code {@link codeChanges} since that commit
 */
export async function isPlainApp(project: string, base: Base, code: readonly string[]): Promise<boolean> {
  const { app } = readJsonFile(path.join(project, "cdktf.json")) ?? {};
  if (code.length > 0 || typeof app !== "string" || !RUN.test(app) || !isPlainCode(path.join(project, "main.ts"))) {
    return false;
  }
  const { repository, commit } = base;
  const below = repository.relative(project);
  const paths = TAKEN.map((name) => path.posix.join(below, name));
  const [then, now] = await Promise.all([committedIds(repository, commit, paths), standingIds(repository, paths)]);
  return paths.every((file) => then.get(file) === now.get(file));
}

function isPlainCode(file: string): boolean {
  try {
    // This project's own repository is one, too, and what is linked to it.
    if (realpathSync(file) === path.join(ownPackage().root, "main.ts")) return true;
    const lines = readFileSync(file, "utf8").split(/\r?\n/);
    return lines.filter((line) => line.trim() !== "" && !/^\s*\/\*\*.*\*\/\s*$/.test(line)).join("\n") === CODE;
  } catch {
    return false;
  }
}
