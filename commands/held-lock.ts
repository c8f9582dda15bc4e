import { ExpectedError } from "../gitlab/expected-error";
import { oneLine } from "../gitlab/printable";
import type { Problem } from "../gitlab/problem";
import type { GitLabStateApi } from "../state/gitlab-state-api";
import { type LockHolder, lockHolder } from "../state/lock-holder";
import { CommandError, ExitCode } from "./exit-code";

/**
 * The error to tell of in place of Terraform's when a state in GitLab was not locked: Terraform describes the lock that it did not get, as if it
 * were the one in its way.
 * @param again the thing to do where nobody holds the lock any more
 * @param cureOf the command that ends the lock of this holder
 */
export async function lockError(
  stack: string,
  api: GitLabStateApi,
  again: string,
  cureOf: (holder: LockHolder) => string | Promise<string>,
): Promise<ExpectedError> {
  try {
    const holder = await lockHolder(api);
    if (!holder) return new CommandError(`the lock of ${stack} was held, and is free by now: ${again}`);
    const cure = await cureOf(holder);
    const problem = lockProblem(stack, holder, cure);
    return new CommandError(heldLock(stack, holder, cure), ExitCode.usage, [{ problem }]);
  } catch (error) {
    if (error instanceof ExpectedError) return error;
    throw error;
  }
}

/**
 * A text on who holds the lock of a stack's state in GitLab, and what to do about it.
 * @param cure the command that ends the lock
 */
export const heldLock = (stack: string, holder: LockHolder, cure: string): string =>
  `${stack} is ${locked(holder)}
While that deploy runs, wait for it. If it is over and left the lock (killed, runner gone):
  ${cure}`;

/** The same in parts. */
const lockProblem = (stack: string, holder: LockHolder, cure: string): Problem => ({
  got: `${stack}, ${locked(holder)}`,
  allowed: "a state that nobody works on",
  fix: `wait for that deploy while it runs; if it is over and left the lock: ${cure}`,
});

const locked = ({ id, who, since }: LockHolder): string =>
  `locked by ${oneLine(`${who}${since ? ` since ${since}` : ""}`)}: lock ${id}`;

/**
 * The command that ends a lock of a stack's state.
 * @param terraform the program, as it is typed
 */
export const forceUnlock = (stack: string, { id }: LockHolder, terraform: string): string =>
  `npx cdktf synth && cd cdktf.out/stacks/${stack} && ${terraform} init && ${terraform} force-unlock ${id}`;
