import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { CommandError } from "../exit-code";

/** Lends a new folder that only this user may look into, and removes it whatever happens: plans hold tokens in clear. */
export async function inPrivateFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = made();
  try {
    return await act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** @throws CommandError when there is no place for temporary folders */
function made(): string {
  try {
    // mkdtemp makes it with mode 0700.
    return realpathSync(mkdtempSync(path.join(tmpdir(), "pusher-review-")));
  } catch (error) {
    throw new CommandError({
      got: `${(error as NodeJS.ErrnoException).code} at ${tmpdir()}, for temporary files`,
      allowed: "a folder that can be written",
      fix: "set TMPDIR to one",
    });
  }
}
