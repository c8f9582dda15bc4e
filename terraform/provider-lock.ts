import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";

/**
 * Terraform's dependency lock file: the release and the checksums of each provider. The one beside cdktf.json is under version control;
 * the synth copies it into the folder of each stack.
 */
export const PROVIDER_LOCK = ".terraform.lock.hcl";

/** The release of each provider, by the provider's address: `{"registry.terraform.io/gitlabhq/gitlab": "18.10.0"}`. */
export type Releases = Readonly<Record<string, string>>;

/** The text of the lock file in a folder, or undefined where there is none. */
export function readProviderLock(folder: string): string | undefined {
  const file = path.join(folder, PROVIDER_LOCK);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** The releases that a lock file names. Terraform writes the file itself, always in the same layout. */
export function releasesIn(lock: string): Releases {
  const blocks = lock.matchAll(/^provider "([^"]+)" \{[^}]*?^\s*version\s*=\s*"([^"]+)"/gm);
  return Object.fromEntries([...blocks].map(([, address, release]) => [address as string, release as string]));
}
