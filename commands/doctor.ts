import { Command } from "commander";
import { ifSeen, Reader } from "../estate/reader";
import { ApiClient } from "../gitlab/api-client";
import { baseUrlIn, requireBaseUrl } from "../gitlab/base-url";
import { wildcardCovers } from "../gitlab/wildcard";
import { loadInventory } from "../inventory/load";
import { pushersOf } from "../inventory/pushers";
import { type CommandContext, colorsFor } from "./context";
import { type Diagnosis, diagnose } from "./doctor/diagnosis";
import { type Examination, exitCodeOf, pipelineRef } from "./doctor/examination";
import { type Facts, gather } from "./doctor/facts";
import { fetchJob, isAddress, type JobRecord, jobUrl, stateOf } from "./doctor/job-url";
import { asJson } from "./doctor/json";
import { type JobLog, readJobLog } from "./doctor/log/job-log";
import { readLogFile } from "./doctor/log/log-file";
import { asText } from "./doctor/text";
import { DEFAULT_BRANCH, type Question, type Walk, walkOf, walksOf } from "./doctor/walk";
import { CommandError, type ExitCode } from "./exit-code";
import { during } from "./progress";
import { named } from "./pushers/named";
import { shown } from "./shown";

interface Options extends Question {
  readonly inventory: string;
  readonly jobLog?: string;
  readonly json?: boolean;
  /** False with `--no-check-values`. */
  readonly checkValues: boolean;
}

/** Branches of the target that stand for one pattern of the inventory. */
const MOST_BRANCHES = 5;

const HELP = `
Walks from the job to the branch and says of each link whether it is ok, wrong, or not known
with these rights; for what is wrong the cause, what was seen, and the fix. Nothing is changed.
GITLAB_TOKEN needs scope read_api; a log alone needs none. All causes: docs/refused-pushes.md

Exit codes: 0 nothing is wrong; 1 something is, or a push was refused; 2 wrong usage, or GitLab
does not answer; 3 the log has no push.

Examples:
  $ npx gitlab-ci-pusher doctor gitops
  $ npx gitlab-ci-pusher doctor --project xlink/gitops --branch main --source xlink/shop
  $ npx gitlab-ci-pusher doctor --job-log job.log
  $ npx gitlab-ci-pusher doctor https://gitlab.example.com/xlink/shop/-/jobs/4711`;

/** `gitlab-ci-pusher doctor`: why a push is refused, and what makes it go through. */
export function doctorCommand(context: CommandContext): Command {
  return new Command("doctor")
    .description("Explains a refused push: walks from the job to the branch, and names cause and cure.")
    .argument(
      "[ids...]",
      "pushers of the inventory, as ID or STACK/ID, or the address of a job; none and no --project = all",
    )
    .option("--inventory <folder>", "the folder of inventory files", "pushers")
    .option("--project <path>", "the target, for a push outside the inventory")
    .option("--branch <name>", "the branch that is pushed to; default: those of the inventory, or the default branch")
    .option("--source <path>", "the project whose jobs push; default: those of the inventory, or the target")
    .option("--key <name>", "key of the variable with the token; default: the inventory's, or the one the job reads")
    .option("--ref <branch>", "the branch the pipeline runs for; default: found by the job's rules")
    .option("--job <name>", "the job that pushes; default: found by its git push")
    .option("--environment <name>", "the job's environment; default: from the configuration")
    .option("--job-log <file>", "a log of the job: recognises why the push was refused; - = standard input")
    .option("--no-check-values", "do not ask GitLab which token the variable holds")
    .option("--json", "print JSON on one line instead of text")
    .addHelpText("after", HELP)
    .action(async (ids: string[], options: Options) => context.end(await doctor(ids, options, context)));
}

async function doctor(ids: readonly string[], options: Options, context: CommandContext): Promise<ExitCode> {
  refuseContradictions(ids, options);
  const [address] = ids.filter(isAddress);
  if (address !== undefined) return show(await examineJob(address, context), options, context);
  const log = options.jobLog === undefined ? undefined : readJobLog(readLogFile(options.jobLog));
  const question = { ...options, ref: options.ref ?? pipelineRef(log?.ref) };
  const examination =
    log && ids.length === 0 && options.project === undefined
      ? { checkedAt: context.now(), diagnoses: [], log, notSeen: [] }
      : await examine(ids, question, log, context);
  return show(examination, options, context);
}

function show(examination: Examination, { json }: Options, context: CommandContext): ExitCode {
  if (json) context.stdout.json(asJson(examination));
  else context.stdout.write(asText(shown(examination, context.environment), colorsFor(context)));
  return exitCodeOf(examination);
}

/** A job by its address, with the rights of whoever asks: what these do not show is no finding. */
async function examineJob(address: string, context: CommandContext): Promise<Examination> {
  const { environment } = context;
  const url = jobUrl(address, baseUrlIn(environment));
  const client = clientOf({ ...environment, GITLAB_BASE_URL: url.baseUrl });
  const now = context.now();
  const work = async () => {
    const { job, log: text } = await fetchJob(client, url);
    const read = readJobLog(text);
    const log = { ...read, notes: [...stateOf(job, text), ...read.notes] };
    const diagnoses = await confirmed(new Reader(client), log, { ...url, job }, now);
    return {
      checkedAt: now,
      gitlab: client.baseUrl,
      diagnoses,
      log,
      job: { url: address, project: url.project, ref: job.ref },
      notSeen: [],
    };
  };
  return during(`Asking ${client.baseUrl}`, work(), context.stderr);
}

/** Asks GitLab about the causes that a log leaves open. */
async function confirmed(
  reader: Reader,
  { outcome, refusals, target, branch }: JobLog,
  { project, job }: { readonly project: string; readonly job: JobRecord },
  now: Date,
): Promise<Diagnosis[]> {
  if (outcome !== "refused" || target === undefined || branch === undefined) return [];
  const walk = walkOf({ project: target, branch, source: project, ref: pipelineRef(job.ref), job: job.name }, branch);
  const diagnosis = diagnose(await gather(reader, walk, { now, checkValues: false }));
  const possible = new Set(refusals.flatMap(({ causes }) => causes));
  return diagnosis.findings.some(({ cause }) => possible.has(cause)) ? [diagnosis] : [];
}

function refuseContradictions(ids: readonly string[], { project, jobLog }: Options): void {
  if (ids.some(isAddress) && (ids.length > 1 || project !== undefined || jobLog !== undefined)) {
    throw new CommandError({
      got: "a job's address beside other things",
      allowed: "the address alone, its log is fetched",
      fix: "leave the rest out",
    });
  }
  if (ids.length === 0 || project === undefined) return;
  throw new CommandError({
    got: `${ids.join(" ")} and --project ${project}`,
    allowed: "pushers of the inventory, or a project",
    fix: "leave --project out, the inventory has the target",
  });
}

async function examine(
  ids: readonly string[],
  question: Options,
  log: JobLog | undefined,
  context: CommandContext,
): Promise<Examination> {
  const client = clientOf(context.environment);
  const reader = new Reader(client);
  const now = context.now();
  const asked = walksFor(ids, question);
  const work = async () => {
    await reader.requireLiving();
    const walks = (await Promise.all(asked.map((walk) => concrete(reader, walk)))).flat();
    const options = { now, checkValues: question.checkValues };
    const first = await Promise.all(walks.map((walk) => gather(reader, walk, options)));
    // Jobs that differ by environment only may get different tokens.
    const all = first.flatMap(({ walk, variable: { rivals = [] } }, at) => [
      first[at] as Facts,
      ...rivals.map((job) => gather(reader, { ...walk, job }, options)),
    ]);
    return Promise.all(all);
  };
  const facts = await during(`Asking ${client.baseUrl}`, work(), context.stderr);
  const { notSeen } = reader;
  return { checkedAt: now, gitlab: client.baseUrl, diagnoses: facts.map((each) => diagnose(each)), log, notSeen };
}

function clientOf(environment: CommandContext["environment"]): ApiClient {
  const { GITLAB_TOKEN: token } = environment;
  if (token) return new ApiClient({ baseUrl: requireBaseUrl(environment), token });
  throw new CommandError({
    got: "no GITLAB_TOKEN",
    allowed: "a personal access token with scope read_api",
    fix: "export GITLAB_TOKEN, or give a job's log alone with --job-log",
  });
}

function walksFor(ids: readonly string[], question: Options): Walk[] {
  const { project } = question;
  if (project !== undefined) return [walkOf({ ...question, project }, question.branch ?? DEFAULT_BRANCH)];
  const pushers = pushersOf(loadInventory(question.inventory));
  const chosen = ids.length > 0 ? named(pushers, ids) : pushers;
  return chosen.flatMap((pusher) => walksOf(pusher, question));
}

/** The walks to branches that exist: for none the default branch, for a pattern the branches it matches. */
async function concrete(reader: Reader, walk: Walk): Promise<Walk[]> {
  if (walk.branch === DEFAULT_BRANCH) {
    const target = ifSeen(await reader.project(walk.target));
    return [{ ...walk, branch: target?.default_branch ?? "main" }];
  }
  if (!walk.branch.includes("*")) return [walk];
  const branches = (ifSeen(await reader.branches(walk.target)) ?? []).map(({ name }) => name);
  const matching = branches.filter((name) => wildcardCovers(walk.branch, name)).slice(0, MOST_BRANCHES);
  const names = matching.length > 0 ? matching : [walk.branch.replaceAll("*", "new")];
  return names.map((branch) => ({ ...walk, branch }));
}
