import { randomUUID } from "node:crypto";
import { ApiError } from "../gitlab/api-error";
import type { HttpAnswer } from "../gitlab/http-call";
import type { GitLabStateApi } from "./gitlab-state-api";
import { StateError } from "./state-error";

/** The holder of the lock of a state. */
export interface LockHolder {
  /** Id that Terraform's `force-unlock` takes. */
  readonly id: string;
  /** The GitLab user. */
  readonly who: string;
  /** As GitLab writes it; undefined where it does not say. */
  readonly since?: string;
}

/**
 * Asks GitLab who holds the lock of a state; undefined when nobody does. Terraform does not tell: the lock it describes is the one it
 * did not get. GitLab tells only those who want the lock themselves, so a free one is taken and given back at once; a deploy that
 * begins in that moment is refused.
 *
 * @throws ExpectedError when GitLab does not answer, refuses the credentials (a Maintainer's are needed), or did not take the lock back
 */
export async function lockHolder(api: GitLabStateApi): Promise<LockHolder | undefined> {
  const id = randomUUID();
  const answer = told(await api.lock(id, "gitlab-ci-pusher state lock"));
  const holder = answer.status === 409 ? holderOf(answer.text) : undefined;
  if (holder) return holder;
  if (answer.status !== 200) throw api.refusal("POST /lock", answer);
  const unlocked = await api.unlock(id);
  if (!(unlocked instanceof ApiError) && unlocked.status < 300) return undefined;
  throw new StateError({
    got: `no word that GitLab took the lock ${id} back`,
    allowed: "a free lock",
    fix: `end it with force-unlock ${id} (docs/state.md#a-lock)`,
  });
}

function told(answer: HttpAnswer | ApiError): HttpAnswer {
  if (answer instanceof ApiError) throw answer;
  return answer;
}

/** Undefined when the text is not GitLab's, or the id is none that a person should paste into a shell: whoever locks chooses it. */
function holderOf(text: string): LockHolder | undefined {
  try {
    const { ID, Who, Created } = JSON.parse(text) as Record<string, unknown>;
    if (typeof ID !== "string" || !/^[\w-]+$/.test(ID)) return undefined;
    return { id: ID, who: String(Who), ...(Created ? { since: String(Created) } : {}) };
  } catch {
    return undefined;
  }
}
