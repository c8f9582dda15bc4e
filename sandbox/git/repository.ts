import { spawn } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gitEnvironment } from "./git-environment";
import { looseObject, peeled } from "./loose-objects";
import { type GitObject, ObjectReader } from "./object-reader";
import { RefFiles } from "./ref-files";

/** `git` failed; the text is its stderr. */
export class GitCommandError extends Error {
  constructor(
    readonly args: readonly string[],
    readonly exitCode: number | null,
    readonly stderr: string,
  ) {
    super(`git ${args[0]} exited with ${exitCode}: ${stderr.trim()}`);
  }
}

export interface Signature {
  readonly name: string;
  readonly email: string;
  readonly date: Date;
}

export interface FileChange {
  readonly action: "create" | "update" | "delete" | "move";
  /** Path in the repository, without a leading slash. */
  readonly path: string;
  /** For `create`, `update`, and `move` that also edits. */
  readonly content?: Buffer;
  /** For `move`. */
  readonly previousPath?: string;
  /** Mode 100755. @default false */
  readonly executable?: boolean;
}

export interface NewCommit {
  readonly branch: string;
  /** The revision that the branch starts from if it does not exist; left out: an empty tree, for the first commit. */
  readonly startFrom?: string;
  /** Others that begin at the commit. @default - none */
  readonly branches?: readonly string[];
  readonly message: string;
  readonly changes: readonly FileChange[];
  readonly author: Signature;
  readonly committer?: Signature;
}

export interface Commit {
  readonly id: string;
  readonly parentIds: readonly string[];
  readonly message: string;
  readonly author: Signature;
  readonly committer: Signature;
}

/** A choice among the commits of a revision. */
export interface CommitFilter {
  /** The most there may be. @default - all */
  readonly limit?: number;
  /** A file or folder that they change. @default - any */
  readonly path?: string;
}

export interface TreeEntry {
  readonly mode: string;
  readonly type: "blob" | "tree" | "commit";
  readonly id: string;
  readonly path: string;
}

export interface Ref {
  /** Without `refs/heads/` or `refs/tags/`. */
  readonly name: string;
  readonly commitId: string;
}

/** Reflogs tell where a branch stood before; nothing outlives the sandbox, so that nothing has to be on the disk. */
const CONFIGURATION = `[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
\tlogAllRefUpdates = always
\tfsync = none
`;

/** Names of one commit, without Git's operators. */
const PLAIN = /^[\w/.+][\w/.+-]*$/;

/** An id, or the name of a ref, and the types that it is to come to. */
const NAME = /^([\w/.+-]+)((?:\^\{\w+\})*)$/;

/** Hexadecimal digits may be an abbreviated id: only Git tells. */
const ABBREVIATED = /^[0-9a-f]{4,39}$/;

/** A bare repository on disk. The real `git` does whatever writes, and reads what is not in a file of its own. */
export class Repository {
  private readonly objects: ObjectReader;
  private readonly refFiles: RefFiles;

  constructor(readonly path: string) {
    this.objects = new ObjectReader(path);
    this.refFiles = new RefFiles(path);
  }

  /** Makes what `git init --bare` does (gitrepository-layout), without a process. */
  static async create(path: string, defaultBranch: string): Promise<Repository> {
    for (const folder of ["objects/info", "objects/pack", "refs/heads", "refs/tags"]) {
      await mkdir(join(path, folder), { recursive: true });
    }
    await writeFile(join(path, "config"), CONFIGURATION);
    const repository = new Repository(path);
    await repository.setHead(defaultBranch);
    return repository;
  }

  /** Resolves when no process of it runs any more. */
  close(): Promise<void> {
    return this.objects.close();
  }

  async remove(): Promise<void> {
    await this.close();
    // A push that was cut off may still write into it.
    await rm(this.path, { recursive: true, force: true, maxRetries: 10 });
  }

  /** Branches by name; an empty list while the repository is empty. */
  async branches(): Promise<Ref[]> {
    const files = await this.refFiles.below("refs/heads");
    if (!files) return this.refs("refs/heads/");
    return files.map(({ ref, id }) => ({ name: ref.slice("refs/heads/".length), commitId: id }));
  }

  async branch(name: string): Promise<Ref | undefined> {
    const commitId = await this.resolve(`refs/heads/${name}`);
    return commitId === undefined ? undefined : { name, commitId };
  }

  /** The commit of a branch before it was last moved; undefined when it was never moved. */
  async previousTip(branch: string): Promise<string | undefined> {
    return this.refFiles.previous(`refs/heads/${branch}`);
  }

  async tags(): Promise<Ref[]> {
    return this.refs("refs/tags/");
  }

  /** Tells whether there is no branch. */
  async isEmpty(): Promise<boolean> {
    return (await this.branches()).length === 0;
  }

  /** The commit a branch, tag or (abbreviated) id stands for. */
  async resolve(revision: string): Promise<string | undefined> {
    if (revision.startsWith("refs/") && this.refFiles.lacks(revision)) return undefined;
    if (PLAIN.test(revision)) return (await this.object(`${revision}^{commit}`))?.id;
    if (revision === "" || revision.startsWith("-")) return undefined;
    const { stdout, code } = await this.tryGit(["rev-parse", "--quiet", "--verify", `${revision}^{commit}`]);
    return code === 0 ? stdout.toString().trim() : undefined;
  }

  async setRef(ref: string, commitId: string): Promise<void> {
    await this.git(["update-ref", ref, commitId]);
  }

  async deleteRef(ref: string): Promise<void> {
    await this.git(["update-ref", "-d", ref]);
  }

  /** Points HEAD to a branch: clones check it out. */
  async setHead(branch: string): Promise<void> {
    await writeFile(join(this.path, "HEAD"), `ref: refs/heads/${branch}\n`);
  }

  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    return (await this.tryGit(["merge-base", "--is-ancestor", ancestor, descendant])).code === 0;
  }

  async mergeBase(a: string, b: string): Promise<string | undefined> {
    const { stdout, code } = await this.tryGit(["merge-base", a, b]);
    return code === 0 ? stdout.toString().trim() : undefined;
  }

  async commit(revision: string): Promise<Commit | undefined> {
    const name = await this.readable(revision);
    const found = name === undefined ? undefined : await this.object(`${name}^{commit}`);
    return found && parseCommit(found);
  }

  /** Commits reachable from a revision, newest first. */
  async log(revision: string, options: CommitFilter = {}): Promise<Commit[]> {
    const ids = await this.commitIds(revision, options);
    return Promise.all(ids.map(async (id) => (await this.commit(id))!));
  }

  /** Ids of the commits of a revision or range, newest first. */
  async commitIds(revision: string, { limit, path }: CommitFilter = {}): Promise<string[]> {
    const args = ["rev-list"];
    if (limit !== undefined) args.push(`--max-count=${limit}`);
    args.push(revision, "--", ...(path ? [path] : []));
    return (await this.git(args)).stdout.toString().split("\n").filter(Boolean);
  }

  async countCommits(revision: string, path?: string): Promise<number> {
    const { stdout } = await this.git(["rev-list", "--count", revision, "--", ...(path ? [path] : [])]);
    return Number(stdout.toString());
  }

  /** Entries under a folder (`""` = the root); undefined when revision or folder does not exist. */
  async tree(revision: string, folder: string, recursive: boolean): Promise<TreeEntry[] | undefined> {
    const id = await this.resolve(revision);
    if (id === undefined) return undefined;
    const prefix = folder.replace(/^\/+|\/+$/g, "");
    const treeish = prefix === "" ? id : `${id}:${prefix}`;
    const { stdout, code } = await this.tryGit(["ls-tree", "-z", ...(recursive ? ["-r", "-t"] : []), treeish]);
    if (code !== 0) return undefined;
    return records(stdout.toString()).map((record) => {
      const [meta = "", name = ""] = record.split("\t");
      const [mode = "", type = "", entryId = ""] = meta.split(" ");
      return { mode, type: type as TreeEntry["type"], id: entryId, path: prefix === "" ? name : `${prefix}/${name}` };
    });
  }

  /** A file's content; undefined when revision or file does not exist. */
  async file(revision: string, path: string): Promise<{ id: string; mode: string; content: Buffer } | undefined> {
    const commit = await this.readable(revision);
    if (commit === undefined) return undefined;
    let found = await this.object(`${commit}^{commit}^{tree}`);
    let mode = "";
    for (const name of path.split("/")) {
      const entry = found?.type === "tree" ? parseTree(found.content).find((each) => each.name === name) : undefined;
      if (!entry) return undefined;
      mode = entry.mode;
      found = await this.object(entry.id);
    }
    return found?.type === "blob" ? { id: found.id, mode, content: found.content } : undefined;
  }

  /** @param id may be abbreviated */
  async blob(id: string): Promise<Buffer | undefined> {
    return (await this.object(`${id}^{blob}`))?.content;
  }

  /** Writes one commit and moves the branch to it; fails if the branch moved meanwhile. Returns the new id. */
  async writeCommit(options: NewCommit): Promise<string> {
    const ref = `refs/heads/${options.branch}`;
    const parent = (await this.resolve(ref)) ?? (options.startFrom && (await this.resolve(options.startFrom)));
    await this.git(
      ["fast-import", "--quiet", "--date-format=raw"],
      fastImportStream(ref, parent || undefined, options),
    );
    return (await this.resolve(ref))!;
  }

  /** Makes a merge commit of `source` into `target` without a working tree; undefined on conflicts. */
  async merge(target: string, source: string, message: string, author: Signature): Promise<string | undefined> {
    return this.commitMerged([target, source], [target, source], message, author);
  }

  /** Makes one commit on top of `target` of all that `source` changes; undefined on conflicts. */
  async squash(target: string, source: string, message: string, author: Signature): Promise<string | undefined> {
    return this.commitMerged([target, source], [target], message, author);
  }

  private async commitMerged(
    [target, source]: readonly [string, string],
    parents: readonly string[],
    message: string,
    author: Signature,
  ): Promise<string | undefined> {
    const { stdout, code } = await this.tryGit(["merge-tree", "--write-tree", target, source]);
    if (code !== 0) return undefined;
    const tree = stdout.toString().split("\n")[0]!;
    const args = ["commit-tree", tree, ...parents.flatMap((parent) => ["-p", parent]), "-m", message];
    return (await this.git(args, undefined, identityEnvironment(author))).stdout.toString().trim();
  }

  /** A unified diff per file between two commits (`from` undefined = from nothing). */
  async diff(from: string | undefined, to: string): Promise<FileDiff[]> {
    const { stdout: emptyTree } = await this.git(["hash-object", "-t", "tree", "--stdin"], Buffer.alloc(0));
    const args = ["diff", "--no-color", "-M", "--no-ext-diff", from ?? emptyTree.toString().trim(), to];
    return parseDiff((await this.git(args)).stdout.toString());
  }

  /** The name for a revision when objects are read; undefined of one that is not there. */
  private async readable(revision: string): Promise<string | undefined> {
    return PLAIN.test(revision) ? revision : this.resolve(revision);
  }

  /** An object by a name without Git's operators but `^{type}`. */
  private async object(name: string): Promise<GitObject | undefined> {
    return (await this.looseObject(name)) ?? this.objects.read(name);
  }

  private async looseObject(name: string): Promise<GitObject | undefined> {
    const [, base = "", types = ""] = NAME.exec(name) ?? [];
    if (ABBREVIATED.test(base)) return undefined;
    const id = /^[0-9a-f]{40}$/.test(base) ? base : await this.refFiles.id(base);
    let found = id === undefined ? undefined : await looseObject(this.path, id);
    for (const [type] of types.matchAll(/\w+/g)) found &&= await peeled(this.path, found, type);
    return found;
  }

  private async refs(prefix: string): Promise<Ref[]> {
    const format = `--format=%(refname)%00%(objectname)%00%(*objectname)`;
    const { stdout } = await this.git(["for-each-ref", format, prefix]);
    const lines = stdout.toString().split("\n").filter(Boolean);
    return lines.map((line) => {
      const [name = "", id = "", peeled = ""] = line.split("\0");
      return { name: name.slice(prefix.length), commitId: peeled || id };
    });
  }

  private async git(args: readonly string[], input?: Buffer, environment?: Record<string, string>): Promise<GitOutput> {
    const output = await this.tryGit(args, input, environment);
    if (output.code !== 0) throw new GitCommandError(args, output.code, output.stderr);
    return output;
  }

  private tryGit(args: readonly string[], input?: Buffer, environment?: Record<string, string>): Promise<GitOutput> {
    return new Promise((resolve, reject) => {
      const child = spawn("git", args, { cwd: this.path, env: { ...gitEnvironment(), ...environment } });
      const stdout: Buffer[] = [];
      let stderr = "";
      child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
      child.stderr.on("data", (chunk: Buffer) => {
        stderr += chunk.toString();
      });
      child.on("error", reject);
      child.on("close", (code) => resolve({ code, stdout: Buffer.concat(stdout), stderr }));
      // git may end before it read everything; its exit code says why.
      child.stdin.on("error", () => undefined);
      child.stdin.end(input);
    });
  }
}

export interface FileDiff {
  readonly oldPath: string;
  readonly newPath: string;
  readonly newFile: boolean;
  readonly renamedFile: boolean;
  readonly deletedFile: boolean;
  readonly oldMode: string;
  readonly newMode: string;
  /** The hunks, from the first `@@` on. */
  readonly diff: string;
}

interface GitOutput {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

function identityEnvironment({ name, email, date }: Signature): Record<string, string> {
  const when = `${Math.floor(date.getTime() / 1000)} +0000`;
  return {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: when,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    GIT_COMMITTER_DATE: when,
  };
}

function fastImportStream(ref: string, parent: string | undefined, options: NewCommit): Buffer {
  const parts: (string | Buffer)[] = [
    `commit ${ref}\n`,
    `author ${signatureLine(options.author)}\n`,
    `committer ${signatureLine(options.committer ?? options.author)}\n`,
    ...data(Buffer.from(options.message)),
  ];
  if (parent) parts.push(`from ${parent}\n`);
  for (const change of options.changes) parts.push(...fileCommand(change));
  for (const branch of options.branches ?? []) parts.push(`reset refs/heads/${branch}\nfrom ${ref}\n\n`);
  return Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
}

function fileCommand({ action, path, previousPath, content, executable }: FileChange): (string | Buffer)[] {
  const mode = executable ? "100755" : "100644";
  if (action === "delete") return [`D ${quoted(path)}\n`];
  const rename = action === "move" && previousPath ? [`R ${quoted(previousPath)} ${quoted(path)}\n`] : [];
  return content ? [...rename, `M ${mode} inline ${quoted(path)}\n`, ...data(content)] : rename;
}

function data(content: Buffer): (string | Buffer)[] {
  return [`data ${content.length}\n`, content, "\n"];
}

function quoted(path: string): string {
  return `"${path.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}

function signatureLine({ name, email, date }: Signature): string {
  const clean = (text: string): string => text.replace(/[<>\n\0]/g, "");
  return `${clean(name)} <${clean(email)}> ${Math.floor(date.getTime() / 1000)} +0000`;
}

function parseCommit({ id, content }: GitObject): Commit {
  const text = content.toString();
  const end = text.indexOf("\n\n");
  const lines = text.slice(0, end).split("\n");
  const values = (name: string) =>
    lines.flatMap((line) => (line.startsWith(`${name} `) ? [line.slice(name.length + 1)] : []));
  return {
    id,
    parentIds: values("parent"),
    message: text.slice(end + 2),
    author: parseSignature(values("author")[0]!),
    committer: parseSignature(values("committer")[0]!),
  };
}

/** `Name <address> <seconds since 1970> <zone>` */
function parseSignature(line: string): Signature {
  const [, name = "", email = "", seconds] = /^(.*?) ?<(.*)> (\d+) [+-]\d+$/.exec(line) ?? [];
  return { name, email, date: new Date(Number(seconds) * 1000) };
}

/** Of each entry `<mode> <name>`, a zero byte, and the id's twenty. */
function parseTree(tree: Buffer): { mode: string; name: string; id: string }[] {
  const entries = [];
  for (let at = 0; at < tree.length; ) {
    const [space, zero] = [tree.indexOf(" ", at), tree.indexOf(0, at)];
    const id = tree.toString("hex", zero + 1, zero + 21);
    entries.push({ mode: tree.toString("utf8", at, space), name: tree.toString("utf8", space + 1, zero), id });
    at = zero + 21;
  }
  return entries;
}

function records(output: string): string[] {
  return output.split("\0").filter((record) => record !== "");
}

function parseDiff(output: string): FileDiff[] {
  return output
    .split(/^(?=diff --git )/m)
    .filter((part) => part.startsWith("diff --git "))
    .map(parseFileDiff);
}

function parseFileDiff(part: string): FileDiff {
  const hunks = part.search(/^@@ /m);
  const head = hunks < 0 ? part : part.slice(0, hunks);
  const line = (name: string): string | undefined => new RegExp(`^${name} (.*)$`, "m").exec(head)?.[1];
  const names = /^diff --git a\/(.*) b\/(.*)$/m.exec(head);
  const oldPath = line("rename from") ?? names?.[1] ?? "";
  const newPath = line("rename to") ?? names?.[2] ?? "";
  const indexMode = /^index \S+ (\d+)$/m.exec(head)?.[1] ?? "0";
  return {
    oldPath,
    newPath,
    newFile: line("new file mode") !== undefined,
    renamedFile: line("rename from") !== undefined,
    deletedFile: line("deleted file mode") !== undefined,
    oldMode: line("old mode") ?? line("deleted file mode") ?? (line("new file mode") ? "0" : indexMode),
    newMode: line("new mode") ?? line("new file mode") ?? (line("deleted file mode") ? "0" : indexMode),
    diff: hunks < 0 ? "" : part.slice(hunks),
  };
}
