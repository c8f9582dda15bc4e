import * as fc from "fast-check";
import { ExpiryCalendar } from "../../commands/rotate/expiry-calendar";
import { ExpiryDate, MAX_EXPIRIES_A_DAY } from "../../gitlab/expiry-date";

/** A Thursday. */
const NOW = new Date("2030-01-10T12:00:00Z");
const date = (text: string) => ExpiryDate.parse(text);
const weekday = (text: string) => ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][new Date(text).getUTCDay()];

/** The dates some pushers get one after the other. */
function given(pushers: number, lifetime: number, taken: readonly string[] = [], limit = 365): string[] {
  const calendar = new ExpiryCalendar(NOW, taken.map(date));
  return Array.from({ length: pushers }, () => {
    const chosen = calendar.choose({ lifetime, limit })!;
    calendar.move(date("2030-01-11"), chosen);
    return chosen.text;
  });
}

const perDay = (dates: readonly string[]) =>
  dates.reduce((days, day) => days.set(day, (days.get(day) ?? 0) + 1), new Map<string, number>());

describe("the day a new token dies", () => {
  test.each([
    ["Tuesday", 180, "2030-07-09", "Tue"],
    ["Wednesday", 181, "2030-07-10", "Wed"],
    ["Thursday", 182, "2030-07-11", "Thu"],
    ["Friday", 183, "2030-07-12", "Fri"],
    ["Saturday: the Friday before", 184, "2030-07-12", "Fri"],
    ["Sunday: the Friday before", 185, "2030-07-12", "Fri"],
    ["Monday, whose day before is a Sunday: the Friday before", 186, "2030-07-12", "Fri"],
    ["a Tuesday of next year", 362, "2031-01-07", "Tue"],
    ["tomorrow, a Friday", 1, "2030-01-11", "Fri"],
    ["a Saturday, with a Friday before", 2, "2030-01-11", "Fri"],
  ])("GIVEN a lifetime to a %s", (_, lifetime, expected, day) => {
    expect(given(1, lifetime)).toEqual([expected]);
    expect(weekday(expected)).toBe(day);
  });

  test.each([
    ["a limit below the lifetime is the lifetime", 180, 90, "2030-04-10"],
    ["a limit on a Sunday: the Friday before", 180, 87, "2030-04-05"],
    ["GitLab's own", 365, 365, "2031-01-10"],
    ["the extended one", 400, 400, "2031-02-14"],
  ])("GIVEN %s", (_, lifetime, limit, expected) => {
    const [chosen] = given(1, lifetime, [], limit);
    expect(chosen).toBe(expected);
    expect(date(chosen!).problem(NOW, limit)).toBeUndefined();
  });

  test("GIVEN no day but Saturday to Monday THEN the nearest to the lifetime is better than none", () => {
    const friday = new Date("2030-01-11T12:00:00Z");
    expect(new ExpiryCalendar(friday, []).choose({ lifetime: 1, limit: 365 })?.text).toBe("2030-01-12");
  });

  test("GIVEN a day with as many deaths as allowed THEN it is the day before", () => {
    const full = Array.from({ length: MAX_EXPIRIES_A_DAY }, () => "2030-07-10");
    expect(given(2, 181, full)).toEqual(["2030-07-09", "2030-07-09"]);
    expect(given(1, 181, full.slice(1))).toEqual(["2030-07-10"]);
  });

  test("GIVEN many pushers THEN no day has more than allowed, all are good, and none comes before half the lifetime", () => {
    const dates = given(150, 180);
    expect(Math.max(...perDay(dates).values())).toBe(MAX_EXPIRIES_A_DAY);
    expect([...new Set(dates.map(weekday))].sort()).toEqual(["Fri", "Thu", "Tue", "Wed"]);
    for (const day of dates) expect(date(day).daysAfter(NOW)).toBeGreaterThanOrEqual(90);
  });

  test("GIVEN more pushers than good days THEN these are filled evenly, and weekends stay free", () => {
    const days = perDay(given(1000, 180));
    const counts = [...days.values()];
    expect(Math.max(...counts) - Math.min(...counts)).toBe(1);
    expect([...days.keys()].filter((day) => ["Sat", "Sun", "Mon"].includes(weekday(day)!))).toEqual([]);
  });

  test.each([
    ["the other slot dies long before", "2030-04-10", 180, 365, "2030-07-09"],
    ["the other slot dies just before: a sixth of the lifetime lies between", "2030-07-01", 180, 365, "2030-07-31"],
    ["the other slot outlives the lifetime", "2030-10-07", 180, 365, "2030-11-06"],
    ["the limit leaves less than that", "2030-12-20", 180, 365, "2031-01-10"],
    ["the limit leaves one day", "2031-01-09", 180, 365, "2031-01-10"],
    ["the other slot is dead", "2029-12-01", 180, 365, "2030-07-09"],
    ["the limit leaves none", "2031-01-10", 180, 365, undefined],
    ["the limit was lowered below the other slot", "2030-07-01", 180, 90, undefined],
  ])("GIVEN %s", (_, after, lifetime, limit, expected) => {
    expect(new ExpiryCalendar(NOW, []).choose({ lifetime, limit, after: date(after) })?.text).toBe(expected);
  });

  test("GIVEN the date that stands there already THEN another one is chosen, as nothing would rotate", () => {
    const except = date("2030-07-09");
    expect(new ExpiryCalendar(NOW, []).choose({ lifetime: 180, limit: 365, except })?.text).toBe("2030-07-05");
  });

  test("whatever is asked for, the date is alive, within the limit, later than the other slot's, and good where one is", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("2027-01-01"), max: new Date("2099-01-01"), noInvalidDate: true }),
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 1, max: 400 }),
        fc.option(fc.integer({ min: -30, max: 399 }), { nil: undefined }),
        (now, lifetime, limit, other) => {
          const after = other === undefined ? undefined : ExpiryDate.daysFrom(now, other);
          const chosen = new ExpiryCalendar(now, []).choose({ lifetime, limit, after });
          if (chosen === undefined) return expect(other).toBeGreaterThanOrEqual(limit);
          expect(chosen.problem(now, limit)).toBeUndefined();
          if (after) expect(chosen.isAfter(after)).toBe(true);
          const window = chosen.daysAfter(now);
          if (!["Tue", "Wed", "Thu", "Fri"].includes(weekday(chosen.text)!)) {
            // Every day that could be chosen is in a stretch of three at most.
            expect(window - Math.max(1, (other ?? 0) + 1, Math.ceil(Math.min(lifetime, limit) / 2))).toBeLessThan(3);
          }
        },
      ),
    );
  });
});
