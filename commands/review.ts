import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { Command } from "commander";
import { isColorSupported } from "picocolors";
import { CommandError, ExitCode } from "./exit-code";
import { inPrivateFolder } from "./review/private-folder";
import { type Review, review } from "./review/review";
import type { Shard } from "./review/shard";
import { asDigestFile, asJson, asMarkdown, asText } from "./review/summary";
import { SHARD_MEANS, shard } from "./shard-option";
import { untilStopped } from "./until-stopped";

interface Options {
  readonly base?: string;
  readonly all?: boolean;
  readonly shard?: Shard;
  readonly out?: string;
  readonly json?: boolean;
  readonly failOnChanges?: boolean;
}

const HELP = `
It synthesizes the working tree and the base, and plans the stacks whose configuration differs with the real Terraform
(TERRAFORM_BINARY_NAME, else terraform) and GITLAB_TOKEN, which need only read. The state is not locked. Plans stay in a private
temporary folder that is removed; a run that is killed with SIGKILL leaves it behind.

--out writes summary.md, terraform-report.json (for artifacts:reports:terraform) and digest. None of them holds a secret.
The digest stands for the planned actions: equal for each plan of the same change, different for any other. \`pusher deploy --reviewed\`
takes it. Where several stacks change, the file digest has one more line for each of them.

JSON: {"digest", "stacks": {STACK: DIGEST}, "effects": [{"stack", "pusher", "kind", "what", "danger"}], "terraform", "notes"}
Kinds: created, rotated, switched, opened, closed, changed, replaced, adopted, destroyed, forgotten.

Exit code 0 with or without changes (with --fail-on-changes: 1), 2 when the synth or a plan failed.

Examples:
  $ pusher review --base origin/main --out review
  $ pusher review --all --fail-on-changes --shard "$CI_NODE_INDEX/$CI_NODE_TOTAL"`;

/** `pusher review`: what a deploy of the working tree would do. */
export function reviewCommand(): Command {
  return new Command("review")
    .description(
      "Plans the stacks that a change touches, and says in a few words what a deploy would do, dangers first.",
    )
    .option("--base <revision>", "what to compare with (default: where HEAD left origin's default branch)")
    .option("--all", "plan every stack, without comparing")
    .option("--shard <i/n>", SHARD_MEANS, shard)
    .option("--out <folder>", "also write summary.md, terraform-report.json and digest there")
    .option("--json", "print JSON on one line")
    .option("--fail-on-changes", "exit with 1 when anything would be done")
    .addHelpText("after", HELP)
    .action(async (options: Options) => {
      process.exitCode = await act(options);
    });
}

async function act({ base, all, shard, out, json, failOnChanges }: Options): Promise<ExitCode> {
  if (base !== undefined && all) {
    throw new CommandError("got --base and --all; allowed: one of them; fix: leave --all out to plan what differs");
  }
  const made = await untilStopped("stopped, nothing was changed", (signal) =>
    inPrivateFolder((folder) => review(process.cwd(), { base, all, shard }, { folder, lock: false, signal })),
  );
  if (out !== undefined) write(out, made);
  const isColored = process.stdout.isTTY === true && isColorSupported;
  process.stdout.write(json ? `${asJson(made)}\n` : asText(made, isColored));
  return failOnChanges && Object.keys(made.digests).length > 0 ? ExitCode.finding : ExitCode.ok;
}

function write(folder: string, made: Review): void {
  const files = {
    "summary.md": asMarkdown(made),
    "terraform-report.json": `${JSON.stringify(made.report)}\n`,
    digest: asDigestFile(made),
  };
  try {
    mkdirSync(folder, { recursive: true });
    for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
  } catch (error) {
    throw new CommandError(
      `got ${(error as NodeJS.ErrnoException).code} at ${folder}; allowed: a folder that can be written; fix: check --out`,
    );
  }
}
