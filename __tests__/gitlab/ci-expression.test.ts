import { evaluate, type Truth } from "../../gitlab/ci-expression";
import {
  type JobCondition,
  jobRuns,
  PIPELINE_SOURCES,
  type PipelineSource,
  pipelineRuns,
} from "../../gitlab/job-condition";

const VALUES: Record<string, string | null> = {
  BRANCH: "main",
  EMPTY: "",
  NONE: null,
  RELEASE: "release/1.0",
  PATTERN: "/^rel/",
};
const lookup = (name: string) => VALUES[name];

test.each<[string, Truth]>([
  ['$BRANCH == "main"', true],
  ["$BRANCH == 'main'", true],
  ['$BRANCH != "main"', false],
  ['"main" == $BRANCH', true],
  ["$BRANCH", true],
  ["$EMPTY", false],
  ["$NONE", false],
  ["$NONE == null", true],
  ["$EMPTY == null", false],
  ['$EMPTY == ""', true],
  ["$BRANCH == $BRANCH", true],
  ["$RELEASE =~ /^release\\/\\d/", true],
  ["$RELEASE =~ /^RELEASE/i", true],
  ["$RELEASE !~ /^release/", false],
  ["$NONE =~ /x/", false],
  ["$RELEASE =~ $PATTERN", true],
  ['$BRANCH == "main" && $EMPTY', false],
  ['$BRANCH == "x" || $RELEASE', true],
  ['$BRANCH == "x" || $BRANCH == "y" && $NONE', false],
  ['($BRANCH == "main" || $EMPTY) && $RELEASE', true],
  ["$UNKNOWN", "unknown"],
  ['$UNKNOWN == "x" && $EMPTY', false],
  ['$UNKNOWN == "x" || $BRANCH', true],
  ['$UNKNOWN == "x" && $BRANCH', "unknown"],
  ["$BRANCH =~ $UNKNOWN", "unknown"],
  ["$BRANCH ==", "unknown"],
  ["main", "unknown"],
  ["($BRANCH", "unknown"],
  ["$BRANCH =~ /(/", "unknown"],
  ["", "unknown"],
])("%s is %s", (expression, truth) => {
  expect(evaluate(expression, lookup)).toBe(truth);
});

/** The kinds of pipelines of a branch that have a job, with a question mark where it is not known. */
function runs(job: JobCondition, ref = "main"): string[] {
  return PIPELINE_SOURCES.flatMap((source: PipelineSource) => {
    const known: Record<string, string | null> = {
      CI_PIPELINE_SOURCE: source,
      CI_COMMIT_BRANCH: source === "merge_request_event" ? null : ref,
    };
    const answer = jobRuns(job, { ref, source, lookup: (name) => known[name] });
    return answer === false ? [] : [answer === "unknown" ? `${source}?` : source];
  });
}

const BRANCH_PIPELINES = PIPELINE_SOURCES.filter((source) => source !== "merge_request_event");

test.each<[string, JobCondition, string[]]>([
  ["nothing said", {}, [...BRANCH_PIPELINES]],
  ["only: main", { only: ["main"] }, [...BRANCH_PIPELINES]],
  ["only: another branch", { only: ["master"] }, []],
  ["only: a text", { only: "main" }, [...BRANCH_PIPELINES]],
  ["only: a pattern", { only: ["/^ma/"] }, [...BRANCH_PIPELINES]],
  ["only: a pattern of this project", { only: ["/^MA/i@xlink/shop"] }, [...BRANCH_PIPELINES]],
  ["only: tags", { only: ["tags"] }, []],
  ["only: pushes and schedules", { only: ["pushes", "schedules"] }, ["push", "schedule"]],
  ["only: merge_requests", { only: ["merge_requests"] }, ["merge_request_event"]],
  ["only: refs and variables", { only: { refs: ["main"], variables: ['$CI_PIPELINE_SOURCE == "api"'] } }, ["api"]],
  ["only: changes", { only: { changes: ["*.md"] } }, BRANCH_PIPELINES.map((source) => `${source}?`)],
  ["except: main", { except: ["main"] }, []],
  ["except: schedules", { except: ["schedules"] }, BRANCH_PIPELINES.filter((source) => source !== "schedule")],
  ["rules: a branch", { rules: [{ if: '$CI_COMMIT_BRANCH == "main"' }] }, [...BRANCH_PIPELINES]],
  ["rules: another branch", { rules: [{ if: '$CI_COMMIT_BRANCH == "master"' }] }, []],
  [
    "rules: merge requests",
    { rules: [{ if: '$CI_PIPELINE_SOURCE == "merge_request_event"' }] },
    ["merge_request_event"],
  ],
  [
    "rules: never, then always",
    { rules: [{ if: "$CI_COMMIT_BRANCH", when: "never" }, { when: "always" }] },
    ["merge_request_event"],
  ],
  ["rules: manual", { rules: [{ if: "$CI_COMMIT_BRANCH", when: "manual" }] }, [...BRANCH_PIPELINES]],
  ["rules: none holds", { rules: [] }, []],
  ["rules: changes", { rules: [{ if: '$CI_PIPELINE_SOURCE == "push"', changes: ["x"] }] }, ["push?"]],
  ["when: never", { when: "never" }, []],
])("%s", (_, job, sources) => {
  expect(runs(job)).toEqual(sources);
});

test("workflow:rules decide on the pipeline as a whole", () => {
  const context = { ref: "main", source: "push" as const, lookup: () => "main" };
  expect([
    pipelineRuns(undefined, context),
    pipelineRuns({ rules: [{ if: '$X == "main"' }] }, context),
    pipelineRuns({ rules: [{ if: '$X == "x"' }] }, context),
  ]).toEqual([true, true, false]);
});

test("GIVEN only: with a branch that is called like a property of objects THEN it is a branch", () => {
  const context = { ref: "constructor", source: "push" as const, lookup: () => undefined };
  expect(jobRuns({ only: ["constructor"] }, context)).toBe(true);
  expect(jobRuns({ only: ["toString"] }, context)).toBe(false);
});
