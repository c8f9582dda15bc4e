import { commonBranch } from "../../gitlab/common-branch";
import { wildcardCovers } from "../../gitlab/wildcard";

describe("a branch that two rules match", () => {
  test.each<[string, string, string | undefined]>([
    ["main", "main", "main"],
    ["main", "develop", undefined],
    ["main", "ma*", "main"],
    ["rel*", "release", "release"],
    ["rel*", "main", undefined],
    ["rel*", "release/*", "release/1"],
    ["*-stable", "v*", "v1-stable"],
    ["*-prod", "feature/*", "feature/1-prod"],
    ["a*c", "b*c", undefined],
    ["v*-rc", "v*-final", undefined],
    ["v*c", "v1*bc", "v11bc"],
    ["*/a/*", "*/b/*", "1/a/1/b/1"],
    ["release/*", "release/**", "release/1"],
    ["*", "*", "1"],
    ["*.lock", "*", "1.lock"],
    ["Main*", "main*", undefined],
  ])("GIVEN %s and %s THEN it is %s", (one, other, expected) => {
    expect(commonBranch(one, other)).toBe(expected);
    expect(commonBranch(other, one) === undefined).toBe(expected === undefined);
  });

  test("GIVEN all short patterns THEN there is one exactly where some name is matched by both, and both match it", () => {
    const words = (letters: string, most: number): string[] =>
      most === 0
        ? [""]
        : ["", ...[...letters].flatMap((letter) => words(letters, most - 1).map((rest) => letter + rest))];
    const patterns = [...new Set(words("ab*", 3))];
    const names = [...new Set(words("ab", 6))];
    const matched = new Map(patterns.map((each) => [each, names.filter((name) => wildcardCovers(each, name))]));
    const wrong = patterns.flatMap((one) =>
      patterns.filter((other) => {
        const found = commonBranch(one, other);
        const known = new Set(matched.get(other));
        const exists = (matched.get(one) ?? []).some((name) => known.has(name));
        const isMatched = found === undefined || (wildcardCovers(one, found) && wildcardCovers(other, found));
        return !isMatched || exists !== (found !== undefined);
      }),
    );
    expect(wrong).toEqual([]);
  });
});
