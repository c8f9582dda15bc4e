/** The format of states since Terraform 0.12, OpenTofu's too. */
const FORMAT = 4;

/** The form of the text of a state file. `broken`: empty, cut off, or never a state. */
export type StateForm = "whole" | "encrypted" | "newer" | "broken";

/** Tells a state that can be read, and one that only looks broken, from a broken one. */
export function stateForm(text: string): StateForm {
  const { version, encrypted_data: encrypted } = objectIn(text);
  if (encrypted !== undefined) return "encrypted";
  if (version === FORMAT) return "whole";
  return typeof version === "number" && version > FORMAT ? "newer" : "broken";
}

/** The history of a state, by which Terraform tells whether one may take another's place. */
export interface StateLineage {
  /** Undefined where the state has none: Terraform could not store so much as the first one. */
  readonly lineage?: string;
  readonly serial: number;
}

/** The history of a state that is not encrypted. */
export function lineageOf(text: string): StateLineage {
  const { lineage, serial } = objectIn(text);
  return { ...(typeof lineage === "string" && lineage ? { lineage } : {}), serial: Number(serial ?? 0) };
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
