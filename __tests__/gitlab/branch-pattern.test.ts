import fc from "fast-check";
import { BranchPattern } from "../../gitlab/branch-pattern";

describe("a branch pattern", () => {
  test.each([
    ["main", "main", true],
    ["main", "Main", false],
    ["main", "mainline", false],
    ["release/*", "release/1.0", true],
    ["release/*", "release/1/0", true],
    ["release/*", "release/", true],
    ["release/*", "releases", false],
    ["*-stable", "16-11-stable", true],
    ["*-stable", "16-11-stable-ee", false],
    ["*", "anything/at-all", true],
    ["v1.0", "v1x0", false],
    ["feature(*", "feature(x", true],
    ["a*b*c", "a--b--c", true],
    ["a*b*c", "acb", false],
  ])("%s matches %s: %s", (pattern, branch, expected) => {
    expect(BranchPattern.parse(pattern).matches(branch)).toBe(expected);
  });

  test.each([
    ["main", "mai*n"],
    ["x", "*x"],
    ["release/*", "release/**"],
    ["*", "**"],
    ["*-stable", "**-stable"],
  ])("%s has the companion %s", (pattern, companion) => {
    expect(BranchPattern.parse(pattern).companion()).toBe(companion);
  });

  test("a companion matches all that its pattern matches, under another name", () => {
    const literal = fc.stringMatching(/^[a-z0-9]{1,6}$/);
    fc.assert(
      fc.property(fc.array(literal, { minLength: 1, maxLength: 4 }), literal, (parts, filling) => {
        // GIVEN a pattern and a branch it matches
        const pattern = BranchPattern.parse(parts.join("*"));
        const branch = parts.join(filling);
        expect(pattern.matches(branch)).toBe(true);
        // THEN the companion is another rule that matches it too
        const companion = BranchPattern.parse(pattern.companion());
        expect(companion.text).not.toBe(pattern.text);
        expect(companion.matches(branch)).toBe(true);
      }),
    );
  });

  test.each([
    ["", /allowed: a Git branch name/],
    ["a b", /a Git branch name/],
    ["a..b", /a Git branch name/],
    ["-x", /a Git branch name/],
    ["x.lock", /a Git branch name/],
    ["tab\there", /a Git branch name/],
    ["refs/heads/main", /fix: write "main"/],
    ["x".repeat(256), /got 256 characters; allowed: 1 to 255/],
  ])("%j is refused", (text, message) => {
    expect(() => BranchPattern.parse(text)).toThrow(message);
  });
});
