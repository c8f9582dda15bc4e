import { mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { ownerOnly } from "../../state/owner-only";
import { ERRORED_STATE, rescueOf } from "../../state/rescued-state";
import { STATE_DIRECTORY } from "../../state/stack-states";

/**
 * Keeps a state that was not stored, for its owner only, where the next synth finds it: below `.state`. When that cannot be written, in a
 * new temporary folder.
 * @returns where it is now
 */
export function keepRescue(found: string, stateName: string, project: string): string {
  const directory = path.join(project, STATE_DIRECTORY);
  const kept = rescueOf(directory, stateName);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    ownerOnly(directory);
    writeFileSync(kept, readFileSync(found), { flag: "wx", mode: 0o600, flush: true });
    return kept;
  } catch {
    // A disk that is full is a likely reason why the state was not stored; to move a file takes no room.
    const other = path.join(mkdtempSync(path.join(tmpdir(), "pusher-rescue-")), `${stateName}.${ERRORED_STATE}`);
    renameSync(found, other);
    ownerOnly(other);
    return other;
  }
}
