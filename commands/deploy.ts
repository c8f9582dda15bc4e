import { Command, InvalidArgumentError } from "commander";
import { partsOf } from "../gitlab/placed-problem";
import { describe, type Problem } from "../gitlab/problem";
import { type CommandContext, colorsFor } from "./context";
import { applyAll } from "./deploy/apply-all";
import { CommandError, ExitCode } from "./exit-code";
import { type Comparison, compare, comparisonJson, mismatch } from "./review/comparison";
import { difference } from "./review/difference";
import { failing } from "./review/failing";
import { type Review, review } from "./review/review";
import { reviewedSource } from "./review/reviewed-source";
import { asText } from "./review/summary";
import { SHARD_MEANS, shard } from "./shard-option";
import { shown } from "./shown";
import { inPrivateFolder } from "./stacks/private-folder";
import type { Shard } from "./stacks/shard";
import { untilStopped } from "./until-stopped";

interface Options {
  readonly base?: string;
  readonly reviewed?: string;
  readonly shard?: Shard;
  readonly lockTimeout: string;
  readonly storeTimeout: string;
  readonly json?: boolean;
}

/** The end of a deploy. */
interface Outcome {
  /** Stacks whose plan was applied. */
  readonly deployed: readonly string[];
  /** The reason why nothing was done. @default - it was done */
  readonly refused?: Problem;
}

const HELP = `
Every stack is planned before any is changed. With --reviewed it goes on only when those plans
are what was reviewed; otherwise nothing is changed. Then exactly these plans are applied, side
by side, each stack after those it depends on. Locks, states that cannot be stored, what is left
when it breaks off, and the JSON: docs/commands.md#deploy

Exit codes: 0 done, or nothing to do; 1 refused, nothing was changed; 2 the synth, a plan or a
deploy failed, or was stopped.

Examples:
  $ npx gitlab-ci-pusher deploy --base "$CI_COMMIT_BEFORE_SHA" --reviewed review
  $ npx gitlab-ci-pusher deploy example`;

/** `gitlab-ci-pusher deploy`: applies what was reviewed. */
export function deployCommand(context: CommandContext): Command {
  return new Command("deploy")
    .description("Deploys stacks, and with --reviewed only what `npx gitlab-ci-pusher review` showed.")
    .argument("[stack...]", "the stacks (default: those that differ from --base, else all)")
    .option(
      "--reviewed <what>",
      "refuse, before any change, what was not reviewed: a digest, a folder, or merge-request",
    )
    .option("--base <revision>", "only stacks that differ from this revision")
    .option("--shard <i/n>", SHARD_MEANS, shard)
    .option(
      "--lock-timeout <duration>",
      "how long to wait for the lock of a state, for each plan and deploy",
      timeout,
      "1m",
    )
    .option(
      "--store-timeout <duration>",
      "how long to try again to store a state that Terraform could not store",
      timeout,
      "2m",
    )
    .option("--json", "print JSON on one line")
    .addHelpText("after", HELP)
    .action(async (stacks: string[], options: Options) => context.end(await act(stacks, options, context)));
}

async function act(stacks: readonly string[], options: Options, context: CommandContext): Promise<ExitCode> {
  const { environment, now: clock, stdout, stderr } = context;
  const { base, reviewed, shard, lockTimeout, storeTimeout, json } = options;
  if (base !== undefined && stacks.length > 0) {
    throw new CommandError({
      got: "stacks and --base",
      allowed: "one of them",
      fix: "leave --base out to deploy these stacks",
    });
  }
  const source = reviewed === undefined ? undefined : reviewedSource(reviewed, context);
  const scope = { stacks, base, all: base === undefined, shard };
  const code = await untilStopped("stopped; stacks whose deploy is not told of above are as they were", (signal) =>
    inPrivateFolder(async (folder) => {
      const now = await review(process.cwd(), scope, { folder, environment, now: clock, lockTimeout, signal });
      const comparison = await compare(now, source);
      const refused = shown(refusal(now, source !== undefined, comparison), environment);
      if (!json || refused)
        stderr.write(asText(now, environment, colorsFor({ environment, stdout: stderr }).isColorSupported));
      if (comparison && refused) stderr.write(difference(comparison.reviewed, now, environment) ?? "");
      const encrypts = Boolean(environment.TF_ENCRYPTION);
      const patience = milliseconds(storeTimeout);
      const onLine = (line: string) => stderr.write(`${line}\n`);
      const outcome: Outcome = refused
        ? { deployed: [], refused }
        : {
            deployed: await applyAll(now.planned, {
              reviewed: source !== undefined,
              encrypts,
              onLine,
              patience,
              environment,
              now: clock,
              signal,
            }),
          };
      if (json) stdout.json(asJson(outcome, now, comparison));
      else stdout.write(`${asSentence(outcome)}\n`);
      return refused ? ExitCode.finding : ExitCode.ok;
    }),
  );
  return code;
}

/** The reason why a plan must not be deployed; undefined: it may. What does nothing needs no review. */
function refusal(now: Review, isReviewed: boolean, comparison: Comparison | undefined): Problem | undefined {
  const fails = failing(now);
  if (now.foreign.length === 0 && comparison?.same === false) return mismatch(comparison, now);
  if (fails) return fails;
  const unseen = now.unchecked.filter((stack) => now.digests[stack] !== undefined);
  return isReviewed || unseen.length === 0 ? undefined : unseenState(unseen);
}

/** Refuses a synth that made no checks, unless there is a review: who reviewed the plan has seen what the synth could not. */
const unseenState = (stacks: readonly string[]): Problem => ({
  got: `a synth that could not look into the state of ${stacks.join(", ")} (above)`,
  allowed: "a synth that makes its checks, or a plan that was reviewed",
  fix: "set TF_HTTP_USERNAME and TF_HTTP_PASSWORD for a state in GitLab; or npx gitlab-ci-pusher review, and pass its digest with --reviewed",
});

const asJson = ({ deployed, refused }: Outcome, now: Review, comparison: Comparison | undefined): object => ({
  deployed,
  refused: refused ? describe(refused) : null,
  problem: refused ? partsOf(refused) : null,
  digest: now.digest,
  reviewed: comparisonJson(comparison),
});

function asSentence({ deployed, refused }: Outcome): string {
  if (refused) return `Refused, nothing was changed: ${describe(refused)}.`;
  return deployed.length > 0 ? `Deployed ${deployed.join(", ")}.` : "Nothing to deploy.";
}

/** In the words of Terraform's own option. */
function timeout(text: string): string {
  if (/^\d{1,4}[smh]$/.test(text)) return text;
  throw new InvalidArgumentError(
    describe({
      got: JSON.stringify(text),
      allowed: "seconds, minutes or hours, such as 30s, 10m or 1h; 0s fails at once",
      fix: /^\d+$/.test(text) ? `write ${text}s` : "write 10m",
    }),
  );
}

/** Of a {@link timeout}. */
const milliseconds = (text: string): number =>
  Number.parseInt(text, 10) * { s: 1_000, m: 60_000, h: 3_600_000 }[text.at(-1) as "s" | "m" | "h"];
