import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { requireBaseUrl } from "../gitlab/base-url";
import { ExpectedError } from "../gitlab/expected-error";
import { failureOf } from "../gitlab/failure";
import { requireWritable, writeWhole } from "../gitlab/whole-file";
import { AREAS, type Area } from "./case";
import { contentsOf } from "./contents";
import { factsOf, groupOf, operatorOf } from "./facts";
import { Git } from "./git";
import { lineOf, reportOf, summaryOf } from "./report";
import { type Result, type Run, tally } from "./result";
import { notReached, runCases } from "./run";
import { Secrets } from "./secrets";
import { Server } from "./server";
import { Stage } from "./stage";
import { leftSubgroups, makeSubgroup, removeSubgroup, type Subgroup } from "./subgroup";

interface Options {
  readonly group: string;
  readonly really: boolean;
  readonly groupRules: boolean;
  readonly only: readonly Area[];
  readonly report?: string;
  readonly redact: boolean;
}

/** The codes that the process ends with, as the commands do. */
const EXIT = { same: 0, different: 1, usage: 2, defect: 70 } as const;

const REPORT = { option: "--report" } as const;

const stopped = new AbortController();
const secrets = new Secrets();
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const note = (line: string): void => void process.stderr.write(`${secrets.redact(line)}\n`);

async function main(options: Options): Promise<number> {
  const token = process.env.GITLAB_TOKEN;
  if (!token) {
    throw new ExpectedError({
      got: "no GITLAB_TOKEN",
      allowed: "a personal access token of scope api, of an Owner of the group",
      fix: "export GITLAB_TOKEN, and GITLAB_BASE_URL",
    });
  }
  const server = new Server(requireBaseUrl(process.env), token, secrets, stopped.signal);
  const operator = await operatorOf(server);
  const group = await groupOf(server, options.group);
  if (options.groupRules && !group.isTop) {
    throw new ExpectedError({
      got: `--group-rules for ${group.fullPath}`,
      allowed: "a top-level group, as others have no rules",
      fix: "leave it out, or name a top-level group that was made for this",
    });
  }
  const contents = await contentsOf(server, group, operator.id);
  if (contents.length > 0 && !options.really) {
    throw new ExpectedError({
      got: `a group that has something in it: ${contents.join("; ")}`,
      allowed: "an empty one that was made for this",
      fix: "make one; or say --really, and a subgroup is made in it and removed again, and nothing else touched",
    });
  }
  if (options.report !== undefined) requireWritable(options.report, REPORT);
  for (const left of await leftSubgroups(server, group, new Date())) {
    note(`removing ${left.fullPath}, which an earlier run left`);
    await tidy(server, left);
  }
  const folder = await mkdtemp(path.join(tmpdir(), "conformance-"));
  try {
    return await playIn(folder, server, token, operator, group, options);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Makes the subgroup, plays in it, tells what was seen, and removes it, whatever happened. */
async function playIn(
  folder: string,
  server: Server,
  token: string,
  operator: { readonly id: number; readonly username: string },
  group: Subgroup,
  options: Options,
): Promise<number> {
  // A signal that comes while it is made must not leave it.
  const subgroup = await makeSubgroup(server.unstoppable(), group, new Date());
  note(`everything is made in ${subgroup.fullPath}`);
  const run: Run = { results: [] };
  const play = async (): Promise<void> => {
    const git = new Git(folder, stopped.signal);
    const stage = new Stage(server, token, subgroup, operator.id, git, folder, stopped.signal);
    run.facts = await factsOf(stage);
    await runCases(stage, {
      areas: options.only,
      facts: run.facts,
      groupRules: options.groupRules,
      onResult: (result) => {
        run.results.push(result);
        say(lineOf(result, secrets));
      },
    });
  };
  try {
    const end = await play().catch((error: unknown) => ({ error }));
    if (end) {
      const { text, isDefect } = failureOf(end.error);
      run.brokenOff = isDefect ? "a defect of gitlab-ci-pusher" : text;
      run.results.push(...notReached(options.only, run.results));
    }
    // Before the tidying up, which a server that is away makes long.
    say(`\n${summaryOf(run)}`);
    await writeReport(options, run, { user: operator.username, server, group, subgroup });
    if (end) throw end.error;
    return verdictOf(run.results);
  } finally {
    await tidy(server, subgroup);
  }
}

function verdictOf(results: readonly Result[]): number {
  const counts = tally(results);
  if (counts.different > 0) return EXIT.different;
  return counts.same > 0 ? EXIT.same : EXIT.usage;
}

async function tidy(server: Server, subgroup: Subgroup): Promise<void> {
  const left = await removeSubgroup(server.unstoppable(), subgroup);
  if (left !== undefined) note(left);
}

async function writeReport(
  { report, redact }: Options,
  run: Run,
  at: { readonly user: string; readonly server: Server; readonly group: Subgroup; readonly subgroup: Subgroup },
): Promise<void> {
  if (report === undefined) return;
  const own = await readFile(path.join(__dirname, "../package.json"), "utf8");
  const { version: release } = JSON.parse(own) as { version: string };
  const address = new URL(at.server.baseUrl);
  const whereabouts: [string, string][] = [
    [at.server.baseUrl, "https://gitlab.example.com"],
    [address.host, "gitlab.example.com"],
    [address.hostname, "gitlab.example.com"],
    [at.subgroup.fullPath, "group/subgroup"],
    [at.group.fullPath, "group"],
    [at.user, "operator"],
  ];
  const hidden = new Map(redact ? whereabouts : []);
  writeWhole(report, reportOf({ ...run, release, on: new Date(), secrets, hidden }), REPORT);
  note(`the report is in ${report}`);
}

function areas(text: string): Area[] {
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !(AREAS as readonly string[]).includes(name));
  if (unknown.length === 0) return AREAS.filter((area) => names.includes(area));
  throw new InvalidArgumentError(
    `got ${unknown.join(", ")}; allowed: ${AREAS.join(", ")}; fix: --only "tokens,group rules"`,
  );
}

// A reader that is gone, as of `… | head`, must not keep the subgroup from being removed.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  // On, not once: a second signal, or npm's copy of the first, must not end the tidying up.
  process.on(signal, () => stopped.abort(new ExpectedError(`stopped by ${signal}`)));
}

new Command("npm run conformance --")
  .description(
    "Compares a GitLab with what this project knows of it. GITLAB_BASE_URL and GITLAB_TOKEN say which, and who.\n" +
      "All is made in a subgroup of the group, which is removed at the end; nothing else is touched.",
  )
  .requiredOption("--group <full path>", "an empty group that was made for this")
  .option("--only <areas>", `of ${AREAS.join(", ")}`, areas, [...AREAS])
  .option("--group-rules", "also make rules of that group, if it is top-level, for branches of this run only", false)
  .option("--report <file>", "write a page of Markdown, without tokens")
  .option("--redact", "leave addresses, paths and names out of the report", false)
  .option("--really", "although there is something in the group", false)
  .addHelpText(
    "after",
    "\nExit codes: 0 all the same, 1 something differs or the run was stopped, 2 wrong usage, nothing could be tried or\nGITLAB_TOKEN is taken no more, 70 a defect.\n" +
      "\nExample:\n  $ npm run conformance -- --group conformance --report report.md",
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT.same : EXIT.usage))
  .action(async (options: Options) => {
    try {
      process.exitCode = await main(options);
    } catch (error) {
      const { text, isDefect } = failureOf(error);
      note(text);
      process.exitCode = isDefect ? EXIT.defect : stopped.signal.aborted ? EXIT.different : EXIT.usage;
    }
  })
  .parseAsync();
