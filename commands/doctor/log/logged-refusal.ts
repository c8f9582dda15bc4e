import type { RefusalId } from "../../../gitlab/refusal";
import type { CauseId } from "../cause";
import type { RefusalKind } from "./kind";

/** One refusal that a log tells. */
export interface LoggedRefusal {
  /** `unknown`: by its form a refusal, by its words none that is known. */
  readonly id: RefusalId | "unknown";
  /** Line of the log, from 1. */
  readonly line: number;
  /** The words that were recognised, or those of the server's hook; no address and no token. */
  readonly words: string;
  /** The causes that may lie behind it, the likeliest first; one where the text leaves no doubt, none where it is unknown. */
  readonly causes: readonly CauseId[];
  /** Told where the words do not tell it. */
  readonly kind?: RefusalKind;
}
