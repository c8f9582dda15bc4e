import * as path from "node:path";
import { CommandError } from "../exit-code";
import type { PlannedStack } from "../review/review";
import { OwnLock } from "./own-lock";
import { type Rescue, rescue } from "./rescue";

export interface DeployStackOptions {
  /** Gets what Terraform says, line by line. */
  readonly onLine: (line: string) => void;
  /** The time to try to store a state that Terraform could not store, in milliseconds. */
  readonly patience: number;
  readonly environment: NodeJS.ProcessEnv;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

/** A deploy whose state is stored nowhere but in a file. */
export class UnstoredState extends CommandError {
  constructor(
    message: string,
    /** Its place, and the command that stores it: to be read last. */
    readonly last: string,
  ) {
    super(message);
  }
}

/**
 * Applies the plan of one stack.
 * @throws CommandError when Terraform fails; UnstoredState when what it did is known to a file only
 */
export async function deployStack({ stack, terraform }: PlannedStack, options: DeployStackOptions): Promise<void> {
  const { name } = stack;
  const onLine = (line: string) => options.onLine(`${name}: ${line}`);
  const lock = new OwnLock(stack, options.environment);
  const { code } = await terraform.apply((line) => {
    lock.hear(line);
    onLine(line);
  });
  const rescued = await rescue(stack, { ...options, lock, onLine });
  if (code === 0) return;
  const message = code === null ? killed(name) : `the deploy of ${name} failed, see above`;
  if (rescued?.kind === "kept") throw new UnstoredState(message, unstored(name, rescued, options.environment));
  throw new CommandError(message);
}

/** Nobody has said anything above. */
const killed = (name: string): string =>
  `the deploy of ${name} broke off: Terraform was killed, by the system perhaps for want of memory. What it made last may be in no state: deploy again, which adopts rules and variables, then \`npx gitlab-ci-pusher status\` finds tokens that no state knows; a lock that it left in GitLab: \`npx gitlab-ci-pusher state lock ${name}\``;

const unstored = (
  name: string,
  { file, fix }: Extract<Rescue, { kind: "kept" }>,
  environment: NodeJS.ProcessEnv,
): string =>
  `the state of ${name} after this deploy is stored nowhere but in ${path.relative("", file)}, which holds tokens${inJob(environment)}; fix: ${fix}`;

/** Nobody may make an artifact of it: that would be for everybody to read. */
const inJob = ({ CI_JOB_ID: job }: NodeJS.ProcessEnv): string =>
  job ? " and goes with this job's files (then `npx gitlab-ci-pusher status` finds what only it knew)" : "";
