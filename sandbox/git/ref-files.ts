import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isRefName } from "./ref-name";

const ID = /^[0-9a-f]{40}$/;

/** The full names that a short one may stand for, in Git's order (gitrevisions). */
const PREFIXES = ["", "refs/", "refs/tags/", "refs/heads/"];

/**
 * Reads refs from the files that Git keeps them in (gitrepository-layout), without a process. Nothing packs refs here; where
 * somebody did, or a file is not an id, only Git can tell.
 */
export class RefFiles {
  /** @param path of the repository */
  constructor(private readonly path: string) {}

  /** The id that a full or short name stands for; undefined: ask Git. */
  async id(name: string): Promise<string | undefined> {
    for (const prefix of PREFIXES) {
      const text = await this.read(prefix + name);
      if (text !== undefined) return ID.test(text) ? text : undefined;
    }
    return undefined;
  }

  /** Tells whether there is surely no such ref. */
  lacks(ref: string): boolean {
    return isRefName(ref) && !this.packed() && !existsSync(join(this.path, ref));
  }

  /** The refs under a folder such as `refs/heads`, by their full names and sorted as Git does; undefined: ask Git. */
  async below(folder: string): Promise<{ ref: string; id: string }[] | undefined> {
    if (this.packed()) return undefined;
    const entries = await readdir(join(this.path, folder), { recursive: true });
    const names = entries.map((entry) => `${folder}/${entry}`).filter((ref) => !ref.endsWith(".lock"));
    const refs = await Promise.all(names.map(async (ref) => ({ ref, id: await this.read(ref) })));
    const files = refs.filter((each): each is { ref: string; id: string } => each.id !== undefined);
    // Not all names are UTF-8.
    if (files.some(({ id }) => !ID.test(id)) || names.some((ref) => ref.includes("\uFFFD"))) return undefined;
    return files.sort((a, b) => Buffer.compare(Buffer.from(a.ref), Buffer.from(b.ref)));
  }

  /** The id of a ref before it was last moved; undefined when it was never moved. */
  async previous(ref: string): Promise<string | undefined> {
    const log = isRefName(ref) ? await this.content(`logs/${ref}`) : undefined;
    const [, id] = /^([0-9a-f]{40}) /.exec(log?.trimEnd().split("\n").at(-1) ?? "") ?? [];
    return id === undefined || /^0+$/.test(id) ? undefined : id;
  }

  private packed(): boolean {
    return existsSync(join(this.path, "packed-refs"));
  }

  private async read(ref: string): Promise<string | undefined> {
    // `HEAD` and its like are no names for this, but in Git's way.
    return isRefName(ref) || /^\w+$/.test(ref) ? (await this.content(ref))?.trim() : undefined;
  }

  /** undefined: there is no such file. */
  private async content(file: string): Promise<string | undefined> {
    try {
      return await readFile(join(this.path, file), "utf8");
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      if (["ENOENT", "EISDIR", "ENOTDIR", "ENAMETOOLONG"].includes(code)) return undefined;
      throw error;
    }
  }
}
