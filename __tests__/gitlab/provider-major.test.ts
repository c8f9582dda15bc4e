import { newestFor } from "../../gitlab/provider-major";

test.each([
  ["17.11.0", 18],
  ["18.11.4-ee", 18],
  ["19.0.0-pre", 19],
  ["19.5.1-ee", 19],
  ["20.1.0", 19],
  ["unknown", 18],
  ["", 18],
])("GIVEN GitLab %s THEN the newest provider that supports it is %j", (version, expected) => {
  expect(newestFor(version)).toBe(expected);
});
