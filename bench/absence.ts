import type { LoggedCall } from "./gitlab";

/** A time in which a rule did not exist, in milliseconds since 1970. */
export interface Absence {
  readonly from: number;
  readonly to: number;
}

/** The times when a branch's rule was away, from its taking to its return. @throws Error when it never came back */
export function absencesOf(calls: readonly LoggedCall[], branch: string): Absence[] {
  const absences: Absence[] = [];
  let from: number | undefined;
  for (const { method, path, status, at } of calls) {
    if (status >= 300) continue;
    if (method === "DELETE" && path.endsWith(`/protected_branches/${branch}`)) from = Date.parse(at);
    else if (method === "POST" && path.endsWith("/protected_branches") && from !== undefined) {
      absences.push({ from, to: Date.parse(at) });
      from = undefined;
    }
  }
  if (from !== undefined) throw new Error(`the rule of ${branch} was taken away and did not come back`);
  return absences;
}

/** Tells whether something that began and ended then was under way in one of the absences. */
export const within = (absences: readonly Absence[], began: number, ended: number): boolean =>
  absences.some(({ from, to }) => began <= to && from <= ended);
