import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Base } from "./base";
import { committedIds, standingIds } from "./file-ids";

/** Names of the stacks whose files are not what they were. */
export interface InventoryChanges {
  /** New ones, and those that declare something else. */
  readonly different: readonly string[];
  readonly gone: readonly string[];
}

/**
 * Compares an inventory with what it was at a commit, by what its files declare: another comment, order or use of defaults is no change.
 * @param inventory its folder. @param folder for files that are the caller's to remove
 * @returns undefined where it is no folder
 */
export async function inventoryChanges(
  inventory: string,
  { repository, commit }: Base,
  folder: string,
): Promise<InventoryChanges | undefined> {
  if (!lstatSync(inventory, { throwIfNoEntry: false })?.isDirectory()) return undefined;
  const below = repository.relative(inventory);
  const paths = stacksIn(inventory).map((name) => `${below}/${name}.yaml`);
  const [then, now] = await Promise.all([
    committedIds(repository, commit, [`${below}/`]),
    standingIds(repository, paths),
  ]);
  const edited = paths.filter((file) => then.has(file) && then.get(file) !== now.get(file));
  const before = new Map<string, string>();
  for (const file of edited) before.set(file, (await repository.run(["show", `${commit}:${file}`])).stdout);
  const today = new Map(edited.map((file) => [file, readFileSync(path.join(repository.root, file))]));
  const [old, own] = [declared(path.join(folder, "then"), before), declared(path.join(folder, "today"), today)];
  const isOther = (file: string) => !isDeepStrictEqual(old?.get(stackOf(file)) ?? 0, own?.get(stackOf(file)) ?? 1);
  return {
    different: paths.filter((file) => !then.has(file) || (edited.includes(file) && isOther(file))).map(stackOf),
    gone: [...then.keys()].filter((file) => file.endsWith(".yaml") && !paths.includes(file)).map(stackOf),
  };
}

/** Names of the stacks that have a file in an inventory; none where there is no folder. */
export const stacksIn = (inventory: string): string[] =>
  existsSync(inventory)
    ? readdirSync(inventory)
        .filter((name) => name.endsWith(".yaml"))
        .map(stackOf)
    : [];

const stackOf = (file: string): string => path.posix.basename(file, ".yaml");

/** The declarations in files, by stack; undefined where one of them is no inventory. */
function declared(
  folder: string,
  files: ReadonlyMap<string, string | Buffer>,
): ReadonlyMap<string, object> | undefined {
  if (files.size === 0) return new Map();
  mkdirSync(folder);
  for (const [file, text] of files) writeFileSync(path.join(folder, path.posix.basename(file)), text);
  // Its packages are loaded where a file was edited: most of what a command takes to start.
  const { InventoryError, loadInventory } = require("../../inventory/load") as typeof import("../../inventory/load");
  try {
    // `ignore` is about what others made, and each pusher has what `defaults` says.
    const contents = loadInventory(folder).map(
      ({ stack, content: { ignore, defaults, ...rest } }) => [stack, rest] as const,
    );
    return new Map(contents);
  } catch (error) {
    if (error instanceof InventoryError) return undefined;
    throw error;
  }
}
