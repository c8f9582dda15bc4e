import { Command } from "commander";
import { findingsOf } from "../estate/findings/findings-of";
import { distinctPaths } from "../gitlab/project-path";
import { requireWritable, type WholeFileOptions, writeWhole } from "../gitlab/whole-file";
import { loadInventory } from "../inventory/load";
import { pushersOf } from "../inventory/pushers";
import type { CommandContext } from "./context";
import { count } from "./count";
import { askedEstate, exitCodeOf } from "./discover/asked-estate";
import { CommandError, type ExitCode } from "./exit-code";
import { page } from "./report/page";
import { shown } from "./shown";

interface Options {
  /** The page. */
  readonly html: string;
  readonly inventory: string;
  /** False with `--no-check-values`. */
  readonly checkValues: boolean;
}

const HELP = `
Reads GitLab as \`npx gitlab-ci-pusher discover\` does, at the same cost and with the same rights,
and changes nothing in it. The page needs no network and no script: who may push to which
branches and tags, when tokens and keys die, what is wrong with its fix, and what was not seen.
It holds no token, but it names every hole: it is written for its owner only (mode 0600).
docs/discover.md tells how a pipeline keeps it.

Exit code 1: something was found. Exit code 2: wrong usage, or GitLab does not answer, or shows
none of it. The page is there in either case, but for wrong usage and a GitLab that does not
answer.

Examples:
  $ npx gitlab-ci-pusher report --html report.html
  $ npx gitlab-ci-pusher report xlink --html report.html`;

/** `gitlab-ci-pusher report`: who may push where, as a page. */
export function reportCommand(context: CommandContext): Command {
  return new Command("report")
    .description("Writes a page of who may push where in a GitLab today, until when, and what is wrong with it.")
    .argument("[paths...]", "full paths of groups and projects; none = the target projects of the inventory")
    .requiredOption("--html <file>", "the page; a file that is there is replaced as a whole")
    .option("--inventory <folder>", "the folder of inventory files", "pushers")
    .option("--no-check-values", "do not ask GitLab which tokens variables carry")
    .addHelpText("after", HELP)
    .action(async (paths: string[], options: Options) => context.end(await report(paths, options, context)));
}

/** The page is its owner's alone. */
const PAGE: WholeFileOptions = { option: "--html", mode: 0o600 };

async function report(paths: readonly string[], options: Options, context: CommandContext): Promise<ExitCode> {
  const { html: file, inventory } = options;
  const asked = paths.length > 0 ? paths : targetsIn(inventory);
  requireWritable(file, PAGE);
  const estate = await askedEstate(asked, options, context);
  const findings = findingsOf(estate);
  const { environment } = context;
  writeWhole(file, page(shown(estate, environment), shown(findings, environment)), PAGE);
  const { projects, notSeen } = estate;
  const sums = [count(projects.length, "project"), count(findings.length, "finding")];
  const unseen = notSeen.length > 0 ? `; ${count(notSeen.length, "thing")} not seen` : "";
  context.stdout.write(`written: ${shown(file, environment)}: ${sums.join(", ")}${unseen}\n`);
  return exitCodeOf(estate, findings);
}

function targetsIn(inventory: string): string[] {
  const targets = pushersOf(loadInventory(inventory)).map(({ target }) => target);
  if (targets.length > 0) return distinctPaths(targets);
  throw new CommandError({
    got: `no path, and no pusher in ${inventory}`,
    allowed: "full paths of groups and projects, or an inventory with target projects",
    fix: "name a group, as in npx gitlab-ci-pusher report xlink --html report.html",
  });
}
