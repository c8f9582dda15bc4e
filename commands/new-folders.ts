import { existsSync, mkdirSync, statSync } from "node:fs";
import * as path from "node:path";

/**
 * Makes a folder, with those above it. Node's own recursive way never ends where a file system refuses by saying that something is not there,
 * as /proc does.
 * @throws the system's error
 */
export function makeFolders(folder: string): void {
  const made = folder && path.resolve(folder);
  try {
    mkdirSync(made);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && statSync(made, { throwIfNoEntry: false })?.isDirectory()) return;
    const above = path.dirname(made);
    if (code !== "ENOENT" || made === "" || existsSync(above)) throw error;
    makeFolders(above);
    // Somebody else may have made it meanwhile.
    makeFolders(made);
  }
}
