import { type Runner, type RunnerDemand, runnerVerdict } from "../../gitlab/runner";

const runner = (more: Partial<Runner> = {}): Runner => ({
  id: 1,
  description: null,
  paused: false,
  status: "online",
  tag_list: ["linux", "docker"],
  run_untagged: true,
  access_level: "not_protected",
  ...more,
});

const UNSEEN = { tag_list: undefined, run_untagged: undefined, access_level: undefined };

test.each<[string, Runner[], RunnerDemand, string]>([
  ["no runner", [], {}, "none"],
  ["a job without tags", [runner()], { tags: [] }, "serves"],
  ["a job without tags, and tagged jobs only", [runner({ run_untagged: false })], { tags: [] }, "tags"],
  ["all of the job's tags", [runner()], { tags: ["docker"] }, "serves"],
  ["one tag too many", [runner()], { tags: ["docker", "gpu"] }, "tags"],
  [
    "two runners with half the tags each",
    [runner({ tag_list: ["a"] }), runner({ tag_list: ["b"] })],
    { tags: ["a", "b"] },
    "tags",
  ],
  [
    "a protected runner, protected ref",
    [runner({ access_level: "ref_protected" })],
    { tags: [], refProtected: true },
    "serves",
  ],
  [
    "a protected runner, unprotected ref",
    [runner({ access_level: "ref_protected" })],
    { tags: [], refProtected: false },
    "protected",
  ],
  ["a protected runner, ref not known", [runner({ access_level: "ref_protected" })], { tags: [] }, "serves"],
  ["paused", [runner({ paused: true })], { tags: [] }, "paused"],
  ["offline", [runner({ status: "offline" })], { tags: [] }, "offline"],
  ["never seen", [runner({ status: "never_contacted" })], { tags: [] }, "offline"],
  [
    "one that fits is offline, one that is online does not fit",
    [runner({ status: "stale", tag_list: ["gpu"] }), runner()],
    { tags: ["gpu"] },
    "offline",
  ],
  ["one paused, one online", [runner({ paused: true }), runner()], { tags: [] }, "serves"],
  ["details not shown", [runner(UNSEEN)], { tags: ["gpu"] }, "unknown"],
  ["details not shown, job not known", [runner(UNSEEN)], {}, "serves"],
])("%s", (_, runners, demand, verdict) => {
  expect(runnerVerdict(runners, demand)).toBe(verdict);
});
