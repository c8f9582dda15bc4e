import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { ExpectedError } from "./expected-error";

export interface WholeFileOptions {
  /** The option that named the file, for the message. */
  readonly option: string;
  /** Rights of the new file. @default - what the process gives to every file */
  readonly mode?: number;
}

/**
 * Writes a file so that it is there as a whole, or as it was.
 * @throws ExpectedError when it cannot be written, or is no plain file: a device would be replaced by it
 */
export function writeWhole(file: string, content: string, options: WholeFileOptions): void {
  writeBeside(file, content, options, (beside) => renameSync(beside, file));
}

/**
 * Makes sure that {@link writeWhole} will do, before work is done for it; nothing is left of that.
 * @throws ExpectedError as it does
 */
export function requireWritable(file: string, options: WholeFileOptions): void {
  writeBeside(file, "", options, (beside) => rmSync(beside));
}

function writeBeside(
  file: string,
  content: string,
  { option, mode }: WholeFileOptions,
  use: (beside: string) => void,
): void {
  const beside = `${file}.${process.pid}.tmp`;
  try {
    if (statSync(file, { throwIfNoEntry: false })?.isFile() === false)
      refuse("something that is no plain file", file, option);
    // What an earlier process left, or somebody put there, has rights of its own, or leads elsewhere.
    rmSync(beside, { force: true });
    writeFileSync(beside, content, { mode, flag: "wx" });
    use(beside);
  } catch (error) {
    rmSync(beside, { force: true });
    if (error instanceof ExpectedError) throw error;
    refuse((error as NodeJS.ErrnoException).code ?? "an error", file, option);
  }
}

function refuse(got: string, file: string, option: string): never {
  throw new ExpectedError({
    got: `${got} at ${file}`,
    allowed: "a file that can be written",
    fix: `check the folder of ${option}`,
  });
}
