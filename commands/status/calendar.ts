import { ExpiryDate } from "../../gitlab/expiry-date";
import type { DeclaredVariable, Slot } from "./declared";
import { type ContentLine, component, date, moment, render, text } from "./icalendar";

/** Days before the last day at which a calendar reminds, at 9:00 of the reader's day. */
const REMINDERS = [30, 7];

/**
 * The slots' dates as an iCalendar object (RFC 5545), for people's calendars.
 *
 * A token dies at 00:00 UTC of its date, which is still the day before in the west: so each event is the *last good day*, by which the
 * new token must have been deployed. The UID is the slot's, so that a rotation moves the event instead of adding one.
 * @param gitlab address of GitLab, for links to the project's tokens
 */
export function asCalendar(
  { slots, variables }: { slots: readonly Slot[]; variables: readonly DeclaredVariable[] },
  now: Date,
  gitlab?: string,
): string {
  return render(
    component("VCALENDAR", [
      ["VERSION", "2.0"],
      ["PRODID", "-//gitlab-ci-pusher//status//EN"],
      ["CALSCALE", "GREGORIAN"],
      ["X-WR-CALNAME", text("GitLab push tokens")],
      ...slots.flatMap((slot) => event(slot, keysOf(slot, variables), now, gitlab)),
    ]),
  );
}

function event(slot: Slot, keys: readonly string[], now: Date, gitlab: string | undefined): ContentLine[] {
  const lastDay = ExpiryDate.daysFrom(now, slot.expires.daysAfter(now) - 1).text;
  const pusher = `${slot.stack}/${slot.pusher}`;
  const description = [
    `The token ${slot.name} of ${slot.project} dies on ${slot.expires.text} at 00:00 UTC.`,
    slot.carried
      ? `Jobs get it as ${keys.join(", ")}: they cannot push any more.`
      : "The variable carries the pusher's other token.",
    `Renew: pusher rotate ${pusher}, review, deploy.`,
  ];
  return component("VEVENT", [
    ["UID", text(`${slot.path}@${slot.project}.gitlab-ci-pusher`)],
    ["DTSTAMP", moment(now)],
    // A later date is a later revision of the same event.
    ["SEQUENCE", String(slot.expires.daysAfter(new Date(0)))],
    ["DTSTART;VALUE=DATE", date(lastDay)],
    ["DTEND;VALUE=DATE", date(slot.expires.text)],
    ["SUMMARY", text(`Last day of push token ${pusher} slot ${slot.slot}`)],
    ["DESCRIPTION", text(description.join("\n"))],
    ...(gitlab ? [["URL", `${gitlab}/${slot.project}/-/settings/access_tokens`] as const] : []),
    ["TRANSP", "TRANSPARENT"],
    ...REMINDERS.flatMap((days) => reminder(days, pusher)),
  ]);
}

const reminder = (days: number, pusher: string): ContentLine[] =>
  component("VALARM", [
    ["ACTION", "DISPLAY"],
    // An all-day event starts at midnight: so many days before it, less nine hours.
    ["TRIGGER", `-P${days - 1}DT15H`],
    ["DESCRIPTION", text(`${days} days to the last day of push token ${pusher}`)],
  ]);

const keysOf = ({ stack, pusher }: Slot, variables: readonly DeclaredVariable[]): string[] => [
  ...new Set(variables.filter((v) => v.stack === stack && v.pusher === pusher).map(({ key }) => key)),
];
