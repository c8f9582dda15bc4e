import Table from "cli-table3";
import { type LayoutOptions, layOut } from "./layout";

/** Columns of a terminal below which a table of wrapped cells is no help. */
const NARROW = 100;

/**
 * Rows below their head, as a table whose cells are wrapped: nothing in them is cut off. On a narrow terminal each row is lines of its own, below
 * what its first cell is; an empty first cell goes on with that of the row before.
 * @param widths of the columns, in a table that is as wide as they are together; of a wider terminal each gets its share
 */
export function wrappedTable(
  head: readonly string[],
  rows: readonly string[][],
  widths: readonly number[],
  { colors, columns }: LayoutOptions,
): string {
  if (columns !== undefined && columns < NARROW) return layOut(head, rows, { colors, columns });
  const least = widths.reduce((sum, width) => sum + width, 0);
  const most = columns === undefined ? least : columns - widths.length - 1;
  const colWidths = widths.map((width) => Math.floor((width * most) / least));
  const made = new Table({
    head: head.map((title) => colors.bold(title)),
    style: { head: [], border: [], compact: true },
    colWidths,
    wordWrap: true,
  });
  made.push(...rows.map((row) => row.map((cell, index) => broken(cell, (colWidths[index] as number) - 2))));
  return made.toString();
}

/** A text whose words are not longer than a line: a path is broken behind a slash where that will do. */
function broken(text: string, width: number): string {
  const piece = new RegExp(`.{1,${width}}$|.{1,${width - 1}}[/_.-]|.{1,${width}}`, "gu");
  return text.replace(/[^\s\p{Cc}]+/gu, (word) => (word.length > width ? (word.match(piece) ?? []).join("\n") : word));
}
