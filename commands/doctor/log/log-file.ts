import { closeSync, openSync, readSync } from "node:fs";
import { CommandError } from "../../exit-code";

/**
 * The longest log that is read, in bytes. GitLab cuts a job's log at 100 MB, unless an administrator lets it be longer.
 * @see https://docs.gitlab.com/administration/instance_limits/#maximum-file-size-for-job-logs
 */
const LONGEST = 200_000_000;

const PIECE = 1 << 20;

/**
 * Reads a job's log as text.
 * @param file its path; `-`: standard input
 * @throws CommandError when it cannot be read, or is longer than any log
 */
export function readLogFile(file: string): string {
  try {
    const open = file === "-" ? 0 : openSync(file, "r");
    try {
      return textOf(bytesOf(open));
    } finally {
      if (open !== 0) closeSync(open);
    }
  } catch (error) {
    throw new CommandError({
      got: `${(error as NodeJS.ErrnoException).code ?? (error as Error).message} at ${file}`,
      allowed: "a readable file with a job's log",
      fix: `download the log (the job's page, "Show complete raw") and name that file`,
    });
  }
}

function bytesOf(open: number): Buffer {
  const pieces: Buffer[] = [];
  const piece = Buffer.allocUnsafe(PIECE);
  for (let length = 0; ; ) {
    const read = readPiece(open, piece);
    if (read === 0) return Buffer.concat(pieces);
    // A pipe gives a few kB at a time: a part of the piece would keep all of it.
    pieces.push(Buffer.from(piece.subarray(0, read)));
    length += read;
    if (length > LONGEST) throw new Error(`more than ${LONGEST / 1e6} MB`);
  }
}

/** Standard input that is a terminal or a pipe may have nothing yet. */
function readPiece(open: number, piece: Buffer): number {
  for (;;) {
    try {
      return readSync(open, piece);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT);
    }
  }
}

/** Milliseconds. */
const WAIT = 20;

/** PowerShell's `>` writes UTF-16, and says so by the first two bytes. */
function textOf(bytes: Buffer): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  return new TextDecoder().decode(bytes);
}
