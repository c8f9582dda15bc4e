import { asCalendar } from "../../../commands/status/calendar";
import { declared } from "../../../commands/status/declared";
import { ExpiryDate } from "../../../gitlab/expiry-date";
import { pushersFile } from "../../../inventory/schema";
import { ICAL } from "../../support/icalendar";

const NOW = new Date("2100-01-10T12:00:00Z");

/** A stack `ops` with a pusher of these dates. */
const inventory = (...expires: string[]) =>
  declared([
    {
      path: "pushers/ops.yaml",
      stack: "ops",
      stateName: "ops",
      content: pushersFile.parse({ pushers: { gitops: { target: "xlink/gitops", token: { expires } } } }),
      locate: () => "pushers/ops.yaml:1:1",
    },
  ]);

const events = (calendar: string) =>
  new ICAL.Component(ICAL.parse(calendar)).getAllSubcomponents("vevent").map((event) => new ICAL.Event(event));

test("has one all-day event a slot, on the last day the token works", () => {
  const found = events(asCalendar(inventory("2100-06-01", "2100-03-01"), NOW));
  expect(found.map((event) => [event.summary, String(event.startDate), String(event.endDate)])).toEqual([
    ["Last day of push token ops/gitops slot 1", "2100-05-31", "2100-06-01"],
    ["Last day of push token ops/gitops slot 2", "2100-02-28", "2100-03-01"],
  ]);
  for (const event of found) expect(event.startDate.isDate).toBe(true);
});

test("says what to do, which variable is concerned, and where", () => {
  const [event] = events(asCalendar(inventory("2100-06-01"), NOW, "https://gitlab.example.com"));
  expect(event!.description).toBe(
    "The token GITLAB_CI_PUSHER of xlink/gitops dies on 2100-06-01 at 00:00 UTC.\n" +
      "Jobs get it as GITLAB_PUSHER_TOKEN: they cannot push any more.\n" +
      "Renew: npx gitlab-ci-pusher rotate ops/gitops, review, deploy.",
  );
  expect(event!.component.getFirstPropertyValue("url")).toBe(
    "https://gitlab.example.com/xlink/gitops/-/settings/access_tokens",
  );
});

test("GIVEN the operator's token, has one for it, which stays the same when it is rotated", () => {
  const until = (day: string, id: number) => {
    const token = { id, name: "deploy", user_id: 7, expires_at: day };
    const operator = { token, expires: ExpiryDate.parse(day) };
    return events(asCalendar({ slots: [], variables: [], operator }, NOW, "https://gitlab.example.com"))[0]!;
  };
  const [before, after] = [until("2100-06-01", 1), until("2100-09-01", 2)];
  expect([before.summary, String(before.startDate)]).toEqual(["Last day of GITLAB_TOKEN (deploy)", "2100-05-31"]);
  expect(before.description).toContain("no deploy and no rotation without one");
  expect([after.uid, after.sequence > before.sequence]).toEqual([before.uid, true]);
  const forEver = { token: { id: 1, name: "deploy", user_id: 7, expires_at: null } };
  expect(events(asCalendar({ slots: [], variables: [], operator: forEver }, NOW))).toEqual([]);
});

test("reminds at nine in the morning, 30 and 7 days before the last day", () => {
  const [event] = events(asCalendar(inventory("2100-06-01"), NOW));
  const alarms = event!.component.getAllSubcomponents("valarm").map((alarm) => {
    const at = event!.startDate.clone();
    at.isDate = false;
    at.addDuration(alarm.getFirstPropertyValue("trigger") as unknown as InstanceType<typeof ICAL.Duration>);
    return [alarm.getFirstPropertyValue("action"), String(at)];
  });
  expect(alarms).toEqual([
    ["DISPLAY", "2100-05-01T09:00:00"],
    ["DISPLAY", "2100-05-24T09:00:00"],
  ]);
});

test("a rotation moves the event: same UID, later revision", () => {
  const before = events(asCalendar(inventory("2100-06-01", "2100-03-01"), NOW));
  const after = events(asCalendar(inventory("2100-06-01", "2100-09-01"), NOW));
  const [uids, later] = [before.map(({ uid }) => uid), after.map(({ uid }) => uid)];
  expect(later).toEqual(uids);
  expect(new Set(uids).size).toBe(2);
  expect(after[1]!.sequence).toBeGreaterThan(before[1]!.sequence);
  expect(after[0]!.sequence).toBe(before[0]!.sequence);
});

test("has what RFC 5545 requires of a calendar and its events, and is empty for an empty inventory", () => {
  const calendar = new ICAL.Component(ICAL.parse(asCalendar(inventory("2100-06-01"), NOW)));
  expect(calendar.getFirstPropertyValue("version")).toBe("2.0");
  expect(calendar.getFirstPropertyValue("prodid")).toContain("gitlab-ci-pusher");
  const event = calendar.getFirstSubcomponent("vevent")!;
  expect(String(event.getFirstPropertyValue("dtstamp"))).toBe("2100-01-10T12:00:00Z");
  expect(events(asCalendar(declared([]), NOW))).toEqual([]);
});
