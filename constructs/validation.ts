import type { Construct, IConstruct } from "constructs";
import { ExpectedError } from "../gitlab/expected-error";
import { describe, type Problem } from "../gitlab/problem";

/** All that is wrong with the stacks of an app, every problem on a line of its own. */
export class ValidationError extends ExpectedError {
  override readonly name = "ValidationError";
}

/** Says what is wrong with a construct, or nothing. */
export type Check = () => Problem | undefined;

/** The problems that checks of a construct found, by what they said: `constructs` takes texts alone. */
const found = new WeakMap<IConstruct, Map<string, Problem>>();

/** A text of a construct's validation in parts, where a {@link check} said it. */
export const inParts = (construct: IConstruct, said: string): Problem | string =>
  found.get(construct)?.get(said) ?? said;

/** Registers a check with the construct, so that a synth reports it with the construct's path and every other problem beside it. */
export function check(construct: Construct, problem: Check | Problem | undefined): void {
  if (problem === undefined) return;
  construct.node.addValidation({
    validate: () => {
      const now = typeof problem === "function" ? problem() : problem;
      if (now === undefined) return [];
      const said = describe(now);
      found.set(construct, new Map(found.get(construct)).set(said, now));
      return [said];
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
