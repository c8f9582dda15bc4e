/** All that this project needs of GitLab and that has not always been there, by the release it came with. */
const NEEDED = {
  "descriptions of access tokens": "17.7",
  "deploy keys in rules of branches": "17.5",
  "hidden variables": "17.4",
  "the date of a rotated token": "16.6",
  "changes of a rule of branches": "15.6",
} as const;

/** The first release of GitLab whose access tokens have descriptions, by which ours are told. */
export const DESCRIBED_TOKENS = NEEDED["descriptions of access tokens"];

/** The oldest release of GitLab that this project works with: the newest of all that it needs. */
export const OLDEST_GITLAB: string = Object.values(NEEDED).reduce((newest, each) =>
  isBefore(newest, each) ? each : newest,
);

/** All that a GitLab of a version does not have and that is needed, in words. */
export const missingIn = (version: string): string[] =>
  Object.entries(NEEDED).flatMap(([what, release]) => (isBefore(version, release) ? [what] : []));

/** Tells whether a GitLab of a version as it tells it itself, `17.6.1-ee`, is older than a release, `17.7`; false when nobody can tell. */
export function isBefore(version: string, release: string): boolean {
  const [major, minor] = numbers(version);
  const [leastMajor, leastMinor] = numbers(release);
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}

/** Tells whether a GitLab is a release or a later one; false when nobody can tell. */
export function isFrom(version: string, release: string): boolean {
  return numbers(version).every(Number.isFinite) && !isBefore(version, release);
}

function numbers(version: string): readonly [major: number, minor: number] {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  return [Number(major), Number(minor)];
}
