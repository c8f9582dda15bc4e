import { closest } from "fastest-levenshtein";
import type { Identity, TokenRecord } from "../../estate/identities";
import { mappedKey } from "../../estate/jobs/mapped-key";
import { type PipelineJob, pipelineJobs } from "../../estate/jobs/pipeline";
import { mentions } from "../../estate/jobs/push-script";
import { ifSeen, type Lint, type Project, type Reader, type Seen } from "../../estate/reader";
import { DEFAULT_VARIABLE_KEY } from "../../gitlab/defaults";
import { isProtected, type ProtectedBranch } from "../../gitlab/protected-branch";
import type { Runner } from "../../gitlab/runner";
import { markedPath } from "../../gitlab/token-mark";
import { type Exposure, exposure, type PlacedVariable } from "../../gitlab/variable-exposure";
import { type JobPush, rankedPushes } from "./chosen-push";
import { isSame, type Walk } from "./walk";

/** Branches of the source that are tried as the one the pipeline runs for. */
const MOST_REFS = 20;

/** All that is looked at for one walk. */
export interface Facts {
  readonly walk: Walk;
  readonly now: Date;
  readonly target: Seen<Project>;
  /** undefined for a group. */
  readonly source?: Seen<Project>;
  readonly rules: Seen<ProtectedBranch[]>;
  readonly branch: Seen<{ name: string }>;
  /** The existing branch whose name is most like the one asked for, when that does not exist. */
  readonly similarBranch?: string;
  readonly pipeline?: Pipeline;
  readonly runners?: Seen<Runner[]>;
  readonly variable: VariableFacts;
  readonly token: TokenFacts;
}

export interface Pipeline {
  /** The branch or tag it runs for; a guess where no job was found that pushes. */
  readonly ref: string;
  /** Tells whether it runs for a tag, named or not. */
  readonly tag: boolean;
  /** undefined: not shown, or the branch is a guess. */
  readonly refProtected: boolean | undefined;
  readonly lint: Seen<Lint>;
  readonly jobs: readonly PipelineJob[];
  /** The `git push` that fits best; undefined when no script has one. */
  readonly best?: JobPush;
  /** The pushes of other jobs, the one that fits best first. */
  readonly others: readonly JobPush[];
}

export interface VariableFacts {
  /** Key of the variable that is looked at; undefined when nobody named one. */
  readonly key?: string;
  /** The pusher's own key, where the job reads another that reaches it. */
  readonly insteadOf?: string;
  /** The key that the job reads, where its configuration sets that from this variable. */
  readonly mappedFrom?: string;
  /** The configuration sets the key to a text that only the job knows. */
  readonly setByJob?: boolean;
  /** The job that was found gets another variable of the key, for its own environment. */
  readonly elsewhere?: boolean;
  readonly exposure?: Exposure;
  /** Other jobs that push there, and get another variable of the key, for their own environment: each is a way of its own. */
  readonly rivals?: readonly string[];
  /** The project and the groups above it whose variables could not be read. */
  readonly unseen: readonly string[];
}

export interface TokenFacts {
  /** GitLab's word on the variable's value; undefined when it was not asked. */
  readonly identity?: Identity;
  /** The project access tokens of the target. */
  readonly listed: Seen<TokenRecord[]>;
  /** The records of the slot the inventory declares, the newest first. */
  readonly declared: readonly TokenRecord[];
  /** Role of the token's user in the target; `none`: no member. */
  readonly level?: number | "none";
  readonly userId?: number;
}

export interface GatherOptions {
  readonly now: Date;
  /** Ask GitLab which token a variable holds, with its value. */
  readonly checkValues: boolean;
}

/** Reads what one walk depends on. @throws ApiError when GitLab cannot be reached */
export async function gather(reader: Reader, walk: Walk, options: GatherOptions): Promise<Facts> {
  const { target: path, branch: name, source: from } = walk;
  const [target, rules, branch, source] = await Promise.all([
    reader.project(path),
    reader.rules(path),
    reader.branch(path, name),
    from.kind === "project" ? reader.project(from.path) : undefined,
  ]);
  const [pipeline, runners] = await Promise.all([
    source?.seen ? readPipeline(reader, walk, source.value) : undefined,
    source?.seen ? reader.runners(from.path) : undefined,
  ]);
  const variable = await readVariable(reader, walk, ifSeen(source), pipeline);
  const token = await readToken(reader, walk, variable, options);
  const similarBranch = branch.seen ? undefined : await similar(reader, path, name);
  return { walk, now: options.now, target, source, rules, branch, similarBranch, pipeline, runners, variable, token };
}

async function similar(reader: Reader, path: string, name: string): Promise<string | undefined> {
  const names = (ifSeen(await reader.branches(path)) ?? []).map((branch) => branch.name);
  return (
    names.find((other) => other.toLowerCase() === name.toLowerCase()) ??
    (names.length > 0 ? closest(name, names) : undefined)
  );
}

/** The pipeline whose job pushes: of the refs it could run for, the first on which a job reaches the branch. */
async function readPipeline(reader: Reader, walk: Walk, source: Project): Promise<Pipeline> {
  const path = source.path_with_namespace;
  const [rules, branches] = await Promise.all([reader.rules(path), reader.branches(path)]);
  const names = (ifSeen(branches) ?? []).map(({ name }) => name);
  const refs = refsOf(walk, source, names);
  const first = refs[0] ?? "main";
  const tag = walk.ref === undefined || names.includes(walk.ref) ? undefined : ifSeen(await reader.tag(path, walk.ref));
  const lint = await reader.lint(
    path,
    names.length === 0 || names.includes(first) || tag ? first : (source.default_branch ?? first),
  );
  const yaml = ifSeen(lint)?.merged_yaml;
  const secretKeys = new Set((ifSeen(await reader.variables("projects", path)) ?? []).map(({ key }) => key));
  if (walk.key) secretKeys.add(walk.key);
  const tried = refs.map((ref) => {
    const seen = ifSeen(rules);
    const refProtected = tag ? tag.protected : seen && isProtected(seen, ref);
    const frame = {
      project: path,
      ref,
      tag: tag !== undefined,
      refProtected,
      defaultBranch: source.default_branch,
      baseUrl: reader.baseUrl,
      secretKeys,
    };
    const jobs = yaml ? pipelineJobs(yaml, frame) : [];
    const [best, ...others] = rankedPushes(jobs, {
      source: path,
      target: walk.target,
      branch: walk.branch,
      key: walk.key,
      scope: walk.scope ?? "*",
      environment: walk.environment,
      baseUrl: reader.baseUrl,
      job: walk.job,
    });
    const ofTags = tag === undefined && best?.job.runs.size === 1 && best.job.runs.has("tag");
    return {
      ref: ofTags ? "a tag" : ref,
      tag: ofTags || tag !== undefined,
      refProtected: ofTags ? undefined : refProtected,
      lint,
      jobs,
      best,
      others,
    };
  });
  const reaching = tried.find(({ best }) => best && reaches(best));
  if (reaching || walk.ref !== undefined) return reaching ?? (tried[0] as Pipeline);
  const guess = tried.find(({ ref }) => ref === walk.branch) ?? (tried[0] as Pipeline);
  return { ...guess, refProtected: undefined };
}

const reaches = ({ toTarget, toBranch, job }: JobPush): boolean =>
  toTarget !== false && toBranch !== false && job.runs.size > 0;

function refsOf({ ref, branch, source, target }: Walk, project: Project, names: readonly string[]): string[] {
  if (ref !== undefined) return [ref];
  const there = names.length === 0 || names.includes(branch);
  const usual = isSame(source.path, target) && there ? [branch] : [];
  const fallback = project.default_branch === null ? [] : [project.default_branch];
  // A job that pushes to one branch from all of them is thought of on the default branch.
  const refs = [...new Set([...fallback, ...usual, ...names.slice(0, MOST_REFS)])];
  return refs.length > 0 ? refs : [branch];
}

async function readVariable(
  reader: Reader,
  walk: Walk,
  source: Project | undefined,
  pipeline: Pipeline | undefined,
): Promise<VariableFacts> {
  const { all, unseen } = await placedVariables(reader, walk, source);
  const read = pipeline?.best?.push.credential;
  const inScript = read?.kind === "variable" ? read.key : undefined;
  const job = pipeline && readingJob(walk, pipeline);
  const environment = walk.environment ?? job?.environment;
  const of = (key: string, asked = environment) =>
    exposure(
      all.filter((variable) => variable.key === key),
      { environment: asked, exposesProtected: exposesProtected(source, pipeline, job) },
    );
  if (inScript && walk.key && inScript !== walk.key && of(inScript).winner) {
    return { key: inScript, insteadOf: walk.key, exposure: of(inScript), unseen };
  }
  const usual = job && mentions(job.script, DEFAULT_VARIABLE_KEY) ? DEFAULT_VARIABLE_KEY : undefined;
  const asked = walk.key ?? inScript ?? usual;
  if (asked === undefined) return { unseen };
  const key = mappedKey(asked, job, (each) => of(each).winner !== undefined);
  if (key === undefined) return { key: asked, setByJob: true, unseen };
  const mapped = key === asked ? {} : { mappedFrom: asked };
  const { scope = "*" } = walk;
  const { winner } = of(key);
  const foreign = pipeline?.best?.inEnvironment === false && winner !== undefined && winner.environment_scope !== scope;
  if (foreign && walk.environment === undefined) {
    return { key, ...mapped, elsewhere: true, exposure: of(key, scope.replaceAll("*", "any")), unseen };
  }
  return {
    key,
    ...mapped,
    exposure: of(key),
    rivals: rivalsOf(walk, pipeline, (each) => of(key, each).winner),
    unseen,
  };
}

/** Tells whether a job surely pushes to the target as well, with the variable of the same key. */
const rivals = (other: JobPush, { push: { credential }, readsKey }: JobPush): boolean =>
  other.toTarget === true &&
  reaches(other) &&
  (credential.kind === "variable"
    ? other.push.credential.kind === "variable" && other.push.credential.key === credential.key
    : readsKey && other.readsKey);

/** One job for each other variable that the environments of the pushing jobs make of a key, where nobody chose job or environment. */
function rivalsOf(
  { job, environment, scope }: Walk,
  pipeline: Pipeline | undefined,
  winnerFor: (environment: string | null | undefined) => PlacedVariable | undefined,
): string[] {
  const { best, others = [] } = pipeline ?? {};
  if (!best || job !== undefined || environment !== undefined || best.job.environment === undefined) return [];
  const seen = new Set([winnerFor(best.job.environment)]);
  return others.flatMap((other) => {
    const fits = rivals(other, best) && (scope === undefined || other.inEnvironment === true);
    const winner = winnerFor(other.job.environment);
    if (!fits || other.job.environment === undefined || seen.has(winner)) return [];
    seen.add(winner);
    return [other.job.name];
  });
}

/** The job whose variables count: the one that pushes; without a `git push` in a script, the one that was asked for or that sets the key. */
function readingJob({ job, key }: Walk, { best, jobs }: Pipeline): PipelineJob | undefined {
  if (best) return best.job;
  if (job !== undefined) return jobs.find(({ name }) => name === job);
  const reading = jobs.filter(({ mapped, script }) => key !== undefined && (mapped.has(key) || mentions(script, key)));
  return reading.length === 1 ? reading[0] : undefined;
}

/** Merge request pipelines get protected variables only where the project opted in. */
const exposesProtected = (
  source: Project | undefined,
  pipeline: Pipeline | undefined,
  job: PipelineJob | undefined,
): boolean | undefined =>
  onlyMergeRequests(job) && source?.protect_merge_request_pipelines === false ? false : pipeline?.refProtected;

/** Tells whether a job is in merge request pipelines and in no others. */
export const onlyMergeRequests = (job: PipelineJob | undefined): boolean =>
  job !== undefined && job.runs.size === 1 && job.runs.has("merge_request_event");

async function placedVariables(
  reader: Reader,
  { source: from }: Walk,
  source: Project | undefined,
): Promise<{ all: PlacedVariable[]; unseen: string[] }> {
  const homes =
    from.kind === "group"
      ? groupsFrom(from.path)
      : [
          ["projects", from.path] as const,
          ...(source?.namespace.kind === "group" ? groupsFrom(source.namespace.full_path) : []),
        ];
  const read = await Promise.all(homes.map(([kind, path]) => reader.variables(kind, path)));
  const all = read.flatMap((seen, distance) =>
    (ifSeen(seen) ?? []).map((variable) => ({
      ...variable,
      distance,
      home: (homes[distance] as readonly [string, string])[1],
    })),
  );
  return { all, unseen: homes.filter((_, distance) => !read[distance]?.seen).map(([, path]) => path) };
}

/** A group and those above it, the nearest first. */
function groupsFrom(path: string): (readonly ["groups", string])[] {
  const parts = path.split("/");
  return parts.map((_, index) => ["groups", parts.slice(0, parts.length - index).join("/")] as const);
}

async function readToken(
  reader: Reader,
  { target, declared }: Walk,
  { exposure }: VariableFacts,
  { checkValues }: GatherOptions,
): Promise<TokenFacts> {
  const value = exposure?.winner?.variable_type === "file" ? undefined : exposure?.winner?.value;
  const [listed, identity] = await Promise.all([
    reader.tokens(target),
    value && checkValues ? reader.identify(value) : undefined,
  ]);
  const ours = (ifSeen(listed) ?? [])
    .filter(({ description }) => declared !== undefined && markedPath(description) === declared.slot)
    .sort((a, b) => Number(b.active) - Number(a.active) || b.id - a.id);
  const userId = identity?.kind === "token" ? identity.token.user_id : ours[0]?.active ? ours[0].user_id : undefined;
  return { identity, listed, declared: ours, userId, level: await levelOf(reader, target, userId, ifSeen(listed)) };
}

async function levelOf(
  reader: Reader,
  target: string,
  userId: number | undefined,
  listed: readonly TokenRecord[] | undefined,
): Promise<TokenFacts["level"]> {
  if (userId === undefined) return undefined;
  const member = await reader.member(target, userId);
  if (member.seen) return member.value.access_level;
  // 404 is also the answer of a project that cannot be seen.
  if (member.status === 404 && (await reader.project(target)).seen) return "none";
  return listed?.find((token) => token.user_id === userId)?.access_level ?? undefined;
}
