import { existsSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { cdktn } from "./cdktn";
import { type DeployOptions, deploy } from "./deploy";
import { diff } from "./diff";
import { discover } from "./discover";
import { faults } from "./faults";
import { type Section, withSection } from "./figures-file";
import { fleet } from "./fleet";
import { machine } from "./machine";
import { openMoment } from "./open-moment";
import { takePrinted } from "./print";
import { type ReviewOptions, review } from "./review";
import { rotation } from "./rotation";
import { startup } from "./startup";

/** One figure a name. Every figure is a ratio, a growth or a count within one run, so that the machine's speed drops out. */
const FIGURES: Readonly<Record<string, (options: ReviewOptions & DeployOptions) => Promise<void>>> = {
  startup,
  fleet,
  diff,
  rotation,
  "open-moment": openMoment,
  faults,
  review,
  deploy,
  discover,
  cdktn,
};

/** Names of those that run when none is given: synth and diff. The others take some ten minutes each; cdktn takes two, and npm's registry. */
const QUICK = ["startup", "fleet", "diff"];

interface Options extends ReviewOptions, DeployOptions {
  readonly write?: boolean;
}

const program = new Command("bench")
  .description("Measures what the README claims. Figures are printed, never judged: tests do not time.")
  .argument("[figure...]", `which figures: ${Object.keys(FIGURES).join(", ")} (default: ${QUICK.join(", ")})`)
  .option("--sizes <n,…>", "review and discover: stacks or projects of each fleet", sizes, [10, 100, 1_000])
  .addOption(
    new Option("--state <where>", "review: where the states are").choices(["local", "gitlab"]).default("gitlab"),
  )
  .option("--full", "review: every stack with cdktf diff, not a sample of the large fleets")
  .option("--pushers <n>", "deploy: pushers of the fleet", one, 300)
  .option("--write", "keep them in docs/figures.md: those that are named, else all")
  .addHelpText(
    "after",
    "\nExamples: npm run bench -- startup fleet\n          npm run bench -- review --sizes 10,30\n          npm run bench -- startup --write",
  )
  .action(async (names: string[], options: Options) => {
    const unknown = names.filter((name) => !FIGURES[name]);
    if (unknown.length > 0) {
      program.error(
        `got ${unknown.join(", ")}; allowed: ${Object.keys(FIGURES).join(", ")}; fix: npm run bench -- fleet`,
        { exitCode: 2 },
      );
    }
    console.log(machine());
    const chosen = names.length > 0 ? names : options.write ? Object.keys(FIGURES) : QUICK;
    for (const name of chosen) {
      const [day, there] = [new Date().toISOString().slice(0, 10), machine()];
      await FIGURES[name]!(options);
      const text = takePrinted();
      if (options.write) write({ name, command: commandOf(name), day, machine: there, text });
    }
  });

/** The command that makes one figure with the options of this run. */
function commandOf(name: string): string {
  const { sizes: own, state, full, pushers } = program.opts<Options>();
  const isGiven = (option: string) => program.getOptionValueSource(option) === "cli";
  const options = [
    ...(["review", "discover"].includes(name) && isGiven("sizes") ? [`--sizes ${own.join(",")}`] : []),
    ...(name === "review" && isGiven("state") ? [`--state ${state}`] : []),
    ...(name === "review" && full ? ["--full"] : []),
    ...(name === "deploy" && isGiven("pushers") ? [`--pushers ${pushers}`] : []),
  ];
  return ["npm run bench --", name, ...options].join(" ");
}

/** Each figure at once: the next one may fail. */
function write(section: Section): void {
  const before = existsSync(FILE) ? readFileSync(FILE, "utf8") : "";
  writeFileSync(FILE, withSection(before, section, Object.keys(FIGURES)));
}

const FILE = path.join(__dirname, "../docs/figures.md");

function sizes(text: string): number[] {
  const numbers = text.split(",").map(Number);
  if (numbers.every((number) => Number.isInteger(number) && number > 0)) return numbers;
  throw new InvalidArgumentError(`got ${JSON.stringify(text)}; allowed: numbers from 1; fix: --sizes 10,100`);
}

function one(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError(`got ${JSON.stringify(text)}; allowed: a number from 1; fix: --pushers 30`);
}

program.parseAsync().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
