import { count } from "../count";
import type { Credential } from "./credential";
import { type Html, html, name, names } from "./html";
import { table } from "./table";

const MOST_ROWS = 3_000;
/** Rows that are shown without a click. */
const NEXT = 50;
/** Variables of one token. */
const MOST_CARRIERS = 20;

/** Days. Before today, as GitLab lists dead deploy keys; and what an instance allows at most, 400 days, after. */
const BEFORE = 28;
const AFTER = 420;
const WEEK = 7;
/** Days within which somebody has to act. */
const SOON = 30;
const MS_PER_DAY = 86_400_000;

/** The drawing's units. */
const WIDTH = 1_000;
const LEFT = 10;
const AXIS = 860;
const TOP = 34;
const HEIGHT = 130;
const SQUARE = 12;
/** Of a bar: a number has to stand over it. */
const TALLEST = HEIGHT - 24;

/** A section on when tokens and keys die: a drawing, the same in a sentence, and a table. */
export const timelineSection = (credentials: readonly Credential[], now: Date): Html => html`
<section id="expiry" aria-labelledby="expiry-title">
<h2 id="expiry-title">What can push, and until when</h2>
${credentials.length === 0 ? html`<p>No living token and no key that can push was seen.</p>` : html`${drawing(credentials, now)}${rows(credentials)}`}
</section>`;

/** The next ones, and the others behind a click. */
function rows(credentials: readonly Credential[]): Html {
  const others = credentials.slice(NEXT, MOST_ROWS);
  const first = tableOf(
    "credentials",
    "Tokens and keys that can push, the first to die first",
    credentials.slice(0, NEXT),
  );
  if (others.length === 0) return first;
  const rest = tableOf(
    "other-credentials",
    "Tokens and keys that die later, or never",
    others,
    credentials.length - MOST_ROWS,
  );
  return html`${first}<details><summary>${others.length} that die later, or never</summary>${rest}</details>`;
}

const tableOf = (id: string, caption: string, credentials: readonly Credential[], left = 0): Html =>
  table({
    id,
    kind: "credentials",
    caption,
    columns: ["Token or key", "Of", "Role, scopes", "Expires", "Last used", "Carried by"],
    rows: credentials.map((each) => [
      name(each.name),
      each.home === undefined ? "" : name(each.home),
      name(each.may),
      expiry(each),
      name(each.lastUsed),
      names(each.carriers, MOST_CARRIERS),
    ]),
    left,
  });

function expiry({ days, expires }: Credential): Html {
  if (days === null) return html`<b class="no">never</b>`;
  if (days === undefined) return html`${name(expires ?? "")}, which is no date`;
  const left = days > 0 ? `in ${count(days, "day")}` : "dead";
  return html`<span class="date">${expires ?? ""}</span> ${days <= SOON ? html`<b class="no">${left}</b>` : left}`;
}

const drawing = (credentials: readonly Credential[], now: Date): Html => html`
<figure><div class="scroll" role="group" aria-label="Drawing of the expiry dates" tabindex="0">
<svg viewBox="0 0 ${WIDTH} ${TOP + HEIGHT + 40}" role="img" aria-labelledby="drawing-title" aria-describedby="drawing-words">
<title id="drawing-title">Expiry dates by week, with a line for today</title>
${soonBand()}${months(now)}${bars(credentials, now)}${today(now)}
</svg></div>
<figcaption id="drawing-words">${sentence(credentials)}</figcaption></figure>`;

/** The place of a day on the axis. */
const x = (days: number): number => round(LEFT + ((days + BEFORE) / (BEFORE + AFTER)) * AXIS);
const round = (number: number): number => Math.round(number * 10) / 10;
const dayText = (now: Date, days: number): string =>
  new Date(now.getTime() + days * MS_PER_DAY).toISOString().slice(0, 10);

const soonBand = (): Html => html`
<rect class="soon" x="${x(0)}" y="${TOP}" width="${round(x(SOON) - x(0))}" height="${HEIGHT}"/>
<text class="small" x="${round(x(SOON) + 4)}" y="${TOP + 10}">${SOON} days</text>`;

/** The line of today, over all else. */
const today = (now: Date): Html => html`
<line class="today" x1="${x(0)}" y1="${TOP - 8}" x2="${x(0)}" y2="${TOP + HEIGHT + 6}"/>
<text class="today-text" x="${x(0)}" y="${TOP - 14}" text-anchor="middle">today, ${dayText(now, 0)}</text>`;

function months(now: Date): Html {
  const firsts = Array.from({ length: 17 }, (_, index) =>
    Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1 + index),
  );
  const start = Date.parse(dayText(now, 0));
  const ticks = firsts
    .map((first) => ({ days: (first - start) / MS_PER_DAY, text: new Date(first).toISOString().slice(0, 7) }))
    .filter(({ days }) => days >= -BEFORE && days < AFTER - 14);
  return html`<line class="axis" x1="${LEFT}" y1="${TOP + HEIGHT}" x2="${WIDTH}" y2="${TOP + HEIGHT}"/>${ticks.map(
    ({ days, text }) => html`
<line class="tick" x1="${x(days)}" y1="${TOP + 16}" x2="${x(days)}" y2="${TOP + HEIGHT + 5}"/><text class="small" x="${round(x(days) + 3)}" y="${TOP + HEIGHT + 16}">${text}</text>`,
  )}`;
}

interface Bar {
  readonly x: number;
  readonly width: number;
  readonly words: string;
  readonly label?: string;
  readonly style: "dead" | "near" | "dated" | "never";
  readonly found: readonly Credential[];
}

/** A bar for each week, and two for what the axis does not reach. */
function bars(credentials: readonly Credential[], now: Date): Html[] {
  const week = (from: number): Bar => ({
    x: x(from) + 1,
    width: round(x(from + WEEK) - x(from)) - 2,
    words:
      from === -BEFORE
        ? `until ${dayText(now, from + WEEK - 1)}`
        : `${dayText(now, from)} to ${dayText(now, from + WEEK - 1)}`,
    style: from < 0 ? "dead" : from < SOON ? "near" : "dated",
    found: credentials.filter(({ days }) => typeof days === "number" && weekOf(days) === from),
  });
  const all: Bar[] = [
    ...Array.from({ length: (BEFORE + AFTER) / WEEK }, (_, index) => week(index * WEEK - BEFORE)),
    {
      x: 890,
      width: 36,
      words: "later",
      label: "later",
      style: "dated",
      found: credentials.filter(({ days }) => typeof days === "number" && days >= AFTER),
    },
    {
      x: 950,
      width: 36,
      words: "never",
      label: "never",
      style: "never",
      found: credentials.filter(({ days }) => days === null),
    },
  ];
  const most = Math.max(1, ...all.filter(({ label }) => label === undefined).map(({ found }) => found.length));
  return all.map((bar) => barOf(bar, Math.min(SQUARE, TALLEST / most)));
}

/** The first day of the week that a day is drawn in; the dead of long ago are in the first. */
const weekOf = (days: number): number => (days >= AFTER ? AFTER : Math.max(-BEFORE, Math.floor(days / WEEK) * WEEK));

/** Names in a bar's tip. */
const MOST_NAMES = 10;

function barOf({ x: left, width, words, label, style, found }: Bar, unit: number): Html {
  const middle = round(left + width / 2);
  const bottom = TOP + HEIGHT;
  const under =
    label === undefined
      ? undefined
      : html`<text class="small" x="${middle}" y="${bottom + 16}" text-anchor="middle">${label}</text>`;
  if (found.length === 0) return html`${under}`;
  const height = round(Math.min(TALLEST, Math.max(2, unit * found.length)));
  const isCut = unit * found.length > TALLEST + 1;
  const told = found.slice(0, MOST_NAMES).map((each) => each.name);
  const more = found.length > MOST_NAMES ? `, and ${found.length - MOST_NAMES} more` : "";
  return html`
<g><title>${words}: ${told.join(", ")}${more}</title><rect class="bar ${style}" x="${round(left)}" y="${round(bottom - height)}" width="${round(width)}" height="${height}"/>
<text class="small count" x="${middle}" y="${round(bottom - height - 4)}" text-anchor="middle">${found.length}${isCut ? " ↑" : ""}</text></g>${under}`;
}

/** The drawing in words, for those who do not see it. */
function sentence(credentials: readonly Credential[]): Html {
  const within = (from: number, to: number) =>
    credentials.filter(({ days }) => typeof days === "number" && days >= from && days < to);
  const [dead, soon, year, later] = [
    within(Number.NEGATIVE_INFINITY, 1),
    within(1, SOON + 1),
    within(SOON + 1, AFTER),
    within(AFTER, Number.POSITIVE_INFINITY),
  ];
  const never = credentials.filter(({ days }) => days === null);
  const [next] = within(1, Number.POSITIVE_INFINITY);
  const parts = [
    `${soon.length} within ${SOON} days`,
    `${year.length} later within ${AFTER} days`,
    ...(later.length > 0 ? [`${later.length} after that`] : []),
    `${never.length} never`,
    ...(dead.length > 0 ? [`${dead.length} past already`] : []),
  ];
  return html`When ${credentials.length} tokens and keys expire: ${parts.join(", ")}.${next ? html` The next is ${name(next.name)}, on ${next.expires ?? ""}.` : undefined}`;
}
