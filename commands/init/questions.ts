import { createInterface } from "node:readline/promises";
import type { Problem } from "../../gitlab/problem";
import type { CommandContext } from "../context";
import { CommandError } from "../exit-code";

/** Asks a person for a line. @param fallback what an empty line stands for; @default - none, the question comes again */
export type Ask = (question: string, fallback?: string) => Promise<string>;

/** Asks on the terminal, whose own line editing takes the answer; undefined where nobody sits at one. */
export function terminalQuestions({ stderr }: Pick<CommandContext, "stderr">): Ask | undefined {
  if (!process.stdin.isTTY || !stderr.isTTY) return undefined;
  return async (question, fallback) => {
    const terminal = createInterface({ input: process.stdin });
    // Ctrl-D ends it without an answer.
    const gone = new Promise<never>((_, refuse) => terminal.once("close", () => refuse(new CommandError(NO_ANSWER))));
    gone.catch(() => undefined);
    try {
      for (;;) {
        stderr.write(`${question}${fallback === undefined ? "" : ` [${fallback}]`}: `);
        const said = (await Promise.race([terminal.question(""), gone])).trim() || fallback;
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
