import { refMatches } from "../../../../sandbox/model/protected-refs/ref-pattern";

test.each([
  ["main", "main", true],
  ["main", "Main", false],
  ["main", "main2", false],
  ["release/*", "release/1/2", true],
  ["release/*", "release", false],
  ["*", "anything/at/all", true],
  ["mai*n", "main", true],
  ["mai*n", "maintain", true],
  ["m*n", "many", false],
  ["v1.*", "v1.0", true],
  ["v1.*", "v10", false],
  ["*-stable", "1-stable", true],
])("GIVEN the rule %s WHEN the ref is %s THEN matching is %s", (pattern, ref, matches) => {
  expect(refMatches(pattern, ref)).toBe(matches);
});
