import { parseDuration } from "../../commands/duration";

describe("a duration", () => {
  test.each([
    ["30d", 30],
    ["4w", 28],
    ["0d", 0],
  ])("%s is %i days", (text, days) => {
    expect(parseDuration(text)).toBe(days);
  });

  test.each([
    ["6m", "write 180d for months of 30 days: they differ in length, and m may be taken for minutes"],
    ["6 months", "write 180d for months"],
    ["P6M", "write 180d for months"],
    ["1y", "write 365d for years of 365 days: they differ in length, and GitLab's own limits are in days"],
    ["2 years", "write 730d for years"],
    ["30", "write 30d"],
    ["30 days", "write 30d"],
    ["4W", "write 4w"],
    ["12h", "write 1d, the least: a token dies at midnight UTC of its date"],
    ["soon", "write 30d"],
    ["", "write 30d"],
  ])("GIVEN %j THEN it is refused with what stands for it, and why", (text, fix) => {
    expect(() => parseDuration(text)).toThrow(
      `got ${JSON.stringify(text)}; allowed: days or weeks, such as 30d or 4w; fix: ${fix}`,
    );
  });
});
