import { readFileSync } from "node:fs";
import * as path from "node:path";
import { oneLine } from "../gitlab/printable";

/** The file in which Terraform notes that it works on a state file, and which it forgets to take the note away when it is killed. */
export const lockNoteOf = (file: string): string => path.join(path.dirname(file), `.${path.basename(file)}.lock.info`);

/**
 * Says that a Terraform works on a state file, or was killed while it did: it then leaves the note of its lock until the next one. The
 * cdktf command line says nothing of a Terraform that is killed, and exits 0.
 *
 * @returns undefined when there is no note
 */
export function brokenOffDeploy(file: string): string | undefined {
  const note = lockNoteOf(file);
  try {
    const { Who: who, Created: created } = JSON.parse(readFileSync(note, "utf8")) as Record<string, unknown>;
    return `Terraform noted in ${note} that it works on the state (${oneLine(`${who}, since ${created}`)}). If no deploy runs, one was killed: deploy again; what it made is adopted, but for tokens: \`npx gitlab-ci-pusher status\` finds those`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? undefined : `${note} cannot be read: if no deploy runs, one was killed: deploy again`;
  }
}
