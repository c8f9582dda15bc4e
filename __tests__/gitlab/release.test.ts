import { isBefore } from "../../gitlab/release";

test.each([
  ["17.6.1-ee", true],
  ["9.5.10", true],
  ["17.7.0", false],
  ["17.7.0-pre", false],
  ["17.10.2", false],
  ["18.0.0-ee", false],
  ["100.1.0", false],
  ["unknown", false],
  ["", false],
])("GIVEN GitLab %s, whether it is before 17.7: %j", (version, expected) => {
  expect(isBefore(version, "17.7")).toBe(expected);
});
