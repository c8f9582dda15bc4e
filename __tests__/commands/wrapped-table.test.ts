import { createColors } from "picocolors";
import { wrappedTable } from "../../commands/wrapped-table";

const LONG = "xlink/team-0/service-with-a-name-as-long-as-they-come";
const table = (columns?: number) =>
  wrappedTable(
    ["Project", "Who may push"],
    [
      [LONG, "Maintainers and up"],
      ["", "x".repeat(70)],
    ],
    [24, 30],
    { colors: createColors(false), columns },
  );
/** What stands in one column, without what wraps it. */
const columnOf = (text: string, column: number) =>
  text
    .split("\n")
    .filter((line) => line.startsWith("│"))
    .map((line) => line.split("│")[column]!.trim())
    .join("");

test.each([undefined, 100, 120, 200])("GIVEN %s columns, nothing is cut off, and no line is longer", (columns) => {
  const text = table(columns);
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(columns ?? 57);
  expect(columnOf(text, 1)).toBe(`Project${LONG}`);
  expect(columnOf(text, 2)).toBe(`Who may pushMaintainers and up${"x".repeat(70)}`);
  expect(text).not.toContain("…");
});

test("a path is broken behind a slash or hyphen", () => expect(table()).toContain("│ xlink/team-0/service-"));

test("GIVEN a narrow terminal, rows are lines, and an empty first cell goes on with the one before", () =>
  expect(table(80)).toBe(`Project ${LONG}\n  Who may push Maintainers and up\n  Who may push ${"x".repeat(70)}`));
