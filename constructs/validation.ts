import type { Construct } from "constructs";
import { ExpectedError } from "../gitlab/expected-error";

/** What is wrong with the stacks of an app, every problem on a line of its own. */
export class ValidationError extends ExpectedError {
  override readonly name = "ValidationError";
}

/** Says what is wrong with a construct, or nothing. */
export type Check = () => string | undefined;

/** Registers a check with the construct, so that a synth reports it with the construct's path and every other problem beside it. */
export function check(construct: Construct, problem: Check | string | undefined): void {
  if (problem === undefined) return;
  construct.node.addValidation({
    validate: () => {
      const found = typeof problem === "function" ? problem() : problem;
      return found === undefined ? [] : [found];
    },
  });
}
