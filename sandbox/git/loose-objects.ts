import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { inflate } from "node:zlib";
import type { GitObject } from "./object-reader";

const inflated = promisify(inflate);

/** The object that one leads to when another type is asked of it: a commit to its tree, a tag to what it is on. */
const LINK = /^(?:tree|object) ([0-9a-f]{40})\n/;

/**
 * Reads an object from a file of its own, without a process.
 *
 * @param repository its folder
 * @param id 40 hexadecimal digits
 * @returns undefined when there is no such file: it may be in a pack
 */
export async function looseObject(repository: string, id: string): Promise<GitObject | undefined> {
  let packed: Buffer;
  try {
    packed = await readFile(join(repository, "objects", id.slice(0, 2), id.slice(2)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const object = await inflated(packed);
  const end = object.indexOf(0);
  const [type = ""] = object.toString("latin1", 0, end).split(" ");
  return { id, type, content: object.subarray(end + 1) };
}

/**
 * The object that one comes to when a type is asked of it, as by `^{tree}`.
 *
 * @returns undefined when it comes to nothing of that type, or not in files of their own
 */
export async function peeled(repository: string, object: GitObject, type: string): Promise<GitObject | undefined> {
  if (object.type === type) return object;
  if (object.type !== "tag" && !(object.type === "commit" && type === "tree")) return undefined;
  const [, next] = LINK.exec(object.content.toString("latin1")) ?? [];
  const found = next === undefined ? undefined : await looseObject(repository, next);
  return found && peeled(repository, found, type);
}
