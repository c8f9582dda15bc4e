import { CiPusher, type CiPusherToken } from "../../constructs";
import { problems, stateWith, testStack } from "../support/synth";

type Deployed = { expires: string; revoked?: boolean; carried?: boolean; in?: "project" | "group" };

/** The problems of a pusher with these dates, after a deploy that left these tokens. The day is 2030-01-10. */
function rotate(
  deployed: readonly (string | Deployed)[],
  expires: CiPusherToken["expires"],
  more: Partial<CiPusherToken> = {},
): string[] {
  const resources = deployed.map((token, slot) => {
    const {
      expires: expires_at,
      revoked = false,
      carried = false,
      in: home = "project",
    } = typeof token === "string" ? { expires: token } : token;
    const description = `gitlab-ci-pusher ops/gitops/${slot === 0 ? "Token" : "TokenB"}`;
    const [made, value] = [`t${slot}`, `glpat-secret${slot}`];
    const variable = { type: `gitlab_${home}_variable`, attributes: { value: carried ? value : "another" } };
    return [
      { type: "gitlab_project_access_token", attributes: { description, expires_at, revoked, token: value } },
      variable,
    ].map(({ type, attributes }) => ({ mode: "managed", type, name: made, instances: [{ attributes }] }));
  });
  const stack = testStack({ state: stateWith(resources.flat()) });
  new CiPusher(stack, "gitops", { target: "a/b", token: { expires, ...more } });
  return problems(stack);
}

const DEAD = "2030-01-10";

describe("a deploy that would take the token away that jobs hold now is refused", () => {
  test.each<[string, (string | Deployed)[], CiPusherToken["expires"], RegExp | undefined]>([
    ["the first deploy", [], ["2030-06-01", "2030-12-01"], undefined],
    ["nothing changed", ["2030-06-01", "2030-12-01"], ["2030-06-01", "2030-12-01"], undefined],
    ["the earlier date bumped", ["2030-06-01", "2030-12-01"], ["2031-01-05", "2030-12-01"], undefined],
    [
      "the earlier date bumped, the other way round",
      ["2030-12-01", "2030-06-01"],
      ["2030-12-01", "2031-01-05"],
      undefined,
    ],
    [
      "both dates bumped in one change",
      ["2030-06-01", "2030-12-01"],
      ["2030-12-31", "2031-01-05"],
      /got slot 1 2030-06-01 → 2030-12-31, slot 2 2030-12-01 → 2031-01-05: the variable carries slot 2 \(2030-12-01\), so jobs that run would lose their token; allowed: changing the other slot; fix: keep 2030-12-01 in slot 2 and bump slot 1 \(2030-06-01\), deploy, and bump the rest when no older job runs; or say allow_interruption: true for this deploy$/,
    ],
    [
      "the later date bumped instead of the earlier",
      ["2030-06-01", "2030-12-01"],
      ["2030-06-01", "2031-01-05"],
      /got slot 2 2030-12-01 → 2031-01-05: .*fix: keep 2030-12-01 in slot 2 and bump slot 1 \(2030-06-01\)/,
    ],
    [
      "the dates swapped",
      ["2030-06-01", "2030-12-01"],
      ["2030-12-01", "2030-06-01"],
      /got slot 1 2030-06-01 → 2030-12-01, slot 2 2030-12-01 → 2030-06-01/,
    ],
    ["from one slot to two", ["2030-06-01"], ["2030-06-01", "2030-12-01"], undefined],
    [
      "from one slot to two, the first bumped too",
      ["2030-06-01"],
      ["2030-08-01", "2030-12-01"],
      /got slot 1 2030-06-01 → 2030-08-01, slot 2 new → 2030-12-01: .*fix: keep 2030-06-01 in slot 1 and add the new date as the other slot/,
    ],
    ["from two slots to one, giving up the one not carried", ["2030-12-01", "2030-06-01"], "2030-12-01", undefined],
    [
      "from two slots to one, giving up the carried one",
      ["2030-06-01", "2030-12-01"],
      "2030-06-01",
      /slot 2 2030-12-01 → gone: .*allowed: giving up the other slot; fix: bump slot 1 and deploy/,
    ],
    [
      "from two slots to one by moving the date up",
      ["2030-06-01", "2030-12-01"],
      "2030-12-01",
      /slot 1 2030-06-01 → 2030-12-01, slot 2 2030-12-01 → gone/,
    ],
    ["one slot, which cannot rotate otherwise", ["2030-06-01"], "2030-12-01", undefined],
    ["both lapsed", ["2030-01-01", DEAD], ["2030-12-31", "2031-01-05"], undefined],
    ["the carried one lapsed", [DEAD, "2030-01-09"], ["2031-01-05", "2030-06-01"], undefined],
    [
      "the earlier one, which a deploy that broke off left in the variable",
      [{ expires: "2030-06-01", carried: true }, "2030-12-01"],
      ["2031-01-05", "2030-12-01"],
      /the variable carries slot 1 \(2030-06-01\).*allowed: changing the other slot; fix: the last deploy did not switch every variable to slot 2 \(2030-12-01\): take this change back, deploy,/,
    ],
    [
      "the earlier one, which a deploy that broke off left in the variable of a group",
      [{ expires: "2030-06-01", carried: true, in: "group" }, "2030-12-01"],
      ["2031-01-05", "2030-12-01"],
      /the variable carries slot 1 \(2030-06-01\)/,
    ],
    [
      "the earlier one, which one of two variables holds still",
      [
        { expires: "2030-06-01", carried: true },
        { expires: "2030-12-01", carried: true },
      ],
      ["2031-01-05", "2030-12-01"],
      /the variable carries slot 1 \(2030-06-01\)/,
    ],
    [
      "the later one, which no variable holds yet",
      [{ expires: "2030-06-01", carried: true }, "2030-12-01"],
      ["2030-06-01", "2031-01-05"],
      undefined,
    ],
    [
      "the carried one revoked",
      ["2030-06-01", { expires: "2030-12-01", revoked: true }],
      ["2030-06-01", "2031-01-05"],
      undefined,
    ],
  ])("%s", (_, deployed, declared, problem) => {
    const found = rotate(deployed, declared);
    expect(found).toEqual(problem ? [expect.stringMatching(problem)] : []);
    expect(found.join()).not.toContain("glpat");
  });

  test("unless told", () => {
    expect(rotate(["2030-06-01", "2030-12-01"], ["2030-12-31", "2031-01-05"], { allowInterruption: true })).toEqual([]);
  });
});
