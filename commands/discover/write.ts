import { existsSync, readdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { Estate } from "../../estate/estate";
import type { ToldGitLab } from "../../estate/reader";
import { samePath } from "../../gitlab/project-path";
import { type InventoryFile, loadInventory } from "../../inventory/load";
import { pushersOf } from "../../inventory/pushers";
import type { CommandContext } from "../context";
import { editorSchema } from "../editor-schema";
import { CommandError } from "../exit-code";
import { makeFolders } from "../new-folders";
import { shown } from "../shown";
import { filesOf } from "./write/files";
import { inventoryText } from "./write/inventory-text";
import { type Declared, type Left, proposal } from "./write/proposal";

/** The inventory of an estate, before it is written. */
export interface ProposedInventory {
  readonly files: readonly { readonly name: string; readonly text: string }[];
  /** Without any file, what is not taken over. */
  readonly left: readonly Left[];
}

/**
 * Proposes the inventory of an estate for a folder, beside what is there; nothing is proposed that the folder declares.
 * @param told of the GitLab that it is the estate of
 * @param environment where the credentials are that must not be in it
 * @throws InventoryError when what is in the folder is no inventory
 */
export function proposeInventory(
  estate: Estate,
  folder: string,
  { enterprise }: ToldGitLab,
  environment: Readonly<Record<string, string | undefined>>,
): ProposedInventory {
  const there = existsSync(folder) && readdirSync(folder).length > 0 ? loadInventory(folder) : [];
  const proposed = proposal(estate, declaredIn(there));
  const day = estate.readAt.toISOString().slice(0, 10);
  const source = { gitlab: estate.gitlab, day, schema: editorSchema(folder), enterprise };
  const files = filesOf(proposed, new Set(there.map(({ stack }) => stack))).map((file) => ({
    name: path.join(folder, `${file.stack}.yaml`),
    text: inventoryText(file, source, environment),
  }));
  return { files, left: files.length > 0 ? [] : proposed.left };
}

/** Writes it; no file is overwritten. @throws CommandError when the folder cannot be written */
export function writeInventory(folder: string, { files }: ProposedInventory): void {
  try {
    makeFolders(folder);
    for (const { name, text } of files) writeFileSync(name, text, { flag: "wx" });
  } catch (error) {
    throw new CommandError({
      got: `${(error as NodeJS.ErrnoException).code} at ${folder}`,
      allowed: "a folder that can be written",
      fix: "check --write",
    });
  }
}

/**
 * Tells on standard error which files were written, and what they leave out.
 * @param dryRun they would be
 */
export function tellWritten(
  { files, left }: ProposedInventory,
  { stderr, environment }: CommandContext,
  dryRun = false,
): void {
  const lines = [
    ...files.map(({ name }) => `${dryRun ? "would be written" : "written"}: ${name}`),
    ...(files.length === 0 ? [NOTHING_WRITTEN] : []),
    ...left.map(({ what, why }) => `not taken over: ${what}: ${why}`),
  ];
  stderr.write(lines.map((line) => `${shown(line, environment)}\n`).join(""));
}

const NOTHING_WRITTEN =
  "nothing written: no variable carries a token that a pusher could take the place of, but for what the folder declares";

function declaredIn(files: readonly InventoryFile[]): Declared {
  const pushers = pushersOf(files);
  const rules = new Set(pushers.flatMap((each) => each.rules.map(({ branch }) => placeOf(each.target, branch))));
  const tagRules = new Set(pushers.flatMap(({ target, tags }) => tags.map(({ tag }) => placeOf(target, tag))));
  const variables = new Set(
    pushers.flatMap((each) =>
      each.variables.map(({ home, key, environment }) => placeOf(home.kind, home.path, key, environment)),
    ),
  );
  return {
    hasRule: (project, branch) => rules.has(placeOf(project, branch)),
    hasTag: (project, tag) => tagRules.has(placeOf(project, tag)),
    hasVariable: ({ kind, path: at }, key, environment) => variables.has(placeOf(kind, at, key, environment)),
  };
}

/** GitLab compares paths without regard to case, branches and keys with it. */
const placeOf = (first: string, ...others: readonly string[]): string =>
  JSON.stringify([
    samePath(first),
    ...others.map((each, index) => (index === 0 && others.length > 1 ? samePath(each) : each)),
  ]);
