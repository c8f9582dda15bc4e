import { ExpiryDate } from "../../gitlab/expiry-date";
import { describe as said } from "../../gitlab/problem";

const NOON = new Date("2030-06-15T12:00:00Z");

describe("an expiry date", () => {
  test.each(["2030-06-31", "2031-02-29", "2030-13-01", "30-06-15", "2030-6-1", "2030-06-15T00:00:00Z", "tomorrow", ""])(
    "%j is no date",
    (text) => {
      expect(() => ExpiryDate.parse(text)).toThrow(
        /allowed: a day of the calendar, YYYY-MM-DD; fix: write a literal date/,
      );
    },
  );

  test.each([
    ["2030-06-14", -1, true],
    ["2030-06-15", 0, true],
    ["2030-06-16", 1, false],
    ["2030-07-15", 30, false],
    ["2031-06-15", 365, false],
    ["2032-02-29", 624, false],
  ])("%s is %i days away, past: %s", (text, days, past) => {
    const date = ExpiryDate.parse(text);
    expect(date.daysAfter(NOON)).toBe(days);
    expect(date.isPast(NOON)).toBe(past);
  });

  test("the token dies at 00:00 UTC of the day, not at its end", () => {
    const date = ExpiryDate.parse("2030-06-15");
    expect(date.isPast(new Date("2030-06-14T23:59:59.999Z"))).toBe(false);
    expect(date.isPast(new Date("2030-06-15T00:00:00Z"))).toBe(true);
  });

  test.each([
    ["2030-06-14", 365, /in the past.*allowed: a date after 2030-06-15 and up to 2031-06-15; fix: bump the date/],
    ["2030-06-15", 365, /which is today.*bump the date/],
    ["2030-06-16", 365, undefined],
    ["2031-06-15", 365, undefined],
    [
      "2031-06-16",
      365,
      /got 2031-06-16, 366 days from 2030-06-15; allowed: up to 2031-06-15 \(GitLab's limit of 365 days\)/,
    ],
    ["2031-07-20", 400, undefined],
    ["2031-07-21", 400, /401 days.*fix: choose an earlier date$/],
  ])("%s under a limit of %i days", (text, limit, problem) => {
    const found = ExpiryDate.parse(text).problem(NOON, limit);
    if (problem) expect(said(found!)).toMatch(problem);
    else expect(found).toBeUndefined();
  });
});
