import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { Command } from "commander";
import { isSystemError } from "../gitlab/failure";
import { describe } from "../gitlab/problem";
import { type CommandContext, colorsFor } from "./context";
import { CommandError, ExitCode } from "./exit-code";
import { makeFolders } from "./new-folders";
import { type Comparison, compare, mismatch } from "./review/comparison";
import { difference } from "./review/difference";
import { asDigestFile } from "./review/digest-file";
import { failing } from "./review/failing";
import { tellMergeRequest } from "./review/note";
import { type Review, review } from "./review/review";
import { reviewedSource } from "./review/reviewed-source";
import { asJson, asMarkdown, asText } from "./review/summary";
import { SHARD_MEANS, shard } from "./shard-option";
import { shown } from "./shown";
import { inPrivateFolder } from "./stacks/private-folder";
import type { Shard } from "./stacks/shard";
import { untilStopped } from "./until-stopped";

interface Options {
  readonly base?: string;
  readonly all?: boolean;
  readonly shard?: Shard;
  readonly out?: string;
  readonly note?: boolean;
  readonly reviewed?: string;
  readonly json?: boolean;
  readonly failOnChanges?: boolean;
}

const HELP = `
Plans the stacks whose configuration differs from the base, with the real Terraform and
GITLAB_TOKEN, which need only read. Nothing is changed, and no plan file is left. --out writes a
summary, GitLab's report and a digest that stands for the planned actions, without a secret. All
that it shows, --note, what may be --reviewed, and the JSON: docs/commands.md#review

Exit codes: 0 with or without changes; 1 with --fail-on-changes when there are some, when they
are not what was --reviewed, or when a deploy would certainly fail on them; 2 the synth or a
plan failed, or what was reviewed cannot be found.

Examples:
  $ npx gitlab-ci-pusher review --base origin/main --out review
  $ npx gitlab-ci-pusher review --base "$CI_COMMIT_BEFORE_SHA" --reviewed merge-request
  $ npx gitlab-ci-pusher review --all --fail-on-changes`;

/** `gitlab-ci-pusher review`: what a deploy of the working tree would do. */
export function reviewCommand(context: CommandContext): Command {
  return new Command("review")
    .description(
      "Plans the stacks that a change touches, and says in a few words what a deploy would do, dangers first.",
    )
    .option("--base <revision>", "what to compare with (default: where HEAD left origin's default branch)")
    .option("--all", "plan every stack, without comparing")
    .option("--shard <i/n>", SHARD_MEANS, shard)
    .option("--out <folder>", "also write summary.md, terraform-report.json and digest there")
    .option("--note", "keep a note on the merge request up to date")
    .option("--reviewed <what>", "exit with 1 when that is not what was reviewed: a digest, a folder, or merge-request")
    .option("--json", "print JSON on one line")
    .option("--fail-on-changes", "exit with 1 when anything would be done, or, with --all, was declared by nobody")
    .addHelpText("after", HELP)
    .action(async (options: Options) => context.end(await act(options, context)));
}

async function act(options: Options, context: CommandContext): Promise<ExitCode> {
  const { environment, now, stdout, stderr } = context;
  const { base, all, shard, out, note, reviewed, json, failOnChanges } = options;
  if (base !== undefined && all) {
    throw new CommandError({
      got: "--base and --all",
      allowed: "one of them",
      fix: "leave --all out to plan what differs",
    });
  }
  const source = reviewed === undefined ? undefined : reviewedSource(reviewed, context);
  // A mistake shows before minutes of planning.
  if (out !== undefined) inWritable(out, () => makeFolders(out));
  const made = await untilStopped("stopped, nothing was changed", (signal) =>
    inPrivateFolder((folder) =>
      review(process.cwd(), { base, all, shard }, { folder, environment, now, signal, drift: all }),
    ),
  );
  if (out !== undefined) write(out, made, environment);
  if (note)
    await tellMergeRequest(made, {
      environment,
      part: shard && `${shard.index}/${shard.total}`,
      out,
      stderr,
    });
  // What is planned shows also when it cannot be found out what was reviewed.
  if (!json) stdout.write(asText(made, environment, colorsFor(context).isColorSupported));
  const comparison = await compare(made, source);
  const refused = failing(made);
  const differs = comparison?.same === false;
  if (json) stdout.json(asJson(made, comparison, refused ?? (differs ? mismatch(comparison, made) : undefined)));
  if (differs) stderr.write(objection(comparison, made, environment));
  if (refused) stderr.write(`${shown(`A deploy would be refused: ${describe(refused)}`, environment)}.\n`);
  const isFinding =
    refused !== undefined ||
    differs ||
    (failOnChanges && Object.keys(made.digests).length + made.undeclared.length > 0);
  return isFinding ? ExitCode.finding : ExitCode.ok;
}

const objection = (comparison: Comparison, made: Review, environment: CommandContext["environment"]): string =>
  `${difference(comparison.reviewed, made, environment) ?? ""}Not what was reviewed: ${describe(mismatch(comparison, made))}.\n`;

function write(folder: string, made: Review, environment: CommandContext["environment"]): void {
  const files = {
    "summary.md": asMarkdown(made, environment),
    "terraform-report.json": `${JSON.stringify(made.report)}\n`,
    digest: asDigestFile(made),
  };
  inWritable(folder, () => {
    for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
  });
}

/** @throws CommandError when the folder cannot be written */
function inWritable(folder: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const got = `${error.code} at --out ${JSON.stringify(folder)}`;
    const fix = "write the name of a folder, such as review";
    throw new CommandError({ got, allowed: "a folder that can be written", fix });
  }
}
