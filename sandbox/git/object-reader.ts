import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { gitEnvironment } from "./git-environment";

/** A commit, tree, blob or tag as Git stores it. */
export interface GitObject {
  readonly id: string;
  readonly type: string;
  readonly content: Buffer;
}

interface Question {
  readonly answer: (object: GitObject | undefined) => void;
  readonly fail: (error: Error) => void;
}

/** A process, and what it was asked and has not answered yet. */
interface Session {
  readonly git: ChildProcessWithoutNullStreams;
  readonly open: Question[];
}

/** The time that a process waits for another question, in milliseconds. */
const PATIENCE = 200;

/**
 * Reads objects through one `git cat-file --batch` that lives while it is asked: a process for each question would be most
 * of what a sandbox does. It sees what others write meanwhile.
 */
export class ObjectReader {
  private session: Session | undefined;
  private idle: NodeJS.Timeout | undefined;
  private ended: Promise<unknown> = Promise.resolve();

  /** @param path of the repository */
  constructor(private readonly path: string) {}

  /**
   * @param name of one object, without a line end; names that make Git give up, such as `main@{9}`, are not for this
   * @returns undefined when there is no such object
   */
  read(name: string): Promise<GitObject | undefined> {
    return new Promise((answer, fail) => {
      clearTimeout(this.idle);
      this.session ??= this.start();
      this.session.open.push({ answer, fail });
      this.session.git.stdin.write(`${name}\n`);
    });
  }

  /** Resolves when what was asked is answered, and no process runs any more. */
  async close(): Promise<void> {
    this.end();
    await this.ended;
  }

  private start(): Session {
    const git = spawn("git", ["-C", this.path, "cat-file", "--batch"], { env: gitEnvironment() });
    const session: Session = { git, open: [] };
    const answers = new Answers();
    git.stdout.on("data", (chunk: Buffer) => {
      for (const object of answers.add(chunk)) session.open.shift()?.answer(object);
      if (session === this.session && session.open.length === 0) this.wait();
    });
    let said = "";
    git.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    const fail = (error: Error): void => {
      if (session === this.session) this.session = undefined;
      for (const question of session.open.splice(0)) question.fail(error);
    };
    git.on("error", fail);
    git.on("close", (code) => fail(new Error(`git cat-file exited with ${code}: ${said.trim()}`)));
    // How it ended is told then.
    git.stdin.on("error", () => undefined);
    this.ended = Promise.all([this.ended, new Promise((resolve) => git.on("close", resolve))]);
    return session;
  }

  private wait(): void {
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.end(), PATIENCE);
  }

  private end(): void {
    clearTimeout(this.idle);
    this.session?.git.stdin.end();
    this.session = undefined;
  }
}

/** `<id> <type> <size>`, a line end, the content, a line end; or a line that says there is none. */
class Answers {
  private chunks: Buffer[] = [];
  private needed = 1;

  *add(chunk: Buffer): Generator<GitObject | undefined> {
    this.chunks.push(chunk);
    while (this.chunks.reduce((sum, { length }) => sum + length, 0) >= this.needed) {
      const received = Buffer.concat(this.chunks);
      this.chunks = [received];
      const end = received.indexOf("\n");
      if (end < 0) return;
      const [, id, type, size] = /^([0-9a-f]+) (\w+) (\d+)$/.exec(received.toString("utf8", 0, end)) ?? [];
      const length = end + 1 + (size === undefined ? 0 : Number(size) + 1);
      this.needed = length;
      if (received.length < length) return;
      this.chunks = [received.subarray(length)];
      this.needed = 1;
      yield id === undefined ? undefined : { id, type: type!, content: received.subarray(end + 1, length - 1) };
    }
  }
}
