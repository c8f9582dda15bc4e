import { readFileSync } from "node:fs";
import * as path from "node:path";

const ROOT = path.join(__dirname, "../..");
/** A document whose table names tests in its last column. */
function tableOf(document: string) {
  const rows = readFileSync(path.join(ROOT, "docs", document), "utf8")
    .split("\n")
    .filter((line) => /^\| \d+ \|/.test(line));
  // The tests a row names: file and words of the title.
  const named = rows.flatMap((row) => {
    const cells = row.split(" | ");
    const tests = [...cells.at(-1)!.matchAll(/`((?:[^`\\]|\\`)+)`/g)].map((match) => match[1]!.replaceAll("\\`", "`"));
    return tests.map((test) => [Number(/\d+/.exec(cells[0]!)![0]), ...test.split(" › ")] as const);
  });
  return { rows, named };
}

describe.each(["traps.md", "threat-model.md"])("docs/%s", (document) => {
  const { rows, named } = tableOf(document);

  test("numbers its rows, and each names at least one test", () => {
    expect(rows.length).toBeGreaterThan(10);
    expect([...new Set(named.map(([row]) => row))]).toEqual(rows.map((_, i) => i + 1));
  });

  test.each(named)("row %i: %s › %s", (_, file, words) => {
    const source = readFileSync(path.join(ROOT, "__tests__", `${file}.test.ts`), "utf8");
    // Titles are literals: words that occur in comments or names alone are no test's.
    const literals = source.replace(/^import .*$/gm, "").match(/"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g) ?? [];
    expect(literals.map((text) => text.replaceAll('\\"', '"'))).toContainEqual(
      expect.stringContaining(words as string),
    );
  });
});
