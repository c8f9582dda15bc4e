import { createInterface } from "node:readline/promises";
import { ExpectedError } from "../../gitlab/expected-error";
import type { Problem } from "../../gitlab/problem";
import { CommandError } from "../exit-code";
import { output, processTerminal } from "../output";

/**
 * Asks a person for a line.
 * @param fallback what an empty line stands for; @default - none, the question comes again
 * @param check throws an ExpectedError of an answer that is none; where a person sits, it is said and the question comes again
 */
export type Ask = (question: string, fallback: string | undefined, check: (answer: string) => void) => Promise<string>;

/** Asks on the terminal; undefined where nobody sits at one. Of several lines that are pasted at once each answers one question. */
export function terminalQuestions(terminal = processTerminal): Ask | undefined {
  if (!terminal.input.isTTY || !terminal.output.isTTY) return undefined;
  const { write } = output(terminal.output);
  const ahead: string[] = [];
  let begun = "";
  const line = async (question: string): Promise<string> => {
    const next = ahead.shift();
    if (next !== undefined) {
      write(`${question}${next}\n`);
      return next;
    }
    const lines = createInterface({ ...terminal, terminal: true });
    // Ctrl-D and Ctrl-C end it without an answer.
    const gone = new Promise<never>((_, refuse) => lines.once("close", () => refuse(new CommandError(NO_ANSWER))));
    gone.catch(() => undefined);
    try {
      const answer = lines.question(question);
      lines.on("line", (more) => ahead.push(more));
      if (begun !== "") lines.write(begun);
      return await Promise.race([answer, gone]);
    } catch (error) {
      // What is said next does not stand behind the question.
      write("\n");
      throw error;
    } finally {
      begun = lines.line;
      lines.close();
    }
  };
  return async (question, fallback, check) => {
    for (;;) {
      const said = (await line(`${question}${fallback === undefined ? "" : ` [${fallback}]`}: `)).trim() || fallback;
      if (said === undefined) continue;
      try {
        check(said);
        return said;
      } catch (error) {
        if (!(error instanceof ExpectedError)) throw error;
        write(`${error.message}\n`);
      }
    }
  };
}

const NO_ANSWER: Problem = {
  got: "no answer",
  allowed: "the three answers, or --gitlab, --state and --edition",
  fix: "run init again: nothing was written",
};
