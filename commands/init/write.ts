import { lstatSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { CommandError } from "../exit-code";
import type { OpsFile } from "./files";

/** The thing at a file's place: nothing, the same, or something of somebody's. */
export type Standing = "absent" | "same" | "differs";

/** @throws CommandError when a file of that name stands in the way of a folder */
export function standingOf(folder: string, { name, text }: OpsFile): Standing {
  const file = path.join(folder, name);
  try {
    return lstatSync(file).isFile() && readFileSync(file, "utf8") === text ? "same" : "differs";
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return "absent";
    if (code === "ENOTDIR") throw inTheWay(file);
    throw error;
  }
}

/** Writes a file where none is: whatever came there in the meantime stays. */
export function writeNew(folder: string, { name, text }: OpsFile): void {
  const file = path.join(folder, name);
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: "wx" });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" || code === "ENOTDIR") throw inTheWay(file);
    throw error;
  }
}

const inTheWay = (file: string): CommandError =>
  new CommandError({
    got: `something in the place of ${file}, or of a folder above it`,
    allowed: "nothing there, or a folder",
    fix: "move it away, or name another folder, and run init again: what it wrote stays",
  });
