import { partsOf, placedParts, placedText } from "../../gitlab/placed-problem";

const PROBLEM = { got: "x", allowed: "y", fix: "write y" };

describe("a problem at its place", () => {
  test.each([
    [{ problem: PROBLEM }, "got x; allowed: y; fix: write y"],
    [
      { place: "a.yaml:3:5", at: "pushers.x", problem: PROBLEM },
      "a.yaml:3:5: pushers.x: got x; allowed: y; fix: write y",
    ],
    [{ place: "a.yaml", construct: "a/x", problem: "is wrong" }, "a.yaml: [a/x] is wrong"],
  ])("GIVEN %j THEN people read one line", (placed, line) => {
    expect(placedText(placed)).toBe(line);
    expect(placedParts(placed)).toMatchObject({ message: line });
  });

  test.each([
    ["a.yaml:3:5", { file: "a.yaml", line: 3, column: 5 }],
    ["a:1:2.yaml:3:5", { file: "a:1:2.yaml", line: 3, column: 5 }],
    ["a.yaml", { file: "a.yaml", line: null, column: null }],
    [undefined, { file: null, line: null, column: null }],
  ])("GIVEN the place %j THEN programs get file, line and column", (place, parts) => {
    expect(placedParts({ place, problem: PROBLEM })).toMatchObject({ ...parts, ...PROBLEM, of: null, where: null });
  });

  test("GIVEN a token in any part THEN it stays behind", () => {
    const token = "glpat-SecretSecretSecret";
    const problem = { of: token, got: token, where: token, allowed: token, fix: token };
    const placed = { place: token, at: token, construct: token, problem };
    expect(JSON.stringify([placedParts(placed), partsOf(problem), placedParts({ problem: token })])).not.toContain(
      "Secret",
    );
  });
});
