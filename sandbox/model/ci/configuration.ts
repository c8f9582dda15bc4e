import { isAlias, isMap, isScalar, isSeq, parseDocument, stringify } from "yaml";
import { type CiInputs, fillInputs } from "./inputs";
import { CiProblem } from "./problem";

type Mapping = Record<string, unknown>;

/** The origin of an included file. */
export interface CiInclude {
  readonly type: "local" | "file";
  readonly project: string;
  readonly ref: string;
  /** Path in that project, without a leading slash. */
  readonly location: string;
}

export interface CiContext {
  /** Full path of the project whose configuration it is. */
  readonly project: string;
  readonly ref: string;
  /** A file of a project at a ref (null = its default branch); undefined when there is none for the caller. */
  readonly read: (project: string, ref: string | null, path: string) => Promise<string | undefined>;
}

const RESERVED = new Set([
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
  "pages:deploy",
  "types",
]);

const JOB_KEYS = new Set([
  "after_script",
  "allow_failure",
  "artifacts",
  "before_script",
  "cache",
  "coverage",
  "dast_configuration",
  "dependencies",
  "environment",
  "except",
  "extends",
  "hooks",
  "id_tokens",
  "identity",
  "image",
  "inherit",
  "interruptible",
  "manual_confirmation",
  "needs",
  "only",
  "pages",
  "parallel",
  "publish",
  "release",
  "resource_group",
  "retry",
  "rules",
  "run",
  "script",
  "secrets",
  "services",
  "stage",
  "start_in",
  "tags",
  "timeout",
  "trigger",
  "variables",
  "when",
  "type",
]);

const DEFAULT_STAGES = ["build", "test", "deploy"];
/** GitLab follows `extends` this deep. */
const EXTENDS_DEPTH = 11;
const INCLUDE_LIMIT = 150;

/** A `.gitlab-ci.yml` with its includes and `extends` resolved, and what is wrong with it. */
export class CiConfiguration {
  readonly errors: string[] = [];
  readonly warnings: string[] = [];
  readonly includes: CiInclude[] = [];
  /** The merged configuration as YAML; null when it could not be put together. */
  mergedYaml: string | null = null;
  /** The jobs that `include_jobs` shows. */
  jobs: Mapping[] = [];

  private constructor(private readonly context: CiContext) {}

  static async load(content: string, context: CiContext): Promise<CiConfiguration> {
    const configuration = new CiConfiguration(context);
    try {
      await configuration.build(content);
    } catch (error) {
      if (!(error instanceof CiProblem)) throw error;
      configuration.errors.push(error.message);
    }
    return configuration;
  }

  private async build(content: string): Promise<void> {
    const included = await this.withIncludes(
      parseYaml(fillInputs(content, ".gitlab-ci.yml"), ".gitlab-ci.yml"),
      this.context.project,
      this.context.ref,
    );
    const extended = resolveExtends(included);
    const merged = resolveReferences(extended, extended) as Mapping;
    this.mergedYaml = stringify(merged, { aliasDuplicateObjects: false });
    this.check(merged);
  }

  /** The files a configuration names, merged beneath it in their order. */
  private async withIncludes(configuration: Mapping, project: string, ref: string): Promise<Mapping> {
    const { include, ...own } = configuration;
    let base: Mapping = {};
    for (const wanted of include === undefined ? [] : [include].flat()) {
      for (const source of sourcesOf(wanted, project, ref)) {
        base = deepMerge(base, await this.readInclude(source));
      }
    }
    return deepMerge(base, own);
  }

  private async readInclude(source: IncludeSource): Promise<Mapping> {
    if (this.includes.length >= INCLUDE_LIMIT)
      throw new CiProblem(`Maximum of ${INCLUDE_LIMIT} nested includes are allowed!`);
    const { type, project, ref, location, givenRef, inputs } = source;
    const content = await this.context.read(project, givenRef, location);
    if (content === undefined) {
      throw new CiProblem(
        type === "local"
          ? `Local file \`${location}\` does not exist!`
          : `Project \`${project}\` file \`${location}\` does not exist!`,
      );
    }
    this.includes.push({ type, project, ref, location });
    return this.withIncludes(parseYaml(fillInputs(content, location, inputs), location), project, ref);
  }

  private check(merged: Mapping): void {
    const stages = [".pre", ...listOr(merged.stages, DEFAULT_STAGES), ".post"];
    const names = Object.keys(merged).filter((name) => !RESERVED.has(name) && !name.startsWith("."));
    if (names.length === 0) this.errors.push("jobs config should contain at least one visible job");
    for (const name of names) this.checkJob(name, merged[name], stages, names);
    if (this.errors.length === 0) this.jobs = names.map((name) => summary(name, merged[name] as Mapping));
  }

  private checkJob(name: string, job: unknown, stages: readonly string[], names: readonly string[]): void {
    if (!isMapping(job)) {
      this.errors.push(`jobs ${name} config should implement the script:, run:, or trigger: keyword`);
      return;
    }
    const unknown = Object.keys(job).filter((key) => !JOB_KEYS.has(key));
    if (unknown.length > 0) this.errors.push(`jobs:${name} config contains unknown keys: ${unknown.join(", ")}`);
    if (!("script" in job || "run" in job || "trigger" in job)) {
      this.errors.push(`jobs ${name} config should implement the script:, run:, or trigger: keyword`);
    } else if ("script" in job && !isScript(job.script)) {
      this.errors.push(
        `jobs:${name}:script config should be a string or a nested array of strings up to 10 levels deep`,
      );
    }
    const stage = job.stage ?? "test";
    if (!stages.includes(String(stage))) {
      this.errors.push(`${name} job: chosen stage ${stage} does not exist; available stages are ${stages.join(", ")}`);
    }
    for (const need of needsOf(job)) {
      if (!names.includes(need)) this.errors.push(`${name} job: undefined need: ${need}`);
    }
    for (const dependency of listOr(job.dependencies, [])) {
      if (!names.includes(dependency)) this.errors.push(`${name} job: undefined dependency: ${dependency}`);
    }
  }
}

function parseYaml(content: string, file: string): Mapping {
  const document = parseDocument(content);
  const [problem] = document.errors;
  if (problem) throw new CiProblem(`(${file}): ${problem.message.split("\n")[0]}`);
  const parsed = withReferences(document.contents, document);
  if (parsed === null)
    throw new CiProblem(
      file === ".gitlab-ci.yml"
        ? "Please provide content of .gitlab-ci.yml"
        : `Included file \`${file}\` is empty or has invalid content!`,
    );
  if (!isMapping(parsed)) throw new CiProblem("Invalid configuration format");
  return parsed;
}

/** A `!reference [job, key, …]`, to be replaced by what it points to. */
class Reference {
  constructor(readonly path: readonly string[]) {}
}

function withReferences(node: unknown, document: ReturnType<typeof parseDocument>): unknown {
  if (isAlias(node)) return withReferences(node.resolve(document), document);
  if (isSeq(node)) {
    const items = node.items.map((item) => withReferences(item, document));
    return node.tag === "!reference" ? new Reference(items.map(String)) : items;
  }
  if (isMap(node)) {
    const result: Mapping = {};
    const merges: Mapping[] = [];
    for (const { key, value } of node.items) {
      const name = String(isScalar(key) ? key.value : key);
      const read = withReferences(value, document);
      if (name === "<<") merges.push(...([read].flat() as Mapping[]));
      else result[name] = read;
    }
    return Object.assign({}, ...merges.reverse(), result);
  }
  return isScalar(node) ? node.value : (node ?? null);
}

function resolveReferences(value: unknown, root: Mapping, depth = 0): unknown {
  if (depth > 10) throw new CiProblem("!reference is nested too deep: at most 10 levels are allowed");
  if (value instanceof Reference) {
    const found = value.path.reduce<unknown>((at, key) => (isMapping(at) ? at[key] : undefined), root);
    if (found === undefined) throw new CiProblem(`!reference ${JSON.stringify(value.path)} could not be found`);
    return resolveReferences(found, root, depth + 1);
  }
  if (Array.isArray(value)) {
    return value.flatMap((item) => {
      const resolved = resolveReferences(item, root, depth);
      return item instanceof Reference && Array.isArray(resolved) ? resolved : [resolved];
    });
  }
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolveReferences(item, root, depth)]));
}

/** The file that an `include` asks for. */
interface IncludeSource extends CiInclude {
  /** The ref as written; null = the project's default branch. */
  readonly givenRef: string | null;
  readonly inputs: CiInputs;
}

function sourcesOf(wanted: unknown, project: string, ref: string): IncludeSource[] {
  if (typeof wanted === "string") {
    if (/^https?:\/\//.test(wanted))
      throw new CiProblem(`Remote file \`${wanted}\` could not be fetched: the sandbox fetches nothing from elsewhere`);
    return [local(wanted, project, ref, {})];
  }
  if (!isMapping(wanted)) throw new CiProblem("include config should be a string, a hash or an array");
  const inputs = isMapping(wanted.inputs) ? wanted.inputs : {};
  if (typeof wanted.local === "string") return [local(wanted.local, project, ref, inputs)];
  if (typeof wanted.project === "string") {
    const other = wanted.project;
    const given = typeof wanted.ref === "string" ? wanted.ref : null;
    return listOr(wanted.file, []).map((file) => ({
      type: "file",
      project: other,
      ref: given ?? "HEAD",
      givenRef: given,
      location: file.replace(/^\//, ""),
      inputs,
    }));
  }
  const kind = ["remote", "template", "component"].find((key) => key in wanted);
  throw new CiProblem(
    kind
      ? `include:${kind} \`${String(wanted[kind])}\` could not be fetched: the sandbox has only local and project files`
      : "include config should be one of: local, project with file",
  );
}

function local(path: string, project: string, ref: string, inputs: CiInputs): IncludeSource {
  if (!/\.ya?ml$/.test(path)) throw new CiProblem(`Included file \`${path}\` does not have YAML extension!`);
  return { type: "local", project, ref, givenRef: ref, location: path.replace(/^\//, ""), inputs };
}

function resolveExtends(configuration: Mapping): Mapping {
  const resolved = new Map<string, unknown>();
  const resolve = (name: string, trail: readonly string[]): unknown => {
    if (resolved.has(name)) return resolved.get(name);
    if (trail.includes(name)) throw new CiProblem(`${trail[0]}: circular dependency detected in \`extends\``);
    if (trail.length > EXTENDS_DEPTH) throw new CiProblem(`${trail[0]}: nesting too deep in \`extends\``);
    const job = configuration[name];
    if (!isMapping(job) || !("extends" in job)) return job;
    const { extends: parents, ...own } = job;
    let base: Mapping = {};
    for (const parent of listOr(parents, [])) {
      if (!isMapping(configuration[parent])) throw new CiProblem(`${name}: unknown keys in \`extends\` (${parent})`);
      base = deepMerge(base, resolve(parent, [...trail, name]) as Mapping);
    }
    // GitLab keeps `extends` in the merged configuration only for what it could not resolve.
    const merged = deepMerge(base, own);
    resolved.set(name, merged);
    return merged;
  };
  return Object.fromEntries(Object.keys(configuration).map((name) => [name, resolve(name, [])]));
}

/** Hashes merge key by key, everything else is replaced. */
function deepMerge(base: Mapping, over: Mapping): Mapping {
  const result: Mapping = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = result[key];
    result[key] = isMapping(below) && isMapping(value) ? deepMerge(below, value) : value;
  }
  return result;
}

function summary(name: string, job: Mapping): Mapping {
  return {
    name,
    stage: job.stage ?? "test",
    before_script: [job.before_script ?? []].flat(5),
    script: [job.script ?? []].flat(5),
    after_script: [job.after_script ?? []].flat(5),
    tag_list: listOr(job.tags, []),
    environment: isMapping(job.environment) ? (job.environment.name ?? null) : (job.environment ?? null),
    when: job.when ?? "on_success",
    allow_failure: job.allow_failure ?? false,
    only: job.only ?? null,
    except: job.except ?? null,
    needs: job.needs ?? null,
  };
}

function needsOf(job: Mapping): string[] {
  const needs = Array.isArray(job.needs) ? job.needs : [];
  return needs.flatMap((need: unknown) => {
    if (typeof need === "string") return [need];
    const local = isMapping(need) && !("pipeline" in need) && !("project" in need) && need.optional !== true;
    return local && typeof need.job === "string" ? [need.job] : [];
  });
}

function isScript(script: unknown): boolean {
  return (
    typeof script === "string" ||
    (Array.isArray(script) && script.length > 0 && script.flat(10).every((line) => typeof line === "string"))
  );
}

function listOr(value: unknown, fallback: readonly string[]): string[] {
  if (value === undefined || value === null) return [...fallback];
  return [value].flat().map(String);
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Reference);
}
