import { stripVTControlCharacters } from "node:util";
import Table from "cli-table3";
import type { createColors } from "picocolors";

export type Colors = ReturnType<typeof createColors>;

export interface LayoutOptions {
  readonly colors: Colors;
  /** The number of characters of a line. @default - as many as it takes */
  readonly columns?: number;
}

/**
 * Rows below their head, as a table where that fits; else each row as lines of its own, its first cell above the others with their names, where it is not empty.
 * No line of the second is broken unless one cell alone is longer.
 */
export function layOut(head: readonly string[], rows: readonly string[][], { colors, columns }: LayoutOptions): string {
  const table = asTable(head, rows, colors);
  if (columns === undefined || lengthOf(table.split("\n")[0] as string) <= columns) return table;
  return rows.map((cells) => asLines(head, cells, { colors, columns })).join("\n");
}

function asTable(head: readonly string[], rows: readonly string[][], colors: Colors): string {
  const made = new Table({
    head: head.map((title) => colors.bold(title)),
    style: { head: [], border: [], compact: true },
  });
  made.push(...rows);
  return made.toString();
}

const INDENT = "  ";
const GAP = "   ";

function asLines(
  head: readonly string[],
  [first = "", ...cells]: readonly string[],
  { colors, columns = Number.POSITIVE_INFINITY }: LayoutOptions,
): string {
  const lines = first === "" ? [] : [`${colors.dim(head[0] ?? "")} ${colors.bold(first)}`];
  let line = "";
  for (const [index, cell] of cells.entries()) {
    if (cell === "") continue;
    const named = `${colors.dim(head[index + 1] ?? "")} ${cell}`;
    const longer = line === "" ? `${INDENT}${named}` : `${line}${GAP}${named}`;
    if (line !== "" && lengthOf(longer) > columns) {
      lines.push(line);
      line = `${INDENT}${named}`;
    } else {
      line = longer;
    }
  }
  return [...lines, ...(line === "" ? [] : [line])].join("\n");
}

const lengthOf = (text: string): number => stripVTControlCharacters(text).length;
