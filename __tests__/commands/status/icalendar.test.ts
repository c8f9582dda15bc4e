import fc from "fast-check";
import { component, date, moment, render, text } from "../../../commands/status/icalendar";
import { ICAL } from "../../support/icalendar";

const calendarWith = (summary: string): string =>
  render(
    component("VCALENDAR", [
      ["VERSION", "2.0"],
      ["PRODID", "-//test//EN"],
      ...component("VEVENT", [["SUMMARY", text(summary)]]),
    ]),
  );

const summaryOf = (calendar: string): unknown =>
  new ICAL.Component(ICAL.parse(calendar)).getFirstSubcomponent("vevent")?.getFirstPropertyValue("summary");

/** What RFC 5545 §3.1 says of every content line. */
function expectWellFormed(calendar: string): void {
  expect(calendar.endsWith("\r\n")).toBe(true);
  const lines = calendar.slice(0, -2).split("\r\n");
  for (const line of lines) {
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
    expect(line).toMatch(/^([A-Z-]+[;:]|[ \t])/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is control characters that must not be there
    expect(line).not.toMatch(/[\r\n\u0000-\u0008]/);
    // Cut between characters, every line is UTF-8 by itself.
    expect(Buffer.from(line, "utf8").toString("utf8")).toBe(line);
  }
}

describe("a text", () => {
  test.each([
    ["a,b;c\\d", "a\\,b\\;c\\\\d"],
    ["two\nlines", "two\\nlines"],
    ["two\r\nlines", "two\\nlines"],
    ["a\u0000b", "a b"],
    ["a:b", "a:b"],
  ])("GIVEN %j is written %j", (value, written) => expect(text(value)).toBe(written));

  test("of any length and any characters is read as it was written", () => {
    const printable = fc.string({ unit: "grapheme", maxLength: 300 }).map((value) => value.replace(/\p{Cc}/gu, " "));
    fc.assert(
      fc.property(printable, (value) => {
        const calendar = calendarWith(value);
        expectWellFormed(calendar);
        expect(summaryOf(calendar)).toBe(value);
      }),
      { numRuns: 300 },
    );
  });

  test.each([60, 66, 67, 68, 74, 75, 76, 148, 149, 150, 400])("GIVEN %i characters, is folded", (length) => {
    for (const character of ["x", "ä", "🦊"]) {
      const calendar = calendarWith(character.repeat(length));
      expectWellFormed(calendar);
      expect(summaryOf(calendar)).toBe(character.repeat(length));
    }
  });
});

test("dates and moments are UTC", () => {
  expect(date("2100-06-01")).toBe("21000601");
  expect(moment(new Date("2100-01-10T12:34:56.789Z"))).toBe("21000110T123456Z");
});
