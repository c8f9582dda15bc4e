/** The GitLab release whose behaviour the sandbox follows. */
export const RELEASE = "18.8.2";

/** Tells whether a release has something that came with another one, `17.7`. */
export function has(release: string, since: string): boolean {
  const [major = 0, minor = 0] = release.split(".").map(Number);
  const [sinceMajor = 0, sinceMinor = 0] = since.split(".").map(Number);
  return major > sinceMajor || (major === sinceMajor && minor >= sinceMinor);
}
