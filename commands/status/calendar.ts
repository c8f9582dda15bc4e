import { ExpiryDate } from "../../gitlab/expiry-date";
import { slotNumber } from "../../gitlab/slot";
import type { DeclaredVariable, Slot } from "../../inventory/pushers";
import { type ContentLine, component, date, moment, render, text } from "./icalendar";
import { operatorName } from "./operator-finding";
import type { OperatorStatus } from "./report";

/** Days before the last day at which a calendar reminds, at 9:00 of the reader's day. */
const REMINDERS = [30, 7];

/** The contents of a calendar. */
interface Contents {
  readonly slots: readonly Slot[];
  readonly variables: readonly DeclaredVariable[];
  /** The token GitLab was asked with. @default - nobody knows */
  readonly operator?: OperatorStatus;
}

/** A token and the day it dies. */
interface Death {
  readonly uid: string;
  readonly expires: ExpiryDate;
  /** The thing that ends, in a few words. */
  readonly what: string;
  readonly description: readonly string[];
  readonly url?: string;
}

/**
 * The tokens' dates as an iCalendar object (RFC 5545), for people's calendars.
 *
 * A token dies at 00:00 UTC of its date, which is still the day before in the west: so each event is the *last good day*, by which the
 * new token must have been deployed. The UID is the slot's, so that a rotation moves the event instead of adding one.
 * @param gitlab address of GitLab, for links to the project's tokens
 */
export function asCalendar({ slots, variables, operator }: Contents, now: Date, gitlab?: string): string {
  const deaths = [...slots.map((slot) => slotDeath(slot, keysOf(slot, variables), gitlab)), ...operatorDeath(operator)];
  return render(
    component("VCALENDAR", [
      ["VERSION", "2.0"],
      ["PRODID", "-//gitlab-ci-pusher//status//EN"],
      ["CALSCALE", "GREGORIAN"],
      ["X-WR-CALNAME", text("GitLab push tokens")],
      ...deaths.flatMap((death) => event(death, now)),
    ]),
  );
}

function slotDeath(slot: Slot, keys: readonly string[], gitlab: string | undefined): Death {
  const pusher = `${slot.stack}/${slot.pusher}`;
  return {
    uid: `${slot.path}@${slot.project}.gitlab-ci-pusher`,
    expires: slot.expires,
    what: `push token ${pusher} slot ${slotNumber(slot.slot)}`,
    description: [
      `The token ${slot.name} of ${slot.project} dies on ${slot.expires.text} at 00:00 UTC.`,
      slot.carried
        ? `Jobs get it as ${keys.join(", ")}: they cannot push any more.`
        : "The variable carries the pusher's other token.",
      `Renew: npx gitlab-ci-pusher rotate ${pusher}, review, deploy.`,
    ],
    url: gitlab && `${gitlab}/${slot.project}/-/settings/access_tokens`,
  };
}

/** A rotation of the token keeps user and name, and so the event. */
function operatorDeath(operator: OperatorStatus | undefined): Death[] {
  const { token, expires } = operator ?? {};
  if (!operator || !token || !expires) return [];
  return [
    {
      uid: `operator/${token.user_id}/${token.name}@gitlab-ci-pusher`,
      expires,
      what: operatorName(operator),
      description: [
        `The operator's token ${token.name} dies on ${expires.text} at 00:00 UTC: no deploy and no rotation without one.`,
        "Make another one for the same user, put it where this one comes from, then revoke this one.",
      ],
    },
  ];
}

function event({ uid, expires, what, description, url }: Death, now: Date): ContentLine[] {
  const lastDay = ExpiryDate.daysFrom(now, expires.daysAfter(now) - 1).text;
  return component("VEVENT", [
    ["UID", text(uid)],
    ["DTSTAMP", moment(now)],
    // A later date is a later revision of the same event.
    ["SEQUENCE", String(expires.daysAfter(new Date(0)))],
    ["DTSTART;VALUE=DATE", date(lastDay)],
    ["DTEND;VALUE=DATE", date(expires.text)],
    ["SUMMARY", text(`Last day of ${what}`)],
    ["DESCRIPTION", text(description.join("\n"))],
    ...(url ? [["URL", url] as const] : []),
    ["TRANSP", "TRANSPARENT"],
    ...REMINDERS.flatMap((days) => reminder(days, what)),
  ]);
}

const reminder = (days: number, what: string): ContentLine[] =>
  component("VALARM", [
    ["ACTION", "DISPLAY"],
    // An all-day event starts at midnight: so many days before it, less nine hours.
    ["TRIGGER", `-P${days - 1}DT15H`],
    ["DESCRIPTION", text(`${days} days to the last day of ${what}`)],
  ]);

const keysOf = ({ stack, pusher }: Slot, variables: readonly DeclaredVariable[]): string[] => [
  ...new Set(variables.filter((v) => v.stack === stack && v.pusher === pusher).map(({ key }) => key)),
];
