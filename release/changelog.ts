import { ExpectedError } from "../gitlab/expected-error";
import { describe } from "../gitlab/problem";

const UNRELEASED = "## [Unreleased]";

/**
 * The changelog with what is unreleased under a version.
 * @param day of the release, as in `2026-11-28`
 * @throws ExpectedError when nothing is unreleased, or the version is there already
 */
export function withRelease(changelog: string, version: string, day: string): string {
  const start = changelog.indexOf(`${UNRELEASED}\n`);
  const after = start + UNRELEASED.length + 1;
  const next = changelog.indexOf("\n## [", after);
  const changes = changelog.slice(after, next < 0 ? undefined : next).trim();
  if (start < 0 || changes === "") {
    const got = `CHANGELOG.md without a change under ${UNRELEASED}`;
    throw new ExpectedError(describe({ got, allowed: "what users are told of the release", fix: "write it there" }));
  }
  if (changelog.includes(`\n## [${version}]`)) {
    const got = `CHANGELOG.md with ${version} already`;
    throw new ExpectedError(describe({ got, allowed: "a new version", fix: "take the next one" }));
  }
  return `${changelog.slice(0, after)}\n## [${version}] - ${day}\n${changelog.slice(after)}`;
}
