import { Command, InvalidArgumentError, Option } from "commander";
import { diff } from "./diff";
import { discover } from "./discover";
import { faults } from "./faults";
import { fleet } from "./fleet";
import { machine } from "./machine";
import { openMoment } from "./open-moment";
import { type ReviewOptions, review } from "./review";
import { rotation } from "./rotation";
import { startup } from "./startup";

/** One figure a name. Every figure is a ratio, a growth or a count within one run, so that the machine's speed drops out. */
const FIGURES: Readonly<Record<string, (options: ReviewOptions) => Promise<void>>> = {
  startup,
  fleet,
  diff,
  rotation,
  "open-moment": openMoment,
  faults,
  review,
  discover,
};

/** What runs without a name: synth and diff. The others take some ten minutes each. */
const QUICK = ["startup", "fleet", "diff"];

const program = new Command("bench")
  .description("Measures what the README claims. Figures are printed, never judged: tests do not time.")
  .argument("[figure...]", `which figures: ${Object.keys(FIGURES).join(", ")}`, QUICK)
  .option("--sizes <n,…>", "review and discover: stacks or projects of each fleet", sizes, [10, 100, 1_000])
  .addOption(
    new Option("--state <where>", "review: where the states are").choices(["local", "gitlab"]).default("gitlab"),
  )
  .option("--full", "review: every stack with cdktf diff, not a sample of the large fleets")
  .addHelpText("after", "\nExamples: npm run bench -- startup fleet\n          npm run bench -- review --sizes 10,30")
  .action(async (names: string[], options: ReviewOptions) => {
    const unknown = names.filter((name) => !FIGURES[name]);
    if (unknown.length > 0) {
      program.error(
        `got ${unknown.join(", ")}; allowed: ${Object.keys(FIGURES).join(", ")}; fix: npm run bench -- fleet`,
        { exitCode: 2 },
      );
    }
    console.log(machine());
    for (const name of names) await FIGURES[name]!(options);
  });

function sizes(text: string): number[] {
  const numbers = text.split(",").map(Number);
  if (numbers.every((number) => Number.isInteger(number) && number > 0)) return numbers;
  throw new InvalidArgumentError(`got ${JSON.stringify(text)}; allowed: numbers from 1; fix: --sizes 10,100`);
}

program.parseAsync().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
