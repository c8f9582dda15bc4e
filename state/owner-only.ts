import { chmodSync, statSync } from "node:fs";

/** Whatever others may do with a file. */
const OTHERS = 0o077;

/**
 * Takes from everybody but its owner what they may do with a file or a folder, because what is in it can push. Nothing is done where
 * there is none, and on Windows, which has no such modes.
 * @returns what is still the matter, or undefined
 */
export function ownerOnly(file: string): string | undefined {
  const { mode } = statSync(file, { throwIfNoEntry: false }) ?? { mode: 0 };
  if ((mode & OTHERS) === 0 || process.platform === "win32") return undefined;
  try {
    chmodSync(file, mode & 0o777 & ~OTHERS);
    return undefined;
  } catch (error) {
    const others = (mode & OTHERS).toString(8).padStart(3, "0");
    const { code } = error as NodeJS.ErrnoException;
    return `others than its owner may open ${file} (mode ${others}), which holds tokens, and that could not be changed (${code}): have its owner run \`chmod go= ${file}\``;
  }
}
