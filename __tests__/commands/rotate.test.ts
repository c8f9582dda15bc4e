import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { OpsFolder, type StateToken } from "../support/ops-folder";
import { pusher as pusherRun } from "../support/pusher-run";

/** A pusher of these dates, as one line. */
const pusher = (id: string, ...dates: string[]) =>
  `  ${id}: {target: a/b, token: {expires: ${dates.length === 1 ? dates[0] : `[${dates.join(", ")}]`}}}\n`;

const file = (...pushers: string[]) => `pushers:\n${pushers.join("")}`;

/** An inventory of one file, committed long ago. */
const ops = (...pushers: string[]) => new OpsFolder({ ops: file(...pushers) }).commit();

/** What a stack's two tokens are in the state. */
const deployed = (first: string, second: string, made?: [first: string, second: string]): StateToken[] => [
  { pusher: "x", slot: 1, expires: first, made: made?.[0] },
  { pusher: "x", slot: 2, expires: second, made: made?.[1] },
];

describe("which date is bumped", () => {
  test.each<[string, string[], string[]]>([
    ["the earlier one, in the second place", ["2030-06-04", "2030-02-05"], ["2030-06-04", "2030-07-09"]],
    ["the earlier one, in the first place", ["2030-02-05", "2030-05-07"], ["2030-07-09", "2030-05-07"]],
    ["one that is dead already", ["2030-01-10", "2030-05-07"], ["2030-07-09", "2030-05-07"]],
    ["both that are dead, half a lifetime apart", ["2029-12-04", "2030-01-08"], ["2030-07-09", "2030-04-10"]],
    ["both that are dead, the other way round", ["2030-01-08", "2029-12-04"], ["2030-04-10", "2030-07-09"]],
    ["the only one, when it is dead", ["2030-01-08"], ["2030-07-09"]],
  ])("GIVEN %s", async (_, before, after) => {
    const folder = ops(pusher("x", ...before));
    const { code, stdout } = await folder.rotate("x");
    expect(folder.files.ops).toBe(file(pusher("x", ...after)));
    expect(code).toBe(0);
    expect(stdout).not.toContain("cuts running jobs");
  });

  test.each<[string, string[], string[], string, string[]]>([
    ["the only slot", ["2030-02-05"], [], "got one slot (2030-02-05), whose token running jobs hold", ["2030-07-09"]],
    [
      "the later slot",
      ["2030-02-05", "2030-05-07"],
      ["--slot", "later"],
      "got the slot of 2030-05-07, whose token the variable carries",
      ["2030-02-05", "2030-07-09"],
    ],
    [
      "both slots",
      ["2030-02-05", "2030-05-07"],
      ["--slot", "both"],
      "got the slot of 2030-05-07, whose token the variable carries",
      ["2030-07-09", "2030-04-10"],
    ],
  ])("GIVEN %s WHEN jobs hold it THEN it is refused unless forced", async (_, before, options, reason, after) => {
    const folder = ops(pusher("x", ...before));
    const refused = await folder.rotate("x", ...options);
    expect(refused).toMatchObject({ code: 1, stderr: "" });
    expect(refused.stdout).toContain(`ops/x: refused: ${reason}`);
    expect(refused.stdout).toContain("add --force\nNothing was changed.\n");
    expect(folder.files.ops).toBe(file(pusher("x", ...before)));

    const forced = await folder.rotate("x", ...options, "--force");
    expect(forced.code).toBe(0);
    expect(forced.stdout).toContain("; cuts running jobs\n");
    // With two slots the synth asks again; with one there is no other way.
    expect(forced.stdout.includes("unless the token there says allow_interruption: true")).toBe(before.length === 2);
    expect(folder.files.ops).toBe(file(pusher("x", ...after)));
  });

  test("GIVEN a dead slot WHEN both are asked for THEN the living one still needs --force", async () => {
    expect((await ops(pusher("x", "2030-01-08", "2030-05-07")).rotate("x", "--slot", "both")).code).toBe(1);
  });
});

describe("what is due", () => {
  test.each([
    ["2030-02-09", [], true],
    ["2030-02-10", [], false],
    ["2030-02-10", ["31d"], true],
    ["2030-02-21", ["6w"], true],
    ["2030-02-22", ["6w"], false],
    ["2030-01-10", ["0d"], true],
    ["2030-01-11", ["0d"], false],
  ])("GIVEN the earlier date %s AND --due %j", async (date, due, isDue) => {
    const folder = ops(pusher("x", "2030-06-04", date));
    const { code, result } = await folder.rotateJson("--due", ...due);
    expect(code).toBe(0);
    expect(result.bumps.length).toBe(isDue ? 1 : 0);
    expect(result.changed).toBe(isDue);
    expect(folder.files.ops !== file(pusher("x", "2030-06-04", date))).toBe(isDue);
  });

  test("GIVEN nothing WHEN asked THEN what is next is told", async () => {
    const folder = new OpsFolder({
      a: file(pusher("x", "2030-09-04", "2030-06-04")),
      b: file(pusher("y", "2030-04-09"), pusher("z", "2030-07-01", "2030-08-01")),
    });
    expect(await folder.rotate("--due", "2w")).toEqual({
      code: 0,
      stderr: "",
      stdout: `Nothing is due within 14 days. Next:
  2030-04-09, in 89 days: b/y, slot 1
  2030-06-04, in 145 days: a/x, slot 2
  2030-07-01, in 172 days: b/z, slot 1
`,
    });
  });

  test("GIVEN ids as well THEN only those of them that are due are rotated", async () => {
    const folder = ops(
      pusher("x", "2030-06-04", "2030-02-05"),
      pusher("y", "2030-06-04", "2030-02-05"),
      pusher("z", "2030-06-04", "2030-05-07"),
    );
    const { result } = await folder.rotateJson("x", "z", "--due");
    expect(result.bumps).toEqual([expect.objectContaining({ stack: "ops", pusher: "x" })]);
  });

  test("GIVEN a pusher that must be refused beside others THEN those are rotated, and a person is called", async () => {
    const folder = ops(pusher("x", "2030-02-05"), pusher("y", "2030-06-04", "2030-02-05"));
    const { code, result } = await folder.rotateJson("--due");
    expect(code).toBe(1);
    expect(result).toMatchObject({
      changed: true,
      bumps: [{ pusher: "y" }],
      refused: [
        {
          stack: "ops",
          pusher: "x",
          reason: expect.stringContaining("got one slot"),
          got: expect.stringMatching(/^one slot/),
        },
      ],
    });
    expect(folder.files.ops).toContain(pusher("x", "2030-02-05"));
  });

  test("GIVEN ids alone of which one must be refused THEN nothing is rotated", async () => {
    const folder = ops(pusher("x", "2030-02-05"), pusher("y", "2030-06-04", "2030-02-05"));
    const before = folder.files;
    expect(await folder.rotateJson("y", "x")).toMatchObject({
      code: 1,
      result: { changed: false, bumps: [], diff: "" },
    });
    expect(folder.files).toEqual(before);
  });
});

describe("running it again", () => {
  const [before, after] = [pusher("x", "2030-06-04", "2030-02-05"), pusher("x", "2030-06-04", "2030-07-09")];
  // The other date is due as well, which a second bump would be for.
  const both = pusher("x", "2030-02-06", "2030-02-05");
  const once = pusher("x", "2030-02-06", "2030-07-09");

  test.each([
    ["its id", before, ["x"]],
    ["all that is due", before, ["--due"]],
    ["its id, while both dates are due", both, ["x"]],
    ["all that is due, while both dates are", both, ["--due"]],
    ["all that is due within the lifetime", before, ["--due", "200d"]],
  ])("GIVEN %s THEN nothing changes, whether a state or Git tells", async (_, text, args) => {
    const [git, state] = [ops(text), new OpsFolder({ ops: file(text) }).deploy("ops", datesOf(text))];
    for (const folder of [git, state]) {
      await folder.rotate(...args);
      expect(folder.files.ops).toBe(file(text === both ? once : after));
      const again = await folder.rotateJson(...args);
      expect(again).toMatchObject({ code: 0, result: { changed: false, bumps: [], refused: [] } });
      expect(folder.files.ops).toBe(file(text === both ? once : after));
    }
  });

  test("GIVEN a bump that is not deployed THEN the state says so; once it is and its jobs are over, the next may follow", async () => {
    const folder = new OpsFolder({ ops: file(once) }).deploy("ops", deployed("2030-02-06", "2030-02-05"));
    const { stdout, code } = await folder.rotate("--due");
    expect(stdout).toBe(
      "ops/x: waiting: 2030-07-09 is not deployed yet: run `cdktf deploy ops` first\nNothing to do now.\n",
    );
    expect(code).toBe(0);
    const made = (second: string) =>
      folder.deploy("ops", deployed("2030-02-06", "2030-07-09", ["2029-06-01 08:00:00 +0000 UTC", second]));

    made("2030-01-09 12:00:01.5 +0000 UTC");
    expect((await folder.rotate("--due")).stdout).toContain(
      "waiting: the variable's token was made at 2030-01-09 12:00 UTC: jobs that began before may hold the other one for 24 hours",
    );
    made("2030-01-09 11:59:59.123456789 +0000 UTC");
    expect((await folder.rotate("--due")).code).toBe(0);
    expect(folder.files.ops).toBe(file(pusher("x", "2030-08-08", "2030-07-09")));
  });

  test.each([
    ["GitLab's spelling", "2030-01-10T11:00:00.123Z"],
    ["another zone", "2030-01-10 13:00:00 +0200 CEST"],
  ])("GIVEN a token made an hour ago in %s THEN it is understood", async (_, made) => {
    const folder = new OpsFolder({ ops: file(both) });
    folder.deploy("ops", deployed("2030-02-06", "2030-02-05", [made, "2029-06-01 08:00:00 +0000 UTC"]));
    expect((await folder.rotate("x")).stdout).toContain("was made at 2030-01-10 11:00 UTC");
  });

  test("GIVEN two tokens of one deploy of today THEN no job ever held the earlier one, and it may rotate", async () => {
    const folder = new OpsFolder({ ops: file(both) });
    folder.deploy(
      "ops",
      deployed("2030-02-06", "2030-02-05", ["2030-01-10 11:00:09 +0000 UTC", "2030-01-10 11:00:00 +0000 UTC"]),
    );
    expect((await folder.rotateJson("x")).result.changed).toBe(true);
  });

  test("GIVEN a deploy that broke off before it switched the variable THEN the earlier token is the one that jobs hold", async () => {
    const folder = new OpsFolder({ ops: file(once) });
    const [first, second] = deployed("2030-02-06", "2030-07-09");
    folder.deploy("ops", [{ ...first!, carried: true }, second!]);
    const { code, stdout } = await folder.rotate("--due");
    expect(code).toBe(0);
    expect(stdout).toContain("waiting: variables still carry the token of 2030-02-06, as the last deploy broke off");
    folder.deploy("ops", [first!, { ...second!, carried: true }]);
    expect((await folder.rotateJson("--due")).result.changed).toBe(true);
  });

  test("GIVEN a pusher that was never deployed THEN it waits for that", async () => {
    const folder = ops(before).deploy("ops", []);
    expect((await folder.rotate("x")).stdout).toContain("2030-06-04 and 2030-02-05 are not deployed yet");
    expect((await folder.rotate("x", "--force")).stdout).toContain("Nothing to do now");
  });

  test("GIVEN a lapsed slot beside one that is not deployed THEN it is bumped: nobody holds a living token of it", async () => {
    const folder = ops(pusher("x", "2030-01-08", "2030-07-09")).deploy("ops", deployed("2030-01-08", "2030-02-05"));
    expect((await folder.rotateJson("--due")).result.changed).toBe(true);
  });

  test("GIVEN --force THEN a bump that is not deployed is no reason to wait, and the cut is told", async () => {
    const folder = new OpsFolder({ ops: file(once) }).deploy("ops", deployed("2030-02-06", "2030-02-05"));
    expect((await folder.rotateJson("x", "--force")).result.bumps).toEqual([
      expect.objectContaining({ slot: 1, from: "2030-02-06", cuts_running_jobs: true }),
    ]);
    // Both wait for the deploy now, and there is nothing left to force.
    expect((await folder.rotateJson("x", "--force", "--slot", "both")).result).toMatchObject({ changed: false });
  });

  test("GIVEN Git alone THEN a date that came to the branch less than a day ago waits, by the merge, not by its commit", async () => {
    const folder = ops(both);
    folder.git(["switch", "--quiet", "--create", "rotate"]);
    folder.write({ ops: file(once) }).commit("2030-01-02T08:00:00Z");
    folder.git(["switch", "--quiet", "main"]);
    const at = { GIT_COMMITTER_DATE: "2030-01-10T11:00:00Z" };
    folder.git(["merge", "--quiet", "--no-ff", "--message=merge", "rotate"], at);
    expect((await folder.rotate("x")).stdout).toBe(
      "ops/x: waiting: its dates came to the branch at 2030-01-10 11:00 UTC: 24 hours are given to the deploy and to the jobs that run\nNothing to do now.\n",
    );
  });

  test("GIVEN a file that was never committed THEN it waits; GIVEN neither Git nor state THEN nobody can tell", async () => {
    const folder = ops(before);
    folder.write({ other: file(before) });
    expect((await folder.rotate("other/x")).stdout).toContain("its dates are not committed yet");
    const bare = new OpsFolder({ ops: file(before) });
    const refused = await bare.rotate("x");
    expect(refused.code).toBe(1);
    expect(refused.stdout).toContain("got neither a state file of ops nor a Git repository");
    expect((await bare.rotate("x", "--force")).code).toBe(0);
    expect(bare.files.ops).toBe(file(after));
  });

  test("GIVEN a clone without history THEN a date may be older than it tells, which is said", async () => {
    const folder = ops(both);
    folder.write({ other: "pushers: {}\n" }).commit("2030-01-10T11:00:00Z");
    const clone = new OpsFolder({});
    const shallow = path.join(clone.root, "clone");
    folder.git(["clone", "--quiet", "--depth=1", `file://${folder.root}`, shallow]);
    const { code, stdout } = await pusherRun(["rotate", "x", "--inventory", path.join(shallow, "pushers")], folder.now);
    expect(stdout).toContain(
      "came to the branch at 2030-01-10 11:00 UTC, or before, as far as this shallow clone tells:",
    );
    expect(code).toBe(0);
  });

  test("GIVEN a state that cannot be read, as encrypted ones, THEN Git tells", async () => {
    const folder = ops(before).deploy("ops", []);
    writeFileSync(`${folder.states}/ops.tfstate`, '{"encrypted_data": "…"}');
    expect((await folder.rotateJson("x")).result.changed).toBe(true);
  });
});

/** What the tokens of a pusher of one line are in the state. */
function datesOf(text: string): StateToken[] {
  const [first, second] = text.match(/\d{4}-\d{2}-\d{2}/g)!;
  return deployed(first!, second!);
}

describe("which pushers", () => {
  const folder = () =>
    new OpsFolder({
      a: file(pusher("gitops", "2030-06-04", "2030-02-05"), pusher("docs", "2030-06-04", "2030-02-05")),
      b: file(pusher("gitops", "2030-06-04", "2030-02-05")),
    }).commit();

  test.each([
    ["an id of one stack", ["docs"], ["a/docs"]],
    ["an id with its stack", ["b/gitops"], ["b/gitops"]],
    ["the same one twice", ["docs", "a/docs"], ["a/docs"]],
    ["several, in the inventory's order", ["b/gitops", "docs"], ["a/docs", "b/gitops"]],
  ])("GIVEN %s", async (_, ids, expected) => {
    const { result } = await folder().rotateJson(...ids);
    const bumped = result.bumps.map((bump: { stack: string; pusher: string }) => `${bump.stack}/${bump.pusher}`);
    expect(bumped.sort()).toEqual(expected);
  });

  test.each([
    [
      "an unknown id",
      ["gitosp"],
      'got the unknown pusher "gitosp"; allowed: an id of the inventory, or STACK/ID; fix: write gitops\n',
    ],
    [
      "an unknown stack",
      ["c/docs"],
      'got the unknown pusher "c/docs"; allowed: an id of the inventory, or STACK/ID; fix: write a/docs\n',
    ],
    ["an ambiguous id", ["gitops"], "got gitops; allowed: a/gitops, b/gitops; fix: write a/gitops, with the stack\n"],
    [
      "several mistakes",
      ["gitops", "dogs"],
      'got gitops; allowed: a/gitops, b/gitops; fix: write a/gitops, with the stack\ngot the unknown pusher "dogs"; allowed: an id of the inventory, or STACK/ID; fix: write docs\n',
    ],
    [
      "none at all",
      [],
      "got neither an id nor --due; allowed: one of them; fix: npx gitlab-ci-pusher rotate --due, for all that expires soon\n",
    ],
  ])("GIVEN %s THEN it is wrong usage, and nothing changes", async (_, ids, stderr) => {
    const ops = folder();
    const before = ops.files;
    expect(await ops.rotate(...ids)).toEqual({ code: 2, stdout: "", stderr });
    expect(ops.files).toEqual(before);
  });

  test("GIVEN an inventory without pushers THEN an id is unknown, and nothing is due", async () => {
    const empty = new OpsFolder({ ops: "pushers: {}\n" });
    expect((await empty.rotate("x")).stderr).toBe(
      'got the unknown pusher "x"; allowed: a pusher of the inventory, which has none; fix: add one\n',
    );
    expect((await empty.rotate("--due")).stdout).toBe("Nothing is due within 30 days.\n");
  });
});

describe("the new date", () => {
  test("GIVEN many pushers in two files THEN no more than three tokens die on a day, those left alone counted in", async () => {
    const ids = Array.from({ length: 20 }, (_, i) => `p${i}`);
    const folder = new OpsFolder({
      a: file(...ids.map((id) => pusher(id, "2030-04-02", "2030-02-05"))),
      b: file(...ids.map((id) => pusher(id, "2030-04-02", "2030-02-05")), pusher("still", "2030-07-09", "2030-07-10")),
    }).commit();
    const { result } = await folder.rotateJson("--due");
    expect(result.bumps).toHaveLength(40);
    expect(result.crowded_days).toEqual([]);
    const days = result.bumps.map(({ to }: { to: string }) => to);
    for (const day of new Set(days)) {
      const others = ["2030-07-09", "2030-07-10"].includes(day as string) ? 1 : 0;
      expect(days.filter((other: string) => other === day).length + others).toBeLessThanOrEqual(3);
    }
  });

  test("GIVEN more than the good days take THEN the crowded ones are told", async () => {
    const ids = Array.from({ length: 40 }, (_, i) => `p${i}`);
    const folder = ops(...ids.map((id) => pusher(id, "2030-01-15", "2030-01-12")));
    const { stdout, code } = await folder.rotate("--due", "--lifetime", "2w");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^crowded: more than 3 tokens die a day on \d days from 2030-01-\d\d to 2030-01-\d\d, as all better days are full/m,
    );
  });

  test("GIVEN a file's limit THEN the usual lifetime bows to it, and one that was asked for is refused", async () => {
    const folder = new OpsFolder({
      a: `token_lifetime_limit: 90\n${file(pusher("x", "2030-03-05", "2030-02-05"))}`,
      b: `token_lifetime_limit: 400\n${file(pusher("y", "2030-03-05", "2030-02-05"))}`,
    }).commit();
    const before = folder.files;
    expect(await folder.rotate("--due", "--lifetime", "400d")).toEqual({
      code: 2,
      stdout: "",
      stderr: `${folder.inventory}/a.yaml: got a lifetime of 400 days; allowed: up to 90, its token_lifetime_limit; fix: write --lifetime 90d, or rotate this stack on its own\n`,
    });
    expect(folder.files).toEqual(before);
    const { result } = await folder.rotateJson("x");
    expect(result.bumps).toEqual([expect.objectContaining({ to: "2030-04-10", days: 90 })]);
    expect((await folder.rotateJson("y", "--lifetime", "400d")).result.bumps[0].to).toBe("2031-02-14");
  });

  test("GIVEN another slot that lives to the limit THEN there is no later day, and the reason is told", async () => {
    const folder = ops(pusher("x", "2031-01-10", "2030-02-05"));
    const { code, stdout } = await folder.rotate("x");
    expect(code).toBe(1);
    expect(stdout).toContain(
      "ops/x: refused: got dates 2031-01-10 and 2030-02-05, which leave no day after them within 365 days",
    );
  });
});

describe("what is written and shown", () => {
  const TEXT = `# notes
edition: free

pushers:
  gitops: # the main one
    target: a/b
    token:
      # bump the earlier
      expires:
        - "2030-06-04"
        - '2030-02-05'   # B
    variable: {in: [a/c]}
  docs:   {target: a/d, token: {expires: [2030-06-04, 2030-02-05]}}
`;

  test("the change as a unified diff that git applies, with everything but the dates as it was", async () => {
    const folder = new OpsFolder({ ops: TEXT }).commit();
    const { stdout, code, stderr } = await folder.rotate("--due");
    const name = folder.inventory.slice(1);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe(`--- a/${name}/ops.yaml
+++ b/${name}/ops.yaml
@@ -8,6 +8,6 @@
       # bump the earlier
       expires:
         - "2030-06-04"
-        - '2030-02-05'   # B
+        - '2030-07-09'   # B
     variable: {in: [a/c]}
-  docs:   {target: a/d, token: {expires: [2030-06-04, 2030-02-05]}}
+  docs:   {target: a/d, token: {expires: [2030-06-04, 2030-07-09]}}
ops/gitops: slot 2 from 2030-02-05 to 2030-07-09, 180 days from now
ops/docs: slot 2 from 2030-02-05 to 2030-07-09, 180 days from now
Written. Review and commit it; the tokens rotate with \`cdktf deploy ops\`.
`);
    const changed = folder.files.ops;
    const depth = folder.inventory.split("/").length - 1;
    folder.git(["restore", "pushers"]);
    writeFileSync(`${folder.root}/change.diff`, stdout.slice(0, stdout.indexOf("ops/gitops")));
    folder.git(["apply", `-p${depth}`, "change.diff"]);
    expect(folder.files.ops).toBe(changed);
  });

  test("GIVEN --dry-run THEN the same is shown, and nothing is written", async () => {
    const folder = new OpsFolder({ ops: TEXT }).commit();
    const dry = await folder.rotate("--due", "--dry-run");
    expect(folder.files.ops).toBe(TEXT);
    expect(folder.git(["status", "--porcelain"])).toBe("");
    const wet = await folder.rotate("--due");
    const sentence = /(Written|Nothing was written).*\n/;
    expect(dry.stdout.replace(sentence, "")).toBe(wet.stdout.replace(sentence, ""));
    expect(dry.stdout).toContain("Nothing was written: --dry-run.");
  });

  test("GIVEN --json THEN one line tells all, in a shape that stays", async () => {
    const folder = new OpsFolder({ ops: TEXT }).commit();
    const { result, code } = await folder.rotateJson("gitops", "--dry-run");
    expect(code).toBe(0);
    expect(result).toEqual({
      today: "2030-01-10",
      dry_run: true,
      changed: false,
      bumps: [
        {
          stack: "ops",
          pusher: "gitops",
          slot: 2,
          from: "2030-02-05",
          to: "2030-07-09",
          days: 180,
          cuts_running_jobs: false,
          file: `${folder.inventory.slice(1)}/ops.yaml`,
          line: 11,
        },
      ],
      waiting: [],
      refused: [],
      upcoming: [],
      crowded_days: [],
      diff: expect.stringMatching(/^--- a\/.*\+ {8}- '2030-07-09' {3}# B\n/s),
      commit: null,
      merge_request: null,
    });
  });

  test("no colours where nobody looks at a terminal, and no token of the state anywhere", async () => {
    const folder = new OpsFolder({ ops: TEXT }).commit().deploy("ops", []);
    for (const args of [["--due"], ["--due", "--force"], ["--due", "--json"], ["gitops", "--slot", "both"]]) {
      const { stdout, stderr } = await folder.rotate(...args);
      expect(stdout + stderr).not.toMatch(/\p{Cc}\[|glpat-/u);
    }
  });

  test.each<[string, Record<string, string>, RegExp]>([
    [
      "an alias in the second file",
      {
        b: "pushers:\n  y: {target: a/b, token: {expires: &d [2030-06-04, 2030-02-05]}}\n  z: {target: a/b, token: {expires: *d}}\n",
      },
      /^2 problems in the inventory, nothing was changed:\n.*b\.yaml:2:.*the anchor &d.*\n.*b\.yaml:3:.*the alias \*d/,
    ],
    ["a broken file", { b: "pushers: [\n" }, /b\.yaml:\d+:\d+: got YAML that cannot be read/],
    [
      "an impossible date",
      { b: "pushers: {y: {target: a/b, token: {expires: 2030-02-30}}}\n" },
      /b\.yaml:1:\d+.*got "2030-02-30"/,
    ],
  ])("GIVEN %s THEN nothing at all is changed", async (_, more, message) => {
    const folder = new OpsFolder({ a: TEXT, ...more }).commit();
    const before = folder.files;
    const { code, stdout, stderr } = await folder.rotate("--due");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(folder.files).toEqual(before);
  });

  test.each([
    [
      "a duration without a unit",
      ["--due", "30"],
      'got "30"; allowed: days or weeks, such as 30d or 4w; fix: write 30d',
    ],
    ["months, which are no number of days", ["x", "--lifetime", "6m"], 'got "6m"; allowed: days or weeks'],
    ["no lifetime at all", ["x", "--lifetime", "0d"], "got 0d; allowed: at least 1d"],
    ["an unknown slot", ["x", "--slot", "third"], "Allowed choices are earlier, later, both"],
    [
      "two ways to hand it over",
      ["x", "--commit", "--merge-request"],
      "'--merge-request' cannot be used with option '--commit'",
    ],
    ["an unknown option", ["x", "--dryrun"], "(Did you mean --dry-run?)"],
  ])("GIVEN %s THEN it is wrong usage", async (_, args, message) => {
    const { code, stdout, stderr } = await ops(pusher("x", "2030-02-05")).rotate(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
  });
});
