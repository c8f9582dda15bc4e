import { artifactLifetime } from "../../../../sandbox/model/ci/artifact-lifetime";

test.each([
  ["42", 42],
  ["3 mins 4 sec", 184],
  ["2 hrs 20 min", 8_400],
  ["2h20min", 8_400],
  ["6 mos 1 day", 15_638_400],
  ["47 yrs 6 mos and 4d", 47 * 31_557_600 + 6 * 2_592_000 + 4 * 86_400],
  ["1 week", 604_800],
  ["30 days", 2_592_000],
  ["never", undefined],
  ["0", undefined],
  ["soon", undefined],
  ["3 blinks", undefined],
])("GIVEN expire_in %j WHEN read THEN it is %p seconds", (text, seconds) => {
  expect(artifactLifetime(text)).toBe(seconds);
});
