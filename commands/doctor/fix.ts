import { CAUSES, type CaseText, type Cause, type CauseId } from "./cause";
import { MENDERS } from "./mender";
import type { Names } from "./names";

/** A cure, with the names of the case filled in. */
export interface Fix {
  /** Those who can do it. */
  readonly who: string;
  readonly inventory: string;
  readonly ui: string;
  readonly api: string;
}

/** The fixes of a cause, in a case. */
export function fixOf(cause: CauseId, names: Names): Fix {
  const { who, inventory, ui, api }: Cause = CAUSES[cause];
  return {
    who: inCase(MENDERS[who], names),
    inventory: inCase(inventory, names),
    ui: inCase(ui, names),
    api: inCase(api, names),
  };
}

/** A text with the names of the case in it. */
export const inCase = (text: CaseText, names: Names): string => (typeof text === "string" ? text : text(names));
