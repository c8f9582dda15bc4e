import { type Sight, withoutIgnored } from "../../../../commands/review/drift/ignores";
import type { Undeclared } from "../../../../commands/review/drift/undeclared";
import type { Ignored } from "../../../../inventory/schema";

const thing = (kind: Undeclared["kind"], name: string, id?: number, place = "xlink/app"): Undeclared => ({
  place,
  kind,
  name,
  id,
  what: `${kind} ${name}`,
});

const ALL = [
  thing("branch rule", "hotfix/*"),
  thing("tag rule", "hotfix/*"),
  thing("token", "ci", 7),
  thing("token", "twice", 8),
  thing("token", "twice", 9),
  thing("token", "renovate", 10, "xlink"),
  thing("deploy key", "7", 12),
  thing("job token", "job token"),
];

const told = (entry: Omit<Ignored, "reason">, sight: Sight = "all") => {
  const ignores = [{ entry: { ...entry, reason: "OPS-12" }, at: "pushers/a.yaml:3:5" }];
  const { undeclared, notes } = withoutIgnored(ALL, ignores, () => sight);
  return [ALL.filter((each) => !undeclared.includes(each)).map(({ what }) => what), notes];
};
const QUIET = ["1 thing that nobody declared may stay, as ignore says."];
const project = "XLink/app";

describe("what may stay", () => {
  test.each<[string, Omit<Ignored, "reason">, string[]]>([
    ["a rule by its pattern", { project, branch: "hotfix/*" }, ["branch rule hotfix/*"]],
    ["a rule of tags", { project, tag: "hotfix/*" }, ["tag rule hotfix/*"]],
    ["a token by its name", { project, token: "ci" }, ["token ci"]],
    ["a token by its number", { project, token: 8 }, ["token twice"]],
    ["a group's token", { group: "xlink", token: "renovate" }, ["token renovate"]],
    ["a deploy key by a title that is a number", { project, deploy_key: "7" }, ["deploy key 7"]],
    ["job tokens", { project, job_token: true }, ["job token job token"]],
  ])("GIVEN %s THEN nothing else is quiet", (_, entry, quiet) => {
    expect(told(entry)).toEqual([quiet, QUIET]);
  });

  test.each<[string, Omit<Ignored, "reason">]>([
    ["another pattern that matches", { project, branch: "hotfix*" }],
    ["the number of another kind", { project, deploy_key: 7 }],
    ["another project", { project: "xlink/other", token: "ci" }],
  ])("GIVEN %s THEN nothing is quiet, and the entry is said to be removable where all was seen", (_, entry) => {
    const [quiet, notes] = told(entry);
    expect(quiet).toEqual([]);
    expect(notes).toEqual([
      expect.stringMatching(/^pushers\/a\.yaml:3:5: ignore: .* any more .*: take the entry out\.$/),
    ]);
    expect(told(entry, "not seen")).toEqual([[], []]);
  });

  test("GIVEN a name that two tokens have THEN neither is quiet: anybody gives a token a name", () => {
    expect(told({ project, token: "twice" })).toEqual([
      [],
      [
        "pushers/a.yaml:3:5: ignore: 2 tokens of `XLink/app` have that name: write the number of the one that is meant.",
      ],
    ]);
  });
});
