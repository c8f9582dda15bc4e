import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

/** Lends a new folder that only this user may look into, and removes it whatever happens: plans hold tokens in clear. */
export async function inPrivateFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  // mkdtemp makes it with mode 0700.
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "pusher-review-")));
  try {
    return await act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
