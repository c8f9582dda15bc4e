import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { requireBaseUrl } from "../gitlab/base-url";
import { ExpectedError } from "../gitlab/expected-error";
import { failureOf } from "../gitlab/failure";
import { AREAS, type Area } from "./case";
import { contentsOf } from "./contents";
import { factsOf, groupOf, operatorOf } from "./facts";
import { Git } from "./git";
import { lineOf, reportOf, summaryOf } from "./report";
import { type Result, type ServerFacts, tally } from "./result";
import { runCases } from "./run";
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
  if (options.report !== undefined) await requireWritable(options.report);
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

/** Makes the subgroup, plays in it, and removes it whatever happened. */
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
  const results: Result[] = [];
  try {
    const stage = new Stage(
      server,
      token,
      subgroup,
      operator.id,
      new Git(folder, stopped.signal),
      folder,
      stopped.signal,
    );
    const facts = await factsOf(stage, operator.username);
    await runCases(stage, {
      areas: options.only,
      facts,
      groupRules: options.groupRules,
      onResult: (result) => {
        results.push(result);
        say(lineOf(result, secrets));
      },
    });
    say(`\n${summaryOf(results, facts)}`);
    await writeReport(options, { results, facts, server, group, subgroup });
    return verdictOf(results);
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

/** Makes sure, before minutes of work, that the report can be written after them. */
async function requireWritable(report: string): Promise<void> {
  try {
    await appendFile(report, "");
  } catch (error) {
    throw new ExpectedError({
      got: `${(error as NodeJS.ErrnoException).code} at ${report}`,
      allowed: "a file that can be written",
      fix: "check the folder of --report",
    });
  }
}

async function writeReport(
  { report, redact }: Options,
  run: { results: Result[]; facts: ServerFacts; server: Server; group: Subgroup; subgroup: Subgroup },
): Promise<void> {
  if (report === undefined) return;
  const own = await readFile(path.join(__dirname, "../package.json"), "utf8");
  const { version: release } = JSON.parse(own) as { version: string };
  const address = new URL(run.server.baseUrl);
  const whereabouts: [string, string][] = [
    [run.server.baseUrl, "https://gitlab.example.com"],
    [address.host, "gitlab.example.com"],
    [address.hostname, "gitlab.example.com"],
    [run.subgroup.fullPath, "group/subgroup"],
    [run.group.fullPath, "group"],
    [run.facts.user, "operator"],
  ];
  const hidden = new Map(redact ? whereabouts : []);
  await writeFile(report, reportOf({ ...run, release, on: new Date(), secrets, hidden }));
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
