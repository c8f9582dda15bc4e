/** The first release of GitLab whose access tokens have descriptions, by which ours are told: the least that this project works with. */
export const DESCRIBED_TOKENS = "17.7";

/** Tells whether a GitLab of a version as it tells it itself, `17.6.1-ee`, is older than a release, `17.7`; false when nobody can tell. */
export function isBefore(version: string, release: string): boolean {
  const [major, minor] = numbers(version);
  const [leastMajor, leastMinor] = numbers(release);
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}

function numbers(version: string): readonly [major: number, minor: number] {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  return [Number(major), Number(minor)];
}
