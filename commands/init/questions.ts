import { createInterface } from "node:readline/promises";
import type { Problem } from "../../gitlab/problem";
import { CommandError } from "../exit-code";

/** Asks a person for a line. @param fallback what an empty line stands for; @default - none, the question comes again */
export type Ask = (question: string, fallback?: string) => Promise<string>;

/** Asks on the terminal; undefined where nobody sits at one. */
export function terminalQuestions(): Ask | undefined {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  return async (question, fallback) => {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    // Ctrl-D and Ctrl-C end it without an answer.
    const gone = new Promise<never>((_, refuse) => terminal.once("close", () => refuse(new CommandError(NO_ANSWER))));
    gone.catch(() => undefined);
    try {
      for (;;) {
        const answer = terminal.question(`${question}${fallback === undefined ? "" : ` [${fallback}]`}: `);
        const said = (await Promise.race([answer, gone])).trim() || fallback;
        if (said !== undefined) return said;
      }
    } finally {
      terminal.close();
    }
  };
}

const NO_ANSWER: Problem = {
  got: "no answer",
  allowed: "the three answers, or --gitlab, --state and --edition",
  fix: "run init again: nothing was written",
};
