import { isFrom } from "./release";

/** Major versions of GitLab's Terraform provider that a stack can be written for. */
export const PROVIDER_MAJORS = [18, 19] as const;
export type ProviderMajor = (typeof PROVIDER_MAJORS)[number];

/**
 * The major that is taken where nobody chose one: the one whose states every other can read. A state that 19 wrote is closed to 18, so no
 * stack moves there unasked.
 */
export const DEFAULT_PROVIDER: ProviderMajor = 18;

/** The one that is for GitLab.com. */
export const NEWEST_PROVIDER: ProviderMajor = 19;

/**
 * The newest major that supports a GitLab: a release of the provider is tested with the GitLab of its own number and the two before it.
 * @param version as GitLab tells it itself, `19.2.1-ee`; of one that nobody understands it is {@link DEFAULT_PROVIDER}
 */
export const newestFor = (version: string): ProviderMajor =>
  PROVIDER_MAJORS.findLast((major) => isFrom(version, `${major}.0`)) ?? DEFAULT_PROVIDER;
