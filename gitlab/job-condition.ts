import { and, evaluate, type Lookup, not, or, regularExpression, type Truth } from "./ci-expression";

/** The ways in which a pipeline comes about, as `CI_PIPELINE_SOURCE` says it. */
export const PIPELINE_SOURCES = [
  "push",
  "web",
  "schedule",
  "api",
  "trigger",
  "pipeline",
  "merge_request_event",
  "parent_pipeline",
  "chat",
  "webide",
  "external",
  "external_pull_request_event",
] as const;
export type PipelineSource = (typeof PIPELINE_SOURCES)[number];

/** The pipeline a job would run in. */
export interface PipelineContext {
  /** A branch; for a merge request, its source branch; for a tag its name, or any where undefined. */
  readonly ref: string | undefined;
  /** It runs for a tag. */
  readonly tag?: boolean;
  readonly source: PipelineSource;
  /** Predefined and declared variables. */
  readonly lookup: Lookup;
}

/** The part of a job that decides whether it is in a pipeline, from the merged configuration. */
export interface JobCondition {
  readonly rules?: unknown;
  readonly only?: unknown;
  readonly except?: unknown;
  readonly when?: unknown;
}

/**
 * Tells whether a job is in a pipeline: by its `rules`, else by `only` and `except`, else in every branch and tag pipeline. A manual job
 * counts as one that runs.
 * @see https://docs.gitlab.com/ci/yaml/#rules
 */
export function jobRuns(job: JobCondition, context: PipelineContext): Truth {
  if (job.when === "never") return false;
  if (Array.isArray(job.rules)) return rulesPass(job.rules, context);
  const only = job.only === undefined || job.only === null ? ["branches", "tags"] : job.only;
  return and(
    anyOf(only, context, true),
    job.except === undefined || job.except === null ? true : not(anyOf(job.except, context, false)),
  );
}

/** Tells whether `workflow:rules` let a pipeline be made at all. */
export const pipelineRuns = (workflow: unknown, context: PipelineContext): Truth =>
  isMapping(workflow) && Array.isArray(workflow.rules) ? rulesPass(workflow.rules, context) : true;

/** The first rule that holds decides; none that does means no. */
function rulesPass(rules: readonly unknown[], context: PipelineContext): Truth {
  let reached: Truth = true;
  let result: Truth = false;
  for (const rule of rules.flat()) {
    const holds = ruleHolds(rule, context);
    result = or(result, and(reached, and(holds, !isMapping(rule) || rule.when !== "never")));
    reached = and(reached, not(holds));
  }
  return result;
}

function ruleHolds(rule: unknown, { lookup }: PipelineContext): Truth {
  if (!isMapping(rule)) return "unknown";
  const condition = typeof rule.if === "string" ? evaluate(rule.if, lookup) : true;
  // Which files changed or exist is the pipeline's own matter.
  return and(condition, "changes" in rule || "exists" in rule ? "unknown" : true);
}

/** `only` and `except` as a list of refs, or with `refs`, `variables` and `changes`, of which `only` asks for all. */
function anyOf(policy: unknown, context: PipelineContext, all: boolean): Truth {
  if (!isMapping(policy)) return refsMatch(policy, context);
  const parts: Truth[] = [
    ...("refs" in policy ? [refsMatch(policy.refs, context)] : []),
    ...("variables" in policy ? [variablesMatch(policy.variables, context)] : []),
    ...("changes" in policy || "kubernetes" in policy ? ["unknown" as const] : []),
  ];
  if (!("refs" in policy) && all) parts.push(refsMatch(["branches", "tags"], context));
  return all ? parts.reduce(and, true) : parts.reduce(or, false);
}

const refsMatch = (refs: unknown, context: PipelineContext): Truth =>
  [refs]
    .flat()
    .map((ref) => refMatches(String(ref), context))
    .reduce(or, false as Truth);

const variablesMatch = (expressions: unknown, { lookup }: PipelineContext): Truth =>
  [expressions]
    .flat()
    .map((expression) => evaluate(String(expression), lookup))
    .reduce(or, false as Truth);

/** Keywords of `only` that name how a pipeline came about. */
const SOURCES: Readonly<Record<string, PipelineSource>> = {
  pushes: "push",
  web: "web",
  schedules: "schedule",
  api: "api",
  triggers: "trigger",
  pipelines: "pipeline",
  merge_requests: "merge_request_event",
  chat: "chat",
  external: "external",
  external_pull_requests: "external_pull_request_event",
};

function refMatches(pattern: string, { ref, tag, source }: PipelineContext): Truth {
  // `branches@group/project` keeps forks out; whether this is the project is not looked at.
  const wanted = pattern.startsWith("/")
    ? pattern.replace(/(\/[imsU]*)@[\w./-]+$/, "$1")
    : pattern.replace(/@[\w./-]+$/, "");
  if (Object.hasOwn(SOURCES, wanted)) return source === SOURCES[wanted];
  // Merge request pipelines run on no branch.
  if (source === "merge_request_event") return false;
  if (wanted === "branches") return !tag;
  if (wanted === "tags") return tag === true;
  // Nobody names a tag like a branch.
  if (!wanted.startsWith("/")) return wanted === ref;
  if (ref === undefined) return "unknown";
  return regularExpression(wanted)?.test(ref) ?? "unknown";
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
