import { Limiter } from "../gitlab/limiter";
import { GitLabState, type RemoteState } from "./gitlab-state";
import { LEFT_OUT } from "./read-states";
import { StateError } from "./state-error";
import type { StateSettings } from "./state-settings";

/** States read at once. */
const CONCURRENCY = 8;

/** Most problems told: a dead token is the same one for each of a thousand stacks. */
const MOST_TOLD = 5;

/** The remote state of each stack by the stack's name. */
export type RemoteStates = ReadonlyMap<string, RemoteState>;

/**
 * Reads the states of these stacks, where they are not local files, and leaves out those that the settings do. When GitLab does not
 * answer for one of them, it is not asked for those that have not been begun.
 *
 * @param wait as GitLabState's
 * @returns nothing for local states
 * @throws StateError with what is wrong with them
 */
export async function readRemoteStates(
  settings: StateSettings,
  stacks: readonly string[],
  wait?: (milliseconds: number) => Promise<unknown>,
): Promise<RemoteStates> {
  if (settings.kind === "local") return new Map();
  const limiter = new Limiter(CONCURRENCY);
  let unreachable: string | undefined;
  const read = async (stack: string): Promise<readonly [string, RemoteState]> => {
    const state = new GitLabState(settings, stack, wait);
    if (settings.stacks?.includes(stack) === false) return [stack, state.unread(LEFT_OUT)];
    const found = unreachable === undefined ? await state.read() : state.unread(unreachable);
    unreachable ??= found.hidden;
    return [stack, found];
  };
  const results = await Promise.allSettled(stacks.map((stack) => limiter.run(() => read(stack))));
  const problems = results.flatMap((result) => (result.status === "rejected" ? [result.reason as Error] : []));
  const defect = problems.find((problem) => !(problem instanceof StateError));
  if (defect) throw defect;
  if (problems.length > 0) throw new StateError(told(problems));
  return new Map(results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : [])));
}

function told(problems: readonly Error[]): string {
  const lines = problems.slice(0, MOST_TOLD).map(({ message }) => `\n  ${message}`);
  const rest = problems.length > MOST_TOLD ? `\n  and ${problems.length - MOST_TOLD} more` : "";
  return `${problems.length} state${problems.length === 1 ? "" : "s"} could not be read, nothing was changed:${lines.join("")}${rest}`;
}
