import { Annotations } from "cdktf";
import type { ApiClient } from "../gitlab/api-client";
import type { Stack } from "./stack";
import type { ToldThing } from "./thing";

/**
 * Adopts what an earlier deploy made in GitLab and could not note in the state, because it was killed, interrupted, or lost GitLab's
 * answer: the next deploy would fail on it with "already exists". Only what GitLab has exactly as a deploy of this stack makes it is
 * adopted. GitLab is asked only when a deploy was begun and something declared is not in the state.
 *
 * What GitLab does not tell is left alone: Terraform meets the same trouble, and has the better words for it.
 *
 * @param connect makes the client, when there is something to ask
 */
export async function adoptLeftovers(stack: Stack, connect: () => Reader): Promise<void> {
  const unrecorded = stack.unrecorded();
  if (unrecorded.length === 0) return;
  const gitlab = connect();
  const found = await Promise.all(unrecorded.map(async (each) => ((await isThere(each, gitlab)) ? [each] : [])));
  const adopted = found.flat();
  for (const each of adopted) stack.adopt(each, each.id);
  if (adopted.length > 0) Annotations.of(stack).addWarning(brokenOff(adopted.length));
}

/** The cdktf command line says nothing of a Terraform that was killed. */
const brokenOff = (adopted: number): string =>
  `GitLab has ${adopted} of the rules and variables here exactly as declared and the state does not know them, as after a deploy that broke off: they are adopted; tokens are not: \`npx gitlab-ci-pusher status\` finds those`;

/** The part of a client that is needed to ask GitLab. */
type Reader = Pick<ApiClient, "get">;

async function isThere({ path, query, isOurs }: ToldThing, gitlab: Reader): Promise<boolean> {
  try {
    return isOurs(await gitlab.get<Record<string, unknown>>(path, query));
  } catch {
    return false;
  }
}
