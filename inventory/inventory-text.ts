import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from "node:fs";
import type { Problem } from "../gitlab/problem";

/** Largest file that is read, in bytes: some ten thousand pushers. */
const MOST_BYTES = 4 * 1024 * 1024;

/** The text of a file of the inventory, or why it cannot be one. */
export type InventoryText =
  | { readonly text: string; readonly problem?: undefined }
  | {
      readonly problem: Problem;
      /** `line:column` in the file. @default - the whole file */
      readonly place?: string;
    };

/** Reads a file of the inventory: a regular one of a size that people write, in UTF-8. Waits for nobody, whatever stands there. */
export function readInventoryText(file: string): InventoryText {
  let descriptor: number;
  try {
    // A FIFO would wait for a writer.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return { problem: unreadable(file, error as NodeJS.ErrnoException) };
  }
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) return { problem: irregular(kindOf(status)) };
    const bytes = head(descriptor);
    return bytes.length > MOST_BYTES ? { problem: tooLarge(Math.max(status.size, bytes.length)) } : decoded(bytes);
  } catch (error) {
    return { problem: unreadable(file, error as NodeJS.ErrnoException) };
  } finally {
    closeSync(descriptor);
  }
}

/** All bytes, or more than are taken: what a file in /proc says of its size is nothing. */
function head(descriptor: number): Buffer {
  const chunks: Buffer[] = [];
  for (let size = 0; size <= MOST_BYTES; ) {
    const chunk = Buffer.alloc(64 * 1024);
    const read = readSync(descriptor, chunk);
    if (read === 0) break;
    chunks.push(chunk.subarray(0, read));
    size += read;
  }
  return Buffer.concat(chunks);
}

function decoded(bytes: Buffer): InventoryText {
  const text = bytes.toString("utf8");
  const again = Buffer.from(text);
  if (again.equals(bytes)) return { text };
  const before = bytes.subarray(0, firstDifference(bytes, again)).toString("utf8").split("\n");
  return {
    place: `${before.length}:${[...(before.at(-1) as string)].length + 1}`,
    problem: { got: "bytes that are no UTF-8", allowed: "UTF-8", fix: "convert the file first" },
  };
}

const firstDifference = (bytes: Buffer, other: Buffer): number => bytes.findIndex((byte, at) => byte !== other[at]);

function kindOf(status: Stats): string {
  if (status.isDirectory()) return "EISDIR, a folder";
  if (status.isFIFO()) return "a FIFO";
  return status.isSocket() ? "a socket" : "a device";
}

const irregular = (got: string): Problem => ({
  got,
  allowed: "a regular file, or a link to one",
  fix: "move it elsewhere",
});

const tooLarge = (bytes: number): Problem => ({
  got: `${bytes} bytes`,
  allowed: `up to ${MOST_BYTES}`,
  fix: "divide the pushers among several files, each a stack; or move what is no inventory elsewhere",
});

function unreadable(file: string, { code = "an error" }: NodeJS.ErrnoException): Problem {
  // A socket cannot be opened at all.
  if (code === "ENXIO") return irregular("a socket or device");
  if (code === "ENOENT" && lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink()) {
    return { got: "ENOENT, a link to nothing", allowed: "a readable file", fix: "correct the link" };
  }
  return { got: code, allowed: "a readable file", fix: "check its permissions" };
}
