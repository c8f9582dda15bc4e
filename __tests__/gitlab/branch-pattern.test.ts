import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { BranchPattern } from "../../gitlab/branch-pattern";
import { wildcardCovers } from "../../gitlab/wildcard";

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

  test("GIVEN any pattern and branch THEN it matches as a regular expression would, if that ever ended", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", ".", "*"), maxLength: 6 });
    fc.assert(
      fc.property(pattern, text, (rule, branch) => {
        const expression = new RegExp(`^${rule.replaceAll(".", "\\.").replaceAll("*", "[^]*")}$`);
        expect(wildcardCovers(rule, branch)).toBe(expression.test(branch));
      }),
      { numRuns: 1000 },
    );
    expect(wildcardCovers(`${"a*".repeat(120)}b`, "a".repeat(250))).toBe(false);
  });

  test.each([
    ["main", "mai*n"],
    ["x", "*x"],
    ["release/*", "release/**"],
    ["*", "**"],
    ["*-stable", "**-stable"],
    ["über/😀", "über/*😀"],
    ["x".repeat(200) + "/".repeat(1) + "y".repeat(53), `${"x".repeat(200)}/${"y".repeat(52)}*y`],
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
    ["x.lock", /no part ends with \.lock/],
    ["a.lock/b", /no part ends with \.lock/],
    [".a", /no part begins with a dot/],
    ["a/.b", /no part begins with a dot/],
    ["a/", /with \/ between parts only/],
    ["@", /Git takes for something else/],
    ["HEAD", /Git takes for something else/],
    ["tab\there", /got U\+0009 as character 4, which nobody sees/],
    ["a\u202eb", /got U\+202E as character 2, which nobody sees/],
    ["😀\ud83d", /got U\+D83D as character 2/],
    [
      "glpat-0123456789abcdefghij",
      /^got "\[a token\]"; allowed: a text without secrets; fix: take a token out of it, and revoke it/,
    ],
    ["refs/heads/main", /fix: write "main"/],
    [`a/${"x".repeat(252)}`, /got a part of 252 bytes; allowed: up to 250/],
    [`a/${"ü".repeat(126)}`, /got a part of 252 bytes/],
    ["x".repeat(255), /got 255 characters; allowed: 1 to 254/],
  ])("%j is refused", (text, message) => {
    expect(() => BranchPattern.parse(text)).toThrow(message);
  });

  test("GIVEN names of pieces that Git knows rules for THEN Git and we refuse the same ones", () => {
    const piece = fc.constantFrom(
      ..."aZ0./-@{}~^:?[\\ _ü😀",
      "\x7f",
      "..",
      "@{",
      ".lock",
      "HEAD",
      "x".repeat(249),
      "ü".repeat(125),
    );
    const names = fc.sample(fc.array(piece, { maxLength: 6 }), 400).map((pieces) => pieces.join(""));
    // `@` passes here, and is HEAD to whoever uses it.
    const kept = [...new Set(names)].filter((name) => name !== "@" && name.length <= 254);
    const script = 'for name do git check-ref-format --branch "$name" >/dev/null 2>&1 && echo true || echo false; done';
    const isBranch = execFileSync("sh", ["-c", script, "sh", ...kept], { encoding: "utf8" })
      .trim()
      .split("\n");
    const partsFit = (name: string) => name.split("/").every((part) => Buffer.byteLength(part) <= 250);
    expect(kept.map((name) => [name, BranchPattern.problem(name) === undefined])).toEqual(
      kept.map((name, index) => [name, isBranch[index] === "true" && partsFit(name)]),
    );
  });
});
