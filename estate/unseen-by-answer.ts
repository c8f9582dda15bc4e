import type { NotSeen } from "./reader";

/** Things that GitLab refused with the same words. */
export interface Unseen {
  /** `access tokens`, `branch rules`, … */
  readonly kind: string;
  readonly answer: string;
  /** The projects and groups that it is of; none where that says nothing. */
  readonly places: readonly string[];
}

export function unseenByAnswer(notSeen: readonly NotSeen[]): Unseen[] {
  const found = new Map<string, Unseen & { readonly places: string[] }>();
  for (const { what, status, reason } of notSeen) {
    const [, kind = what, place] = /^(.*?) of (.*)$/.exec(what) ?? [];
    // What GitLab answered with, and did not refuse, is no number for people.
    const answer = status < 400 || reason.startsWith(String(status)) ? reason : `${status} ${reason}`;
    const same = found.get(`${kind}: ${answer}`) ?? { kind, answer, places: [] };
    if (place !== undefined) same.places.push(place);
    found.set(`${kind}: ${answer}`, same);
  }
  return [...found.values()];
}
