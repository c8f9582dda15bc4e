import { failureOf } from "../../gitlab/failure";
import { CommandError, ExitCode } from "../exit-code";
import { digestOf } from "../review/digest";
import type { PlannedStack } from "../review/review";
import { eachStack, type StackRun } from "../stacks/each-stack";
import { isEmpty, type Plan } from "../stacks/plan";
import { type DeployStackOptions, deployStack, UnstoredState } from "./deploy-stack";

export interface ApplyOptions extends DeployStackOptions {
  /** Tells whether the plans are what was reviewed: then nothing else is applied. */
  readonly reviewed: boolean;
  /** Tells whether Terraform encrypts states: it does so to an older one in an apply, even of a plan that changes nothing. @default false */
  readonly encrypts?: boolean;
}

/**
 * Applies plans, side by side where stacks do not depend on each other. A stack that depends on one that was deployed just now is
 * planned again first: what it takes from there may have changed.
 * @returns names of the stacks that were deployed
 * @throws CommandError that says which were deployed, failed, or not begun
 */
export async function applyAll(planned: readonly PlannedStack[], options: ApplyOptions): Promise<string[]> {
  const deployed = new Set<string>();
  const runs = await eachStack(planned, async (each) => {
    const { name, dependencies } = each.stack;
    const isOutdated = dependencies.some((other) => deployed.has(other));
    const plan = isOutdated ? await planAgain(each, options) : each.plan;
    if (isEmpty(plan) && !options.encrypts) return;
    await deployStack(each, options);
    if (isEmpty(plan)) return;
    deployed.add(name);
  });
  const names = planned.map(({ stack }) => stack.name).filter((name) => deployed.has(name));
  const failures = runs.flatMap((run) => (run.status === "failed" ? [run.error] : []));
  if (failures.length === 0) return names;
  const told = failures.map(failureOf);
  const code = told.some(({ isDefect }) => isDefect) ? ExitCode.defect : ExitCode.usage;
  const unstored = failures.flatMap((error) => (error instanceof UnstoredState ? [error.last] : []));
  const then =
    unstored.length > 0 ? "when the states below are stored, review again, then deploy" : "review again, then deploy";
  const last = [`${standing(names, leftOf(runs))}; fix: ${then}`, ...unstored];
  const parts = [...told.flatMap((each) => each.parts), ...last.map((problem) => ({ problem }))];
  throw new CommandError([...told.map(({ text }) => text), ...last].join("\n"), code, parts);
}

async function planAgain({ plan, terraform }: PlannedStack, { reviewed }: ApplyOptions): Promise<Plan> {
  await terraform.plan();
  const now = await terraform.read();
  if (now.foreign.length > 0) {
    throw new CommandError(
      `${plan.stack} was not deployed: after the deploys it depends on, its plan has what this tool does not review (${now.foreign[0]!.address})`,
    );
  }
  if (!reviewed || digestOf([now]) === digestOf([plan])) return now;
  throw new CommandError(
    `${plan.stack} was not deployed: after the deploys it depends on, its plan is not what was reviewed`,
  );
}

const leftOf = (runs: readonly StackRun<unknown>[]): string[] =>
  runs.flatMap(({ name, status }) => (status === "left" ? [name] : []));

const standing = (deployed: readonly string[], left: readonly string[]): string =>
  [
    deployed.length > 0 ? `deployed: ${deployed.join(", ")}` : "no other stack was deployed",
    ...(left.length > 0 ? [`not begun: ${left.join(", ")}`] : []),
  ].join("; ");
