import type { Problem } from "../../gitlab/problem";

/** Something the operator has to act on. */
export interface Finding {
  readonly code: FindingCode;
  /** The thing that it is about: a slot, a variable, a token. */
  readonly subject: string;
  /** `file:line:column` of the inventory, where it is about something in there. */
  readonly location?: string;
  readonly problem: Problem;
}

/** The kinds of findings, stable for programs. */
export type FindingCode =
  | "expires-soon"
  | "expired"
  | "revoked"
  | "unknown-token"
  | "not-deployed"
  | "rotated-elsewhere"
  | "bot-removed"
  | "role-changed"
  | "variable-missing"
  | "variable-not-ours"
  | "variable-differs"
  | "variable-carries-another-token"
  | "rule-missing"
  | "rule-wider"
  | "rule-narrower"
  | "rule-unguarded"
  | "orphan"
  | "stack-gone"
  | "gitlab-too-old"
  | "operator-token-expires-soon";
