/** Longest content line, in octets, without its line end. @see https://www.rfc-editor.org/rfc/rfc5545#section-3.1 */
const LONGEST_LINE = 75;

/** One content line of an iCalendar object: a property with its value as it is written. */
export type ContentLine = readonly [name: string, value: string];

/** A component with its properties and inner components: `["BEGIN", …] … ["END", …]`. */
export const component = (name: string, lines: readonly ContentLine[]): ContentLine[] => [
  ["BEGIN", name],
  ...lines,
  ["END", name],
];

/** A text value, escaped. @see https://www.rfc-editor.org/rfc/rfc5545#section-3.3.11 */
export const text = (value: string): string =>
  value
    .replace(/[\\;,]/g, "\\$&")
    .replace(/\r\n|\r|\n/g, "\\n")
    // Other control characters are allowed nowhere.
    .replace(/[\p{Cc}]/gu, " ");

/** A date, `YYYYMMDD`, of `YYYY-MM-DD`. */
export const date = (day: string): string => day.replaceAll("-", "");

/** A moment in UTC, `YYYYMMDDThhmmssZ`. */
export const moment = (at: Date): string => `${at.toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;

/** The object as it is stored or sent: folded lines, each ended by CRLF. */
export const render = (lines: readonly ContentLine[]): string =>
  lines.map(([name, value]) => `${fold(`${name}:${value}`)}\r\n`).join("");

/** Long lines go on in the next one after a blank; no character is cut in two. */
function fold(line: string): string {
  const folded: string[] = [];
  let current = "";
  for (const character of line) {
    if (Buffer.byteLength(current + character) > LONGEST_LINE) {
      folded.push(current);
      current = " ";
    }
    current += character;
  }
  return [...folded, current].join("\r\n");
}
