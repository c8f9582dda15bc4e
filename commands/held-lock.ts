import { oneLine } from "../gitlab/printable";
import type { Problem } from "../gitlab/problem";
import type { LockHolder } from "../state/lock-holder";

/**
 * A text on who holds the lock of a stack's state in GitLab, and what to do about it.
 * @param cure the command that ends the lock
 */
export const heldLock = (stack: string, holder: LockHolder, cure: string): string =>
  `${stack} is ${locked(holder)}
While that deploy runs, wait for it. If it is over and left the lock (killed, runner gone):
  ${cure}`;

/** The same in parts. */
export const lockProblem = (stack: string, holder: LockHolder, cure: string): Problem => ({
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
