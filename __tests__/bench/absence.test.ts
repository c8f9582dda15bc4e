import { absencesOf, within } from "../../bench/absence";

const RULES = "/api/v4/projects/xlink/gitops/protected_branches";

/** Calls answered one after another, a second each. */
const calls = (...made: [method: string, path: string, status?: number][]) =>
  made.map(([method, path, status = 200], second) => ({
    method,
    path: `${RULES}${path}`,
    status,
    at: new Date(second * 1_000).toISOString(),
  }));

describe("when the rule of main was away", () => {
  test.each([
    ["never", calls(["GET", "/main"], ["POST", "", 201], ["PATCH", "/main"]), []],
    [
      "from its deletion to the next rule",
      calls(["DELETE", "/main", 204], ["GET", "/main", 404], ["POST", "", 201]),
      [[0, 2]],
    ],
    ["past a refusal", calls(["DELETE", "/main", 204], ["POST", "", 422], ["POST", "", 201]), [[0, 2]]],
    ["not when only the guard goes", calls(["DELETE", "/mai*n", 204], ["POST", "", 201]), []],
    ["not when the deletion was refused", calls(["DELETE", "/main", 403], ["POST", "", 201]), []],
  ])("%s", (_, log, seconds) => {
    expect(absencesOf(log, "main").map(({ from, to }) => [from / 1_000, to / 1_000])).toEqual(seconds);
  });

  test("for good is an error: the figure would say nothing", () => {
    expect(() => absencesOf(calls(["DELETE", "/main", 204]), "main")).toThrow("did not come back");
  });

  test.each([
    [0, 9, false],
    [0, 10, true],
    [12, 13, true],
    [5, 30, true],
    [21, 22, false],
  ])("something from %d to %d was under way between 10 and 20: %s", (began, ended, overlaps) => {
    expect(within([{ from: 10, to: 20 }], began, ended)).toBe(overlaps);
  });
});
