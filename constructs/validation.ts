import type { Construct } from "constructs";
import { ExpectedError } from "../gitlab/expected-error";
import { describe, type Problem } from "../gitlab/problem";

/** All that is wrong with the stacks of an app, every problem on a line of its own. */
export class ValidationError extends ExpectedError {
  override readonly name = "ValidationError";
}

/** Says what is wrong with a construct, or nothing. */
export type Check = () => Problem | undefined;

/** Registers a check with the construct, so that a synth reports it with the construct's path and every other problem beside it. */
export function check(construct: Construct, problem: Check | Problem | undefined): void {
  if (problem === undefined) return;
  construct.node.addValidation({
    validate: () => {
      const found = typeof problem === "function" ? problem() : problem;
      return found === undefined ? [] : [describe(found)];
    },
  });
}

/**
 * A value that was parsed before, or of a text now; undefined when the text cannot be one, which fails the synth.
 * @param parse throws an ExpectedError with the problem
 */
export function parsed<T extends object>(
  construct: Construct,
  given: string | T,
  parse: (text: string) => T,
): T | undefined {
  if (typeof given !== "string") return given;
  try {
    return parse(given);
  } catch (error) {
    if (!(error instanceof ExpectedError) || !error.problem) throw error;
    check(construct, error.problem);
    return undefined;
  }
}
