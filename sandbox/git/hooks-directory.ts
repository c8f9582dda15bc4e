import { accessSync, chmodSync, constants, copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";

const HOOKS = ["pre-receive", "post-receive"] as const;

/**
 * Installs the hooks all repositories share (`core.hooksPath`) and answers their folder.
 *
 * @throws Error where Git would skip them: a folder mounted `noexec` would otherwise let every push through.
 */
export function installHooks(directory: string): string {
  const folder = join(directory, "hooks");
  mkdirSync(folder, { recursive: true });
  for (const hook of HOOKS) {
    const file = join(folder, hook);
    copyFileSync(join(__dirname, "receive-hook.sh"), file);
    chmodSync(file, 0o755);
    try {
      accessSync(file, constants.X_OK);
    } catch {
      throw new Error(
        `${folder} does not allow programs to run, so no branch rule would be checked; set TMPDIR to a folder on a file system not mounted "noexec".`,
      );
    }
  }
  return folder;
}
