import type { Estate } from "../estate";

/** The weights of findings: somebody may do what nobody meant, something will go wrong, or something could be simpler. */
export const SEVERITIES = ["danger", "warning", "hint"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** One kind of finding: what it is, what should be, and who looks for it. */
export interface FindingRule {
  /** Stable for programs. */
  readonly id: string;
  readonly severity: Severity;
  /** In words, of one of them. */
  readonly title: string;
  readonly allowed: string;
  readonly fix: string;
  readonly find: (estate: Estate) => readonly Found[];
}

/** The place in which a rule found something. */
export interface Found {
  /** Full path of the project or group; undefined for what is a person's. */
  readonly place: string | undefined;
  /** A token, variable, rule or job in words. */
  readonly subject: string;
  readonly got: string;
}

export interface Finding extends Found {
  readonly rule: FindingRule;
}
