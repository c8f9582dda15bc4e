import { CORE_SCHEMA, load, YAMLException } from "js-yaml";
import { jobRuns, PIPELINE_SOURCES, type PipelineSource, pipelineRuns } from "../../gitlab/job-condition";
import { expand, isKnown } from "./shell";

type Mapping = Readonly<Record<string, unknown>>;

/** A job of the merged configuration that runs a script. */
export interface PipelineJob {
  readonly name: string;
  /** `before_script`, `script` and `after_script` in one. */
  readonly script: string;
  readonly tags: readonly string[];
  /** null: none; undefined: only the running job knows. */
  readonly environment: string | null | undefined;
  /** Declared in the configuration, and those that GitLab sets for every job of the pipeline. */
  readonly variables: ReadonlyMap<string, string>;
  /** Keys that the configuration sets: from which other variable (`GITLAB_TOKEN: $RELEASE_TOKEN`); null = to a text of its own. */
  readonly mapped: ReadonlyMap<string, string | null>;
  /** Keys that `secrets` and `id_tokens` fill from outside GitLab's variables. */
  readonly provided: ReadonlySet<string>;
  /** The kinds of pipelines of this ref that have the job; `maybe` where files or unknown variables decide. */
  readonly runs: ReadonlyMap<PipelineKind, "yes" | "maybe">;
}

/** The source of a branch's pipeline, or that it is one of a tag. */
export type PipelineKind = PipelineSource | "tag";

export interface PipelineFrame {
  /** Full path of the project whose pipeline it is. */
  readonly project: string;
  /** The branch, or the tag, it runs for. */
  readonly ref: string;
  /** Tells whether that is a tag. */
  readonly tag: boolean;
  readonly refProtected: boolean | undefined;
  readonly defaultBranch: string | null;
  /** Address of GitLab. */
  readonly baseUrl: string;
  /** Keys of CI/CD variables, which beat those of the configuration and hold secrets. */
  readonly secretKeys: ReadonlySet<string>;
}

const SECTIONS = new Set([
  "default",
  "include",
  "stages",
  "variables",
  "workflow",
  "image",
  "services",
  "before_script",
  "after_script",
  "cache",
  "spec",
  "types",
]);

/**
 * The jobs with a script in a merged configuration, as a pipeline of one branch would run them; none of what is no YAML. GitLab's lint has
 * merged it; no library tells whose `rules` let a job run (gitlab-ci-local does, as a program in a checkout).
 */
export function pipelineJobs(mergedYaml: string, frame: PipelineFrame): PipelineJob[] {
  const configuration = read(mergedYaml);
  if (!isMapping(configuration)) return [];
  return Object.entries(configuration)
    .filter(([name, job]) => !SECTIONS.has(name) && !name.startsWith(".") && isMapping(job) && "script" in job)
    .map(([name, job]) => jobOf(name, job as Mapping, configuration, frame));
}

function read(yaml: string): unknown {
  try {
    return load(yaml, { schema: CORE_SCHEMA });
  } catch (error) {
    if (error instanceof YAMLException) return undefined;
    throw error;
  }
}

function jobOf(name: string, job: Mapping, configuration: Mapping, frame: PipelineFrame): PipelineJob {
  const defaults = isMapping(configuration.default) ? configuration.default : {};
  const inherited = (key: string): unknown =>
    job[key] ?? defaults[key] ?? (key === "tags" ? undefined : configuration[key]);
  const declared = new Map([...declaredVariables(configuration.variables), ...declaredVariables(job.variables)]);
  const mapped = mappedKeys(declared);
  for (const key of frame.secretKeys) declared.delete(key);
  const variables = expanded(new Map([...declared, ...predefined(name, frame)]));
  return {
    name,
    script: ["before_script", "script", "after_script"].map((key) => scriptText(inherited(key))).join("\n"),
    tags: list(inherited("tags")).map((tag) => expand(tag, variables)),
    environment: environmentOf(job.environment, variables),
    variables,
    mapped,
    provided: new Set(
      [job.secrets, job.id_tokens].flatMap((section) => (isMapping(section) ? Object.keys(section) : [])),
    ),
    runs: runsOf(job, configuration.workflow, declared, name, frame),
  };
}

function runsOf(
  job: Mapping,
  workflow: unknown,
  declared: ReadonlyMap<string, string>,
  name: string,
  frame: PipelineFrame,
): PipelineJob["runs"] {
  const runs = new Map<PipelineKind, "yes" | "maybe">();
  const consider = (source: PipelineSource, tag: string | null | undefined) => {
    const known = new Map<string, string | null>([
      ...declared,
      ...predefined(name, frame),
      ...ofSource(source, frame, tag),
    ]);
    if (tag === undefined) {
      known.set("CI_COMMIT_REF_NAME", SOME_TAG);
      known.delete("CI_COMMIT_REF_PROTECTED");
    }
    const lookup = (key: string) => (frame.secretKeys.has(key) ? undefined : lookUp(known, key));
    const context = { ref: tag === null ? frame.ref : tag, tag: tag !== null, source, lookup };
    const answers = [pipelineRuns(workflow, context), jobRuns(job, context)];
    if (answers.includes(false)) return;
    const kind = tag === null ? source : "tag";
    if (runs.get(kind) !== "yes") runs.set(kind, answers.includes("unknown") ? "maybe" : "yes");
  };
  if (!frame.tag) for (const source of PIPELINE_SOURCES) consider(source, null);
  for (const source of OF_TAGS) consider(source, frame.tag ? frame.ref : undefined);
  return runs;
}

/** Stands for the tag that nobody named, where a rule compares it with names of branches. */
const SOME_TAG = "v1.0.0";

/** The sources of tags' pipelines. */
const OF_TAGS: readonly PipelineSource[] = ["push", "web", "schedule", "api", "trigger", "pipeline"];

/** GitLab's own names that are not set here could hold anything; a name nobody declared is not there. */
function lookUp(known: ReadonlyMap<string, string | null>, key: string): string | null | undefined {
  const value = known.get(key);
  return value && !isKnown(value) ? undefined : value;
}

/** `tag`: its name, undefined where nobody named it, null for a branch. */
function ofSource(
  source: PipelineSource,
  { ref }: PipelineFrame,
  tag: string | null | undefined,
): [string, string | null][] {
  const mergeRequest = source === "merge_request_event";
  return [
    ["CI_PIPELINE_SOURCE", source],
    ["CI_COMMIT_TAG", tag === undefined ? "$CI_COMMIT_TAG" : tag],
    ["CI_COMMIT_BRANCH", mergeRequest || tag !== null ? null : ref],
    ...(mergeRequest
      ? []
      : ([
          ["CI_MERGE_REQUEST_ID", null],
          ["CI_MERGE_REQUEST_IID", null],
        ] as [string, null][])),
  ];
}

/** Variables that GitLab sets the same for every job of a pipeline on this branch. @see https://docs.gitlab.com/ci/variables/predefined_variables/ */
function predefined(name: string, frame: PipelineFrame): [string, string][] {
  const { project, ref, refProtected, defaultBranch } = frame;
  const url = new URL(frame.baseUrl);
  return [
    ["CI", "true"],
    ["GITLAB_CI", "true"],
    ["CI_JOB_NAME", name],
    ["CI_PROJECT_PATH", project],
    ["CI_PROJECT_NAME", project.slice(project.lastIndexOf("/") + 1)],
    ["CI_PROJECT_NAMESPACE", project.slice(0, project.lastIndexOf("/"))],
    ["CI_PROJECT_ROOT_NAMESPACE", project.split("/")[0] as string],
    ["CI_PROJECT_URL", `${frame.baseUrl}/${project}`],
    ["CI_COMMIT_REF_NAME", ref],
    [frame.tag ? "CI_COMMIT_TAG" : "CI_COMMIT_BRANCH", ref],
    ...(defaultBranch === null ? [] : ([["CI_DEFAULT_BRANCH", defaultBranch]] as [string, string][])),
    ...(refProtected === undefined ? [] : ([["CI_COMMIT_REF_PROTECTED", String(refProtected)]] as [string, string][])),
    ["CI_SERVER_URL", frame.baseUrl],
    ["CI_SERVER_PROTOCOL", url.protocol.replace(":", "")],
    ["CI_SERVER_HOST", url.hostname],
    ["CI_SERVER_FQDN", url.host],
    ["CI_SERVER_PORT", url.port],
    // The job token, by its name, is all that a script's reader needs of this one.
    [
      "CI_REPOSITORY_URL",
      `${url.protocol}//gitlab-ci-token:$CI_JOB_TOKEN@${url.host}${url.pathname.replace(/\/$/, "")}/${project}.git`,
    ],
  ];
}

function declaredVariables(section: unknown): [string, string][] {
  if (!isMapping(section)) return [];
  return Object.entries(section).flatMap(([key, given]) => {
    const value = isMapping(given) ? given.value : given;
    return value === undefined || value === null ? [] : [[key, String(value)] as [string, string]];
  });
}

const mappedKeys = (declared: ReadonlyMap<string, string>): ReadonlyMap<string, string | null> =>
  new Map(
    [...declared].map(([key, value]) => {
      const [, braced, bare] = /^\$(?:\{(\w+)\}|(\w+))$/.exec(value) ?? [];
      return [key, braced ?? bare ?? null];
    }),
  );

/** Variables may be made of others; GitLab expands them in turn. */
function expanded(variables: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const once = new Map([...variables].map(([key, value]) => [key, expand(value, variables)]));
  return new Map([...once].map(([key, value]) => [key, expand(value, once)]));
}

function environmentOf(given: unknown, variables: ReadonlyMap<string, string>): string | null | undefined {
  const name = isMapping(given) ? given.name : given;
  if (name === undefined || name === null) return null;
  const text = expand(String(name), variables);
  return isKnown(text) ? text : undefined;
}

const scriptText = (script: unknown): string => [script ?? []].flat(10).map(String).join("\n");

const list = (value: unknown): string[] => (value === undefined || value === null ? [] : [value].flat().map(String));

const isMapping = (value: unknown): value is Mapping =>
  typeof value === "object" && value !== null && !Array.isArray(value);
