import { Command } from "commander";
import { findingsOf } from "../estate/findings/findings-of";
import { type CommandContext, colorsFor } from "./context";
import { askedEstate, exitCodeOf } from "./discover/asked-estate";
import { asJson } from "./discover/json";
import { asText } from "./discover/text";
import { proposeInventory, tellWritten, writeInventory } from "./discover/write";
import type { ExitCode } from "./exit-code";
import { shown } from "./shown";
import { toldGitLab } from "./stacks/told-gitlab";

interface Options {
  readonly json?: boolean;
  /** Folder of an inventory. */
  readonly write?: string;
  /** False with `--no-check-values`. */
  readonly checkValues: boolean;
}

const HELP = `
Reads every project of the groups and of the groups below, but for archived ones, and changes
nothing in GitLab. It shows who may push to which branches and tags, the tokens and keys that
can push, the variables that carry them, and what is wrong, the worst first: docs/discover.md.

GITLAB_TOKEN, for GITLAB_BASE_URL, needs scope read_api. Of an Owner of the groups it sees all,
of a Maintainer all but what is the groups', of others less; what it may not see is said. To
find out which token a variable carries GitLab is asked with its value, which counts as a use of
that token; --no-check-values leaves that out. A project costs six calls, nine where job tokens
may push.

--write also makes an inventory of it. What a deploy of that changes, before and after, what
stays as it is, and what is to be revoked once nothing uses it any more, are comments in it. No
file is overwritten.

Exit code 1: something was found. Exit code 2: wrong usage, or GitLab does not answer, or shows
none of it.

Examples:
  $ npx gitlab-ci-pusher discover xlink
  $ npx gitlab-ci-pusher discover xlink/apps xlink/xlink-k8s-gitops --json
  $ npx gitlab-ci-pusher discover xlink --write pushers`;

/** `gitlab-ci-pusher discover`: who may push where in a GitLab today, and with what. */
export function discoverCommand(context: CommandContext): Command {
  return new Command("discover")
    .description("Shows who may push where in a GitLab today, with which credentials, and what is wrong with it.")
    .argument("<paths...>", "full paths of groups and projects")
    .option("--json", "print JSON on one line instead of tables")
    .option("--write <folder>", "also write what is there as an inventory, beside the files of that folder")
    .option("--no-check-values", "do not ask GitLab which tokens variables carry")
    .addHelpText("after", HELP)
    .action(async (paths: string[], options: Options) => context.end(await discover(paths, options, context)));
}

async function discover(paths: readonly string[], options: Options, context: CommandContext): Promise<ExitCode> {
  const estate = await askedEstate(paths, options, context);
  const findings = findingsOf(estate);
  if (options.write !== undefined) {
    const told = await toldGitLab(context.environment);
    const proposed = proposeInventory(estate, options.write, told, context.environment);
    writeInventory(options.write, proposed);
    tellWritten(proposed, context);
  }
  if (options.json) context.stdout.json(asJson(estate, findings));
  else {
    const { environment } = context;
    context.stdout.write(
      asText(shown(estate, environment), shown(findings, environment), {
        colors: colorsFor(context),
        columns: context.stdout.columns,
      }),
    );
  }
  return exitCodeOf(estate, findings);
}
