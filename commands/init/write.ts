import { lstatSync, readFileSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { CommandError } from "../exit-code";
import { makeFolders } from "../new-folders";
import type { OpsFile } from "./files";
import { isSameText } from "./line-ends";

/** The thing at a file's place: nothing, the same, or something of somebody's. */
export type Standing = "absent" | "same" | "differs";

/** @throws CommandError when a file of that name stands in the way of a folder */
export function standingOf(folder: string, { name, text }: OpsFile): Standing {
  const file = path.join(folder, name);
  try {
    return lstatSync(file).isFile() && isSameText(readFileSync(file, "utf8"), text) ? "same" : "differs";
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return "absent";
    if (code === "ENOTDIR") throw inTheWay(file);
    throw notWritten(file, code);
  }
}

/** @throws CommandError when something that is no folder stands where one is needed */
export function requireFolder(folder: string): void {
  try {
    if (!lstatSync(folder, { throwIfNoEntry: false })) return;
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw inTheWay(folder);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw code === "ENOTDIR" ? inTheWay(folder) : notWritten(folder, code);
  }
}

/** @throws CommandError when it cannot be made */
export function makeFolder(folder: string): void {
  try {
    makeFolders(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === "EEXIST" || code === "ENOTDIR" ? inTheWay(folder) : notWritten(folder, code);
  }
}

/** Writes a file where none is: whatever came there in the meantime stays. */
export function writeNew(folder: string, { name, text }: OpsFile): void {
  const file = path.join(folder, name);
  makeFolder(path.dirname(file));
  try {
    writeFileSync(file, text, { flag: "wx" });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === "EEXIST" ? inTheWay(file) : notWritten(file, code);
  }
}

const inTheWay = (file: string): CommandError =>
  new CommandError({
    got: `something in the place of ${file}, or of a folder above it`,
    allowed: "nothing there, or a folder",
    fix: "move it away, or name another folder, and run init again: what it wrote stays",
  });

const notWritten = (file: string, code = "an error"): CommandError =>
  new CommandError({
    got: `${code} at ${file}`,
    allowed: "a folder that can be written",
    fix: "check its rights and its name, and run init again: what it wrote stays",
  });
