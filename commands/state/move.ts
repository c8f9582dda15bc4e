import { rmSync } from "node:fs";
import * as path from "node:path";
import { Command } from "commander";
import { ApiError } from "../../gitlab/api-error";
import { describe, type Problem } from "../../gitlab/problem";
import { formerFiles } from "../../inventory/former-files";
import { loadInventory } from "../../inventory/load";
import { cdktfContext } from "../../state/cdktf-context";
import { localStates } from "../../state/local-state";
import { rescuedStates, rescueProblem } from "../../state/rescued-state";
import type { NamedState } from "../../state/stack-state";
import { OUTDIR, STATE_DIRECTORY } from "../../state/stack-states";
import { type StateSettings, stateSettings } from "../../state/state-settings";
import type { CommandContext } from "../context";
import { CommandError, ExitCode } from "../exit-code";
import { during } from "../progress";
import { inPrivateFolder } from "../stacks/private-folder";
import { untilStopped } from "../until-stopped";
import { type Copy, copyState, lookAt } from "./copy-state";
import { apiOf, gitlabPlace, localPlace } from "./place";
import { removeSource } from "./remove-source";
import { StoredState } from "./stored-state";

type GitLabSettings = Extract<StateSettings, { kind: "gitlab" }>;

interface Options {
  readonly remove?: boolean;
  readonly inventory: string;
  readonly state: string;
  readonly json?: boolean;
}

const HELP = `
Moves to where cdktf.json has the states: with "state": "gitlab" the files below .state to
GitLab, with "state": "local" those of GitLab to files; "stateProject" names GitLab's project
either way. So write the new place into cdktf.json, run this once in the folder that has the
files, while no deploy runs, and merge the change afterwards. Nothing is made anew, every token
stays.

Every state is looked at before the first is copied. Terraform copies each under its lock, and
what it stored is read back and compared; only then the stack counts as moved. The states that
were copied stay, until --remove takes them away: what is in them can push. Run it again after a
failure: what is moved stays moved. GitLab's credentials are TF_HTTP_USERNAME and
TF_HTTP_PASSWORD, a Maintainer's.

JSON: {"to": "gitlab" | "local", "stacks": [{"stack", "moved": "now" | "before" | "nothing",
"left": [WHAT], "removed": [WHAT]}]}

Exit codes: 0 moved, or nothing to move; 2 not moved, or not all, and nothing is lost.

Examples:
  $ npx gitlab-ci-pusher state move
  $ npx gitlab-ci-pusher state move --remove`;

/** `gitlab-ci-pusher state move`: the states of all stacks to where cdktf.json has them. */
export function moveCommand(context: CommandContext): Command {
  return new Command("move")
    .description("Moves the states of all stacks between files and GitLab, to where cdktf.json has them.")
    .option("--remove", "remove each state where it was, once the copy is compared")
    .option("--inventory <folder>", "the inventory, beside cdktf.json", "pushers")
    .option("--state <folder>", "Terraform's local state files", STATE_DIRECTORY)
    .option("--json", "print JSON on one line")
    .addHelpText("after", HELP)
    .action(async (options: Options) => {
      const moves = await move(options, context);
      if (options.json) context.stdout.json(moves);
      else context.stdout.write(said(moves));
      context.end(ExitCode.ok);
    });
}

/** The fate of the state of one stack. */
interface Move {
  readonly stack: string;
  readonly moved: "now" | "before" | "nothing";
  /** Files and states that still hold it where it was. */
  readonly left: readonly string[];
  readonly removed: readonly string[];
}

interface Moves {
  readonly to: StateSettings["kind"];
  readonly stacks: readonly Move[];
}

async function move(
  { inventory, state, remove = false }: Options,
  { environment, stderr }: CommandContext,
): Promise<Moves> {
  const context = cdktfContext(inventory);
  const { kind: to } = stateSettings(context, environment);
  const gitlab = stateSettings({ ...context, state: "gitlab" }, environment) as GitLabSettings;
  const outdir = path.join(inventory, "..", OUTDIR);
  const others = to === "gitlab" ? localStates(state) : await formerFiles(inventory);
  const named = statesOf(inventory, others);
  const unstored = named.flatMap((each) =>
    rescuedStates(each, { directory: state, outdirs: [outdir] }).map(
      (file) => new CommandError(rescueProblem(each, file)),
    ),
  );
  refuse(unstored);
  return untilStopped("stopped; every state is where it was, or in both places", (signal) =>
    inPrivateFolder(async (folder) => {
      const at = ({ stateName }: NamedState, kind: StateSettings["kind"]) =>
        StoredState.at(kind === "local" ? localPlace(stateName, state) : gitlabPlace(stateName, gitlab), {
          folder,
          environment,
          signal,
        });
      const from = to === "gitlab" ? "local" : "gitlab";
      const copies = await lookAtAll(named, signal, async (each) => lookAt(await at(each, from), await at(each, to)));
      const stacks: Move[] = [];
      for (const [{ stack, stateName }, copy] of copies) {
        const moved = await during(`Moving ${stack}`, copyState(copy), stderr).catch((error: Error) => {
          if (!(error instanceof CommandError)) throw error;
          const problem = standing(stacks, stack);
          const parts = [...error.parts, { problem }];
          throw new CommandError(`${error.message}\n${describe(problem)}`, ExitCode.usage, parts);
        });
        // Terraform in there knows of the old place, and would ask what to do about it.
        const record = path.join(outdir, "stacks", stack, ".terraform", "terraform.tfstate");
        if (moved !== "nothing") rmSync(record, { force: true });
        const source = {
          name: stateName,
          directory: state,
          api: from === "gitlab" ? apiOf(stateName, gitlab) : undefined,
        };
        stacks.push({ stack, moved, ...(await removeSource(source, moved !== "nothing" && remove)) });
      }
      return { to, stacks };
    }),
  );
}

/** @throws CommandError with everything that keeps a state from being moved, or that GitLab does not answer */
async function lookAtAll(
  named: readonly NamedState[],
  signal: AbortSignal,
  look: (each: NamedState) => Promise<Copy>,
): Promise<[NamedState, Copy][]> {
  const copies: [NamedState, Copy][] = [];
  const problems: CommandError[] = [];
  for (const each of named) {
    try {
      copies.push([each, await during(`Looking at ${each.stack}`, look(each))]);
    } catch (error) {
      signal.throwIfAborted();
      // Nor will it for the others.
      if (error instanceof ApiError) throw unanswered(error);
      if (!(error instanceof CommandError)) throw error;
      problems.push(error);
    }
  }
  refuse(problems);
  return copies;
}

/** Those of the inventory, and others that may have a state where the states were: nobody else looks after those. */
function statesOf(inventory: string, others: readonly string[]): NamedState[] {
  const declared = loadInventory(inventory);
  const gone = others.filter((name) => !declared.some(({ stack, stateName }) => [stack, stateName].includes(name)));
  return [...declared, ...gone.map((name) => ({ stack: name, stateName: name }))];
}

function refuse(problems: readonly CommandError[]): void {
  if (problems.length === 0) return;
  const count = `${problems.length} state${problems.length === 1 ? "" : "s"} cannot be moved, nothing was changed:`;
  const lines = problems.map(({ message }) => `\n  ${message}`);
  const parts = problems.flatMap((problem) => problem.parts);
  throw new CommandError(`${count}${lines.join("")}`, ExitCode.usage, parts);
}

const unanswered = ({ message, parts }: ApiError): CommandError =>
  new CommandError(`no state can be moved, nothing was changed:\n  ${message}`, ExitCode.usage, parts);

const standing = (done: readonly Move[], failed: string): Problem => {
  const moved = done.filter((each) => each.moved !== "nothing").map(({ stack }) => stack);
  const fix = "correct that and run `npx gitlab-ci-pusher state move` again: what is moved stays moved";
  return {
    got: `no copy of ${failed} that is compared; its state is where it was${moved.length > 0 ? `. Moved: ${moved.join(", ")}` : ""}`,
    allowed: "every state moved, before anything is deployed",
    fix,
  };
};

function said({ to, stacks }: Moves): string {
  const where = to === "gitlab" ? "GitLab" : "files";
  const words = { now: `moved to ${where}`, before: `is in ${where} already`, nothing: "has no state" };
  const lines = stacks.map(({ stack, moved, removed }) =>
    [`${stack}: ${words[moved]}`, ...removed.map((what) => `removed: ${what}`)].join("; "),
  );
  const left = stacks.flatMap((each) => each.left);
  const rest =
    left.length > 0 ? [`What is left can push: ${left.join(", ")}. npx gitlab-ci-pusher state move --remove`] : [];
  return `${[...lines, "Next: npx cdktf diff <stack>, or npx gitlab-ci-pusher review --all: no changes. Then merge cdktf.json.", ...rest].join("\n")}\n`;
}
