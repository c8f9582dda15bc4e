import { ExpectedError } from "../gitlab/expected-error";
import type { ServerFacts } from "./result";
import type { Stage } from "./stage";

/** The subjects of cases; the table of a run is in this order. */
export const AREAS = [
  "tokens",
  "variables",
  "branches",
  "tags",
  "group rules",
  "pushes",
  "job tokens",
  "states",
  "merge requests",
  "deploys",
] as const;

export type Area = (typeof AREAS)[number];

/** The kind that a server must be of for a case to be tried. */
export type Need = "premium" | "free" | "ce" | "ee" | "rules of the group";

/** One behaviour of GitLab that this project stands on. */
export interface Case {
  /** A sentence whose subject is the area's, `a rule that exists already is refused`. */
  readonly name: string;
  /** The thing that this project does because of it. */
  readonly relies: string;
  readonly needs?: readonly Need[];
  /** The doings of a client, and what it sees as plain data. */
  readonly steps: (stage: Stage, facts: ServerFacts) => Promise<unknown>;
  /** The same as this project knows it: {@link differs} says how the two are compared. */
  readonly expected: unknown;
}

/** A case that cannot be tried here, as a server refuses what leads up to it. */
export class NotTried extends ExpectedError {}
