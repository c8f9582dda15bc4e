import { type PipelineFrame, type PipelineJob, pipelineJobs } from "../../../estate/jobs/pipeline";

const FRAME: PipelineFrame = {
  project: "xlink/apps/shop",
  ref: "main",
  tag: false,
  refProtected: true,
  defaultBranch: "main",
  baseUrl: "https://gitlab.example.com",
  secretKeys: new Set(["SECRET"]),
};

const jobs = (yaml: string, frame: Partial<PipelineFrame> = {}) => pipelineJobs(yaml, { ...FRAME, ...frame });
const only = (yaml: string, frame?: Partial<PipelineFrame>): PipelineJob => {
  const found = jobs(yaml, frame);
  expect(found).toHaveLength(1);
  return found[0] as PipelineJob;
};

test("jobs with a script, and neither sections, hidden jobs nor triggers", () => {
  const yaml = `
stages: [a]
variables: {X: "1"}
.hidden: {script: [x]}
bridge: {trigger: other/project}
deploy: {script: [x]}
`;
  expect(jobs(yaml).map(({ name }) => name)).toEqual(["deploy"]);
});

test("what default and the top level hand down", () => {
  const yaml = `
before_script: [top]
default: {before_script: [before], tags: [docker], after_script: [after]}
one: {script: [[a, b], c]}
two: {before_script: [], script: own, tags: ["$SIZE"], variables: {SIZE: large}}
`;
  expect(jobs(yaml).map(({ script, tags }) => [script, tags])).toEqual([
    ["before\na\nb\nc\nafter", ["docker"]],
    ["\nown\nafter", ["large"]],
  ]);
});

test.each<[string, string | null | undefined]>([
  ["", null],
  ["environment: staging", "staging"],
  ["environment: {name: $STAGE}", "staging"],
  ["environment: {name: review/$CI_COMMIT_REF_NAME}", "review/main"],
  ["environment: $UNKNOWN", undefined],
  ["environment: $SECRET", undefined],
])("the environment of %j", (line, environment) => {
  const yaml = `job:\n  script: [x]\n  variables: {STAGE: staging, SECRET: written}\n  ${line}\n`;
  expect(only(yaml).environment).toBe(environment);
});

test("variables: the job's before the top level's, with their descriptions, expanded, and no secret among them", () => {
  const yaml = `
variables:
  A: {value: top, description: x}
  B: top
  SECRET: in the file
job: {script: [x], variables: {B: "$CI_PROJECT_NAME-$A", C: 7}}
`;
  const { variables } = only(yaml);
  expect(["A", "B", "C", "SECRET", "CI_PROJECT_PATH", "CI_PROJECT_NAMESPACE"].map((key) => variables.get(key))).toEqual(
    ["top", "shop-top", "7", undefined, "xlink/apps/shop", "xlink/apps"],
  );
  expect(variables.get("CI_REPOSITORY_URL")).toBe(
    "https://gitlab-ci-token:$CI_JOB_TOKEN@gitlab.example.com/xlink/apps/shop.git",
  );
});

test("secrets from outside are known by their keys", () => {
  const yaml = "job: {script: [x], secrets: {TOKEN: {vault: a/b}}, id_tokens: {JWT: {aud: x}}}";
  expect([...only(yaml).provided]).toEqual(["TOKEN", "JWT"]);
});

test.each<[string, string, Partial<PipelineFrame>, string[]]>([
  ["a workflow that keeps it out", 'workflow: {rules: [{if: $CI_COMMIT_BRANCH == "x"}]}\njob: {script: [x]}', {}, []],
  [
    "the default branch",
    "job: {script: [x], rules: [{if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH, when: manual}]}",
    {},
    [
      ...["push", "web", "schedule", "api", "trigger", "pipeline", "parent_pipeline"],
      ...["chat", "webide", "external", "external_pull_request_event"],
    ].map((source) => `${source} yes`),
  ],
  [
    "the default branch, on another",
    "job: {script: [x], rules: [{if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH}]}",
    { ref: "topic" },
    [],
  ],
  [
    "protected refs",
    'job: {script: [x], rules: [{if: $CI_COMMIT_REF_PROTECTED == "true" && $CI_PIPELINE_SOURCE == "push"}]}',
    {},
    ["push yes", "tag maybe"],
  ],
  [
    "a variable that a person gives",
    'job: {script: [x], rules: [{if: $CI_PIPELINE_SOURCE == "web" && $DEPLOY}]}',
    {},
    ["web maybe", "tag maybe"],
  ],
  [
    "a CI/CD variable, which may hold anything",
    'variables: {SECRET: "no"}\njob: {script: [x], rules: [{if: $CI_PIPELINE_SOURCE == "api" && $SECRET == "yes"}]}',
    {},
    ["api maybe", "tag maybe"],
  ],
  ["tags, by a rule", "job: {script: [x], rules: [{if: $CI_COMMIT_TAG}]}", {}, ["tag maybe"]],
  ["tags", "job: {script: [x], only: [tags]}", {}, ["tag yes"]],
  ["one tag", "job: {script: [x], only: [/^v\\d/]}", { ref: "v1.0.0", tag: true }, ["tag yes"]],
  ["branches, on a tag", "job: {script: [x], only: [branches]}", { ref: "v1.0.0", tag: true }, []],
  ["another branch", "job: {script: [x], only: [master]}", {}, []],
  [
    "a child pipeline",
    'job: {script: [x], rules: [{if: $CI_PIPELINE_SOURCE == "parent_pipeline"}]}',
    {},
    ["parent_pipeline yes"],
  ],
])("pipelines that have a job: %s", (_, yaml, frame, runs) => {
  expect([...only(yaml, frame).runs].map(([source, answer]) => `${source} ${answer}`)).toEqual(runs);
});

test("keys that the configuration sets: from another variable, or to a text of its own", () => {
  const yaml = "job: {script: [x], variables: {A: $B, C: '${D}', E: 'x$F', SECRET: $B}}";
  expect([...only(yaml).mapped]).toEqual([
    ["A", "B"],
    ["C", "D"],
    ["E", null],
    ["SECRET", "B"],
  ]);
});

test("a configuration that is none has no jobs", () => {
  expect([jobs("- a list"), jobs("null"), jobs("a: [")]).toEqual([[], [], []]);
});
