import { copyFileSync, existsSync, readFileSync, statSync } from "node:fs";

/** Longest wait for a Terraform that is writing the file just now: a second, and one more for each megabyte. In milliseconds. */
const patience = (file: string): number => 1_000 + statSync(file).size / 1_000;

/**
 * Puts a local state back that Terraform was killed in the middle of writing: it empties the file and then writes it, and takes an
 * empty one for "nothing was ever deployed", so that the next deploy would make everything a second time. The backup beside it is the
 * state before that deploy; a refresh and {@link adoptLeftovers} find what the deploy had done.
 *
 * @param wait blocks for so many milliseconds; @default - the machine's clock
 * @returns whether the state was put back
 */
export function restoreCutOffState(file: string, wait: (milliseconds: number) => void = block): boolean {
  const backup = `${file}.backup`;
  if (!existsSync(file) || isState(file) || !existsSync(backup) || !isState(backup)) return false;
  wait(patience(backup));
  if (isState(file)) return false;
  copyFileSync(backup, file);
  return true;
}

function isState(file: string): boolean {
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as { version?: unknown }).version === 4;
  } catch {
    return false;
  }
}

/** A synth has nothing else to do meanwhile. */
function block(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
