import { Command, InvalidArgumentError } from "commander";
import { isColorSupported } from "picocolors";
import { CommandError, ExitCode } from "./exit-code";
import { isEmpty } from "./review/plan";
import { inPrivateFolder } from "./review/private-folder";
import { type Review, review } from "./review/review";
import { asText } from "./review/summary";
import { untilStopped } from "./until-stopped";

interface Options {
  readonly base?: string;
  readonly reviewed?: string;
  readonly json?: boolean;
}

/** How a deploy ended. */
interface Outcome {
  /** Stacks whose plan was applied, in that order. */
  readonly deployed: readonly string[];
  /** Why nothing was done. @default - it was done */
  readonly refused?: string;
}

const HELP = `
Every stack is planned before any is changed. With --reviewed it goes on only when those plans are what was reviewed; otherwise it shows
what they would do now, and nothing is changed. Then exactly these plans are applied, by Terraform itself: no plan is made anew, as
\`cdktf deploy\` does, so there is no moment in which something else could slip in. Terraform refuses a plan whose state has changed since.
State, locks and provider are those of \`cdktf deploy\`, which stays the simple way without a review.

A deploy that broke off has done a part, so what is left is another change: review it again, then deploy that.

Exit code 0: done, or nothing to do. 1: refused, nothing was changed. 2: the synth, a plan or a deploy failed, or was stopped.

JSON: {"deployed": [STACK], "refused": null, "digest"}

Examples:
  $ pusher deploy --base "$CI_COMMIT_BEFORE_SHA" --reviewed "$(head -n 1 review/digest)"
  $ pusher deploy example`;

/** `pusher deploy`: applies what was reviewed. */
export function deployCommand(): Command {
  return new Command("deploy")
    .description("Deploys stacks, and with --reviewed only what `pusher review` showed.")
    .argument("[stack...]", "the stacks (default: those that differ from --base, else all)")
    .option("--reviewed <digest>", "refuse, before any change, what is not the change with this digest", digest)
    .option("--base <revision>", "only stacks that differ from this revision")
    .option("--json", "print JSON on one line")
    .addHelpText("after", HELP)
    .action(async (stacks: string[], options: Options) => {
      process.exitCode = await act(stacks, options);
    });
}

async function act(stacks: readonly string[], { base, reviewed, json }: Options): Promise<ExitCode> {
  if (base !== undefined && stacks.length > 0) {
    throw new CommandError("got stacks and --base; allowed: one of them; fix: leave --base out to deploy these stacks");
  }
  const scope = { stacks, base, all: base === undefined };
  const code = await untilStopped("stopped; stacks whose deploy is not told of above are as they were", (signal) =>
    inPrivateFolder(async (folder) => {
      const now = await review(process.cwd(), scope, { folder, lock: true, signal });
      const refused = refusal(now, reviewed);
      if (!json || refused) process.stderr.write(asText(now, process.stderr.isTTY === true && isColorSupported));
      const outcome: Outcome = refused ? { deployed: [], refused } : { deployed: await apply(now) };
      process.stdout.write(json ? `${asJson(outcome, now)}\n` : `${asSentence(outcome)}\n`);
      return refused ? ExitCode.finding : ExitCode.ok;
    }),
  );
  return code;
}

/** Why this must not be deployed. What does nothing needs no review. */
function refusal({ digest: now, digests }: Review, reviewed: string | undefined): string | undefined {
  if (reviewed === undefined || reviewed === now || Object.keys(digests).length === 0) return undefined;
  return `got the digest ${now}; allowed: ${reviewed}, which was reviewed; fix: review what is planned now (above), then deploy that`;
}

async function apply({ planned }: Review): Promise<string[]> {
  const deployed: string[] = [];
  for (const { plan, terraform } of planned.filter(({ plan }) => !isEmpty(plan))) {
    const ran = await terraform.apply((line) => process.stderr.write(`${plan.stack}: ${line}\n`));
    if (ran.code !== 0) {
      const before =
        deployed.length > 0 ? `deployed before it: ${deployed.join(", ")}` : "no stack was deployed before it";
      throw new CommandError(
        `the deploy of ${plan.stack} failed, see above; ${before}; fix: review again, then deploy`,
      );
    }
    deployed.push(plan.stack);
  }
  return deployed;
}

const asJson = ({ deployed, refused }: Outcome, now: Review): string =>
  JSON.stringify({ deployed, refused: refused ?? null, digest: now.digest });

function asSentence({ deployed, refused }: Outcome): string {
  if (refused) return `Refused, nothing was changed: ${refused}.`;
  return deployed.length > 0 ? `Deployed ${deployed.join(", ")}.` : "Nothing to deploy.";
}

function digest(text: string): string {
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  throw new InvalidArgumentError(
    `got ${text.length} characters; allowed: the 64 hexadecimal ones of \`pusher review\`; fix: pass the first line of its file digest`,
  );
}
