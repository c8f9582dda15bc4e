import { maskingProblem } from "../../gitlab/masking";
import { exposure, type PlacedVariable, type ReadingJob } from "../../gitlab/variable-exposure";

const variable = (home: string, more: Partial<PlacedVariable> = {}): PlacedVariable => ({
  key: "KEY",
  value: home,
  home,
  distance: 0,
  protected: false,
  masked: true,
  raw: true,
  variable_type: "env_var",
  environment_scope: "*",
  ...more,
});

const JOB: ReadingJob = { environment: null, exposesProtected: true };

test.each<[string, PlacedVariable[], ReadingJob, string | undefined, string[], boolean?]>([
  ["none", [], JOB, undefined, []],
  ["one", [variable("a")], JOB, "a", []],
  ["a project's before a group's", [variable("group", { distance: 1 }), variable("project")], JOB, "project", []],
  ["the nearest group's", [variable("top", { distance: 2 }), variable("near", { distance: 1 })], JOB, "near", []],
  ["protected, on a protected ref", [variable("a", { protected: true })], JOB, "a", []],
  [
    "protected, on another ref",
    [variable("a", { protected: true })],
    { ...JOB, exposesProtected: false },
    undefined,
    ["protected"],
  ],
  [
    "a protected one that is withheld leaves the group's",
    [variable("project", { protected: true }), variable("group", { distance: 1 })],
    { ...JOB, exposesProtected: false },
    "group",
    ["protected"],
  ],
  [
    "protected, ref not known",
    [variable("a", { protected: true })],
    { ...JOB, exposesProtected: undefined },
    "a",
    [],
    true,
  ],
  ["scoped, no environment", [variable("a", { environment_scope: "prod" })], JOB, undefined, ["environment"]],
  [
    "scoped by wildcard",
    [variable("a", { environment_scope: "review/*" })],
    { ...JOB, environment: "review/1" },
    "a",
    [],
  ],
  [
    "scoped, another environment",
    [variable("a", { environment_scope: "prod" })],
    { ...JOB, environment: "staging" },
    undefined,
    ["environment"],
  ],
  [
    "scoped, environment not known",
    [variable("a", { environment_scope: "prod" })],
    { ...JOB, environment: undefined },
    "a",
    [],
    true,
  ],
  [
    "the more exact scope",
    [variable("any"), variable("wild", { environment_scope: "pr*" }), variable("exact", { environment_scope: "prod" })],
    { ...JOB, environment: "prod" },
    "exact",
    [],
  ],
  [
    "a project's for all before a group's exact one",
    [variable("project"), variable("group", { distance: 1, environment_scope: "prod" })],
    { ...JOB, environment: "prod" },
    "project",
    [],
  ],
])("what reaches a job: %s", (_, variables, job, winner, withheld, uncertain = false) => {
  const found = exposure(variables, job);
  expect([found.winner?.home, found.withheld.map(({ why }) => why), found.uncertain]).toEqual([
    winner,
    withheld,
    uncertain,
  ]);
});

test.each<[string, boolean, RegExp | undefined]>([
  ["glpat-abc_DEF.01.0w1a2b3c4", false, undefined],
  ["short", true, /5 characters/],
  ["two words", true, /blanks/],
  ["line\nend-of-it", true, /more than one line/],
  ["p@ss!word#1", false, /not raw/],
  ["p@ss!word#1", true, undefined],
])("whether GitLab can mask %j (raw: %s)", (value, raw, problem) => {
  if (problem === undefined) expect(maskingProblem(value, raw)).toBeUndefined();
  else expect(maskingProblem(value, raw)).toMatch(problem);
});
