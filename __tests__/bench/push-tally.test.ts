import type { JobRecord } from "../../bench/job";
import { cutsOf, tallyOf } from "../../bench/push-tally";

const job = (began: number, used: number, ended: number, outcome: JobRecord["outcome"] = "pushed"): JobRecord => ({
  began,
  used,
  ended,
  outcome,
  lostRaces: 1,
});

describe("what a load came to", () => {
  test("nothing, when there was none", () => {
    expect(tallyOf([], [])).toEqual({
      jobs: 0,
      pushed: 0,
      refused: 0,
      refusedSeconds: 0,
      spanning: 0,
      lostRaces: 0,
      longestSeconds: 0,
    });
  });

  test("pushes, refusals, races, and the longest job", () => {
    const tally = tallyOf([job(0, 1_000, 2_000), job(500, 1_000, 4_000), job(0, 10, 20, "refused")], []);
    expect(tally).toMatchObject({ jobs: 3, pushed: 2, refused: 1, lostRaces: 3, longestSeconds: 3.5 });
  });

  test.each<[string, number, JobRecord[]]>([
    [
      "from the first refusal to the next push",
      2,
      [job(0, 0, 1_000, "refused"), job(0, 0, 2_500, "refused"), job(0, 0, 3_000)],
    ],
    [
      "summed over several times",
      1.5,
      [job(0, 0, 1_000, "refused"), job(0, 0, 1_500), job(0, 0, 4_000, "refused"), job(0, 0, 5_000)],
    ],
    ["in the order in which jobs ended", 1, [job(0, 0, 3_000), job(0, 0, 2_000, "refused"), job(0, 0, 1_000)]],
    ["to the last job when no push follows", 3, [job(0, 0, 1_000, "refused"), job(0, 0, 4_000, "refused")]],
    ["none without a refusal", 0, [job(0, 0, 1_000), job(0, 0, 5_000)]],
  ])("seconds of refused pushes: %s", (_, seconds, records) => {
    expect(tallyOf(records, []).refusedSeconds).toBe(seconds);
  });

  test.each([
    ["began before the cut and pushed after it", [150], 1],
    ["spans two cuts, counted once", [150, 160], 1],
    ["began after the cut", [50], 0],
    ["pushed before the cut", [250], 0],
  ])("a job that %s", (_, cuts, spanning) => {
    expect(tallyOf([job(100, 200, 300)], cuts).spanning).toBe(spanning);
  });
});

test("a token's value dies with its rotation and with its revocation, if GitLab did it", () => {
  const at = "2100-01-10T12:00:00.000Z";
  const call = (method: string, path: string, status: number) => ({ method, path, status, at });
  const tokens = "/api/v4/projects/xlink/gitops/access_tokens";
  expect(
    cutsOf([
      call("POST", `${tokens}/1/rotate`, 200),
      call("DELETE", `${tokens}/2`, 204),
      call("POST", tokens, 201),
      call("GET", `${tokens}/1`, 200),
      call("POST", `${tokens}/1/rotate`, 400),
      call("DELETE", "/api/v4/projects/xlink/gitops/variables/KEY", 204),
    ]),
  ).toEqual([Date.parse(at), Date.parse(at)]);
});
