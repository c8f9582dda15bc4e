import { GITLAB_COM } from "../../gitlab/base-url";
import { DEFAULT_PROVIDER, NEWEST_PROVIDER, newestFor, type ProviderMajor } from "../../gitlab/provider-major";
import { readProviderLock } from "../../terraform/provider-lock";

/** The `context` of a cdktf.json that is there. */
interface CdktfJson {
  readonly context?: { readonly provider?: ProviderMajor };
}

/**
 * The major version of the provider that cdktf.json asks for: in a new ops repository the newest that supports its GitLab, else what it asked for
 * before, as a state that a newer one wrote is closed to an older one.
 * @param version of GitLab, as it tells it itself; @default - nobody told
 * @returns undefined where none is asked for, and the one counts that is locked
 */
export function providerOf(
  folder: string,
  cdktfJson: CdktfJson | undefined,
  gitlab: string,
  version = "",
): ProviderMajor | undefined {
  if (cdktfJson) return cdktfJson.context?.provider;
  if (readProviderLock(folder) !== undefined) return undefined;
  const newest = gitlab === GITLAB_COM ? NEWEST_PROVIDER : newestFor(version);
  return newest === DEFAULT_PROVIDER ? undefined : newest;
}
