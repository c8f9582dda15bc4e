import { Command } from "commander";
import { diff } from "./diff";
import { fleet } from "./fleet";
import { machine } from "./machine";
import { openMoment } from "./open-moment";
import { rotation } from "./rotation";
import { startup } from "./startup";

/** One figure a name. Every figure is a ratio, a growth or a count within one run, so that the machine's speed drops out. */
const FIGURES: Readonly<Record<string, () => Promise<void>>> = {
  startup,
  fleet,
  diff,
  rotation,
  "open-moment": openMoment,
};

/** What runs without a name: synth and diff. The others take some ten minutes. */
const QUICK = ["startup", "fleet", "diff"];

const program = new Command("bench")
  .description("Measures what the README claims. Figures are printed, never judged: tests do not time.")
  .argument("[figure...]", `which figures: ${Object.keys(FIGURES).join(", ")}`, QUICK)
  .addHelpText("after", "\nExample: npm run bench -- startup fleet")
  .action(async (names: string[]) => {
    const unknown = names.filter((name) => !FIGURES[name]);
    if (unknown.length > 0) {
      program.error(
        `got ${unknown.join(", ")}; allowed: ${Object.keys(FIGURES).join(", ")}; fix: npm run bench -- fleet`,
        { exitCode: 2 },
      );
    }
    console.log(machine());
    for (const name of names) await FIGURES[name]!();
  });

program.parseAsync().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
