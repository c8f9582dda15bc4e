import { Annotations } from "cdktf";
import type { IConstruct } from "constructs";
import { type PlacedProblem, placedText } from "../gitlab/placed-problem";
import { type Problem, problemReport } from "../gitlab/problem";
import { crowdedDaysAdvice } from "./crowded-days";
import { ownershipProblems } from "./ownership";
import { policyProblems } from "./policies";
import { renameProblems } from "./renames";
import { isStack, type Stack, stackOf } from "./stack";
import { inParts, ValidationError } from "./validation";

/** Trees whose checks have passed since they were last prepared. */
const validated = new WeakSet<IConstruct>();

/** The app has changed: its checks are to be made anew. */
export const forgetValidation = (root: IConstruct): void => void validated.delete(root);

/**
 * Makes the checks of every pusher stack of an app, so that one synth walks the app once and reports every problem.
 * @param first the stack that is synthesized first
 * @throws ValidationError with the problems, a line each
 */
export function validateApp(first: Stack): void {
  const { root } = first.node;
  if (validated.has(root)) return;
  const stacks = root.node.findAll().filter(isStack);
  const advice = crowdedDaysAdvice(stacks.flatMap(({ fleet }) => fleet.tokens));
  if (advice) Annotations.of(first).addWarning(advice);
  const problems = stacks.flatMap((stack) =>
    stack.node
      .findAll()
      .flatMap((node) => node.node.validate().map((message) => placed(stack, node, inParts(node, message)))),
  );
  const found = [
    ...policyProblems(stacks.map(({ fleet }) => fleet)),
    ...stacks.flatMap(renameProblems),
    ...ownershipProblems(stacks),
  ];
  problems.push(...found.map(({ at, problem }) => placed(stackOf(at), at, problem)));
  if (problems.length > 0) throw new ValidationError(`${problemReport(problems.map(placedText))}\n`, problems);
  validated.add(root);
}

const placed = (stack: Stack, { node }: IConstruct, problem: Problem | string): PlacedProblem => ({
  place: stack.locate(node.path.split("/").slice(1)),
  construct: node.path,
  problem,
});
