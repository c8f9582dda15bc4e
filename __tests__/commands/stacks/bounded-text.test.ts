import { BoundedText } from "../../../commands/stacks/bounded-text";

const LINE = `${"x ".repeat(49)}x\n`;
const LEFT_OUT = /^\[some (\d+) characters are left out here\]$/m;

/** A text that comes in pieces of so many characters, as it is kept. */
function kept(text: string, piece: number): string {
  const bounded = new BoundedText();
  for (let i = 0; i < text.length; i += piece) bounded.add(text.slice(i, i + piece));
  return String(bounded);
}

describe.each([7_000, 65_536, 50_000_000])("GIVEN a text in pieces of %d characters", (piece) => {
  test("WHEN people can read it THEN it is as it was", () => {
    for (const text of ["", "Error: no\n", LINE.repeat(4_000)]) expect(kept(text, piece)).toBe(text);
  });

  test("WHEN it is 10 MB THEN its first and its last lines are there, each whole, and about how much is not", () => {
    const text = kept(`the first\n${LINE.repeat(100_000)}Error: the last\n`, piece);

    const [, left] = LEFT_OUT.exec(text)!;
    const lines = text.split("\n");
    expect(lines.at(0)).toBe("the first");
    expect(lines.at(-2)).toBe("Error: the last");
    expect(text.length).toBeLessThan(610_000);
    expect(Math.abs(text.length + Number(left) - 10_000_026)).toBeLessThan(400);
    expect(new Set(lines.slice(1, -2).filter((line) => !LEFT_OUT.test(line)))).toEqual(new Set([LINE.trimEnd()]));
  });

  test("WHEN it is one line of tokens THEN none is cut in two, so that each is known as one", () => {
    const token = `glpat-${"a".repeat(20)}`;
    const text = kept(`${token} `.repeat(400_000), piece);
    expect(text.replaceAll(token, "").replace(LEFT_OUT, "").trim()).toBe("");
    expect(text).toContain(token);
  });

  test("WHEN it has no end of anything THEN it is left out", () => {
    expect(kept("x".repeat(10_000_000), piece)).toMatch(/^\n\[some \d+ characters are left out here\]\n$/);
  });
});
