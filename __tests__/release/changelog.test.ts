import { readFileSync } from "node:fs";
import * as path from "node:path";
import { withRelease } from "../../release/changelog";

const HEAD = "# Changelog\n\n## [Unreleased]\n";

describe("a release in the changelog", () => {
  test("is what was unreleased, above the earlier ones", () => {
    expect(withRelease(`${HEAD}\n### Added\n\n- a\n\n## [1.0.0] - 2026-01-01\n\n- b\n`, "1.1.0", "2026-12-01")).toBe(
      `${HEAD}\n## [1.1.0] - 2026-12-01\n\n### Added\n\n- a\n\n## [1.0.0] - 2026-01-01\n\n- b\n`,
    );
  });

  test.each([
    ["nothing that is unreleased", `${HEAD}\n## [1.0.0] - 2026-01-01\n\n- b\n`, /without a change under/],
    ["no such heading", "# Changelog\n", /without a change under/],
    ["the version", `${HEAD}\n- a\n\n## [1.1.0] - 2026-01-01\n\n- b\n`, /with 1\.1\.0 already/],
  ])("GIVEN %s THEN it is refused", (_, changelog, message) => {
    expect(() => withRelease(changelog, "1.1.0", "2026-12-01")).toThrow(message);
  });

  test("can be made of this project's", () => {
    const changelog = readFileSync(path.join(__dirname, "../../CHANGELOG.md"), "utf8");
    expect(withRelease(changelog, "999.0.0", "2026-12-01")).toContain("## [999.0.0] - 2026-12-01\n");
  });
});
