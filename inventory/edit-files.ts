import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import * as path from "node:path";
import type { PlacedProblem } from "../gitlab/placed-problem";
import { readInventoryText } from "./inventory-text";
import { InventoryError } from "./load";

/** A file's whole text as it was read, and as it shall be. */
export interface FileEdit {
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

/**
 * Text of an inventory file that can be written back byte for byte.
 * @throws InventoryError when it is no regular file of a sensible size, cannot be read, or holds bytes that are no UTF-8.
 */
export function readForEdit(file: string): string {
  const read = readInventoryText(file);
  if (read.problem === undefined) return read.text;
  throw new InventoryError([{ place: file, problem: read.problem }]);
}

/**
 * Replaces files, all or none: every new text is on the disk beside its file before the first one takes its place, and a failure after
 * that puts the old ones back.
 * @throws InventoryError when a file is not as it was read, or cannot be written; nothing is changed then.
 */
export function replaceFiles(edits: readonly FileEdit[]): void {
  const problems = edits.flatMap(({ file, before }) => (readForEdit(file) === before ? [] : [changed(file)]));
  if (problems.length > 0) throw new InventoryError(problems);
  const staged: { target: string; draft: string }[] = [];
  const placed: FileEdit[] = [];
  try {
    for (const { file, after } of edits) staged.push(stage(file, after));
    for (const [i, { target, draft }] of staged.entries()) {
      renameSync(draft, target);
      placed.push(edits[i]!);
    }
  } catch (error) {
    for (const { file, before } of placed) place(stage(file, before));
    for (const { draft } of staged) rmSync(draft, { force: true });
    throw unwritable(error as NodeJS.ErrnoException);
  }
}

/** Writes a text beside the file it is for, under a name the inventory's reader leaves alone, with the file's permissions. */
function stage(file: string, text: string): { target: string; draft: string } {
  // A link stays a link.
  const target = realpathSync(file);
  const draft = path.join(path.dirname(target), `.${path.basename(target)}.${process.pid}`);
  const descriptor = openSync(draft, "w");
  try {
    writeFileSync(descriptor, text);
    fchmodSync(descriptor, statSync(target).mode);
    fsyncSync(descriptor);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
  return { target, draft };
}

const place = ({ target, draft }: { target: string; draft: string }): void => renameSync(draft, target);

const changed = (file: string): PlacedProblem => ({
  place: file,
  problem: {
    got: "another text than a moment ago",
    allowed: "nobody else editing the file",
    fix: "try again when they are done",
  },
});

const unwritable = (error: NodeJS.ErrnoException): InventoryError =>
  new InventoryError([
    {
      place: String(error.path),
      problem: {
        got: String(error.code ?? error.message),
        allowed: "a file that can be read and replaced",
        fix: "check the permissions of the file and its folder",
      },
    },
  ]);
