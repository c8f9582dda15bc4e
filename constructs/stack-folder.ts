import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import * as path from "node:path";
import { ownerOnly } from "../state/owner-only";

/** The file in which Terraform notes the release and the checksums of each provider: beside cdktf.json under version control, and where it runs. */
const PROVIDER_LOCK = ".terraform.lock.hcl";

/**
 * Prepares what Terraform needs to run, once a stack is written: the provider's lock file, of which the one under version control decides
 * and not what an earlier run left; and the folder of a local state. Nobody but its owner may look into that one, nor where Terraform
 * leaves plans and what it could not store: who reads those can push.
 *
 * @param runsIn where Terraform runs
 * @param stateFile the local state file; @default - the state is elsewhere
 */
export function prepareFolders(runsIn: string, stateFile: string | undefined): void {
  if (stateFile !== undefined) mkdirSync(path.dirname(stateFile), { recursive: true, mode: 0o700 });
  ownerOnly(runsIn);
  if (existsSync(PROVIDER_LOCK)) copyFileSync(PROVIDER_LOCK, path.join(runsIn, PROVIDER_LOCK));
}
