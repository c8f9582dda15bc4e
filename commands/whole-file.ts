import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { CommandError } from "./exit-code";

export interface WholeFileOptions {
  /** The option that named the file, for the message. */
  readonly option: string;
  /** Rights of the new file. @default - what the process gives to every file */
  readonly mode?: number;
}

/**
 * Writes a file so that it is there as a whole, or as it was.
 * @throws CommandError when it cannot be written, or is no plain file: a device would be replaced by it
 */
export function writeWhole(file: string, content: string, { option, mode }: WholeFileOptions): void {
  const beside = `${file}.${process.pid}.tmp`;
  try {
    if (statSync(file, { throwIfNoEntry: false })?.isFile() === false)
      refuse("something that is no plain file", file, option);
    // What an earlier process left, or somebody put there, has rights of its own, or leads elsewhere.
    rmSync(beside, { force: true });
    writeFileSync(beside, content, { mode, flag: "wx" });
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    if (error instanceof CommandError) throw error;
    refuse((error as NodeJS.ErrnoException).code ?? "an error", file, option);
  }
}

function refuse(got: string, file: string, option: string): never {
  throw new CommandError({
    got: `${got} at ${file}`,
    allowed: "a file that can be written",
    fix: `check the folder of ${option}`,
  });
}
