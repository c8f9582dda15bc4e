import type { Source } from "../members/member";

/** The owner of a variable; of the instance, `sourceId` is 0. */
export type VariableSource = Source | "instance";

/** A CI/CD variable of a project, a group or the instance. */
export interface Variable {
  readonly id: number;
  readonly source: VariableSource;
  readonly sourceId: number;
  key: string;
  value: string;
  description: string | null;
  environmentScope: string;
  masked: boolean;
  /** `masked_and_hidden` at creation; the value is never shown again. */
  readonly hidden: boolean;
  protected: boolean;
  raw: boolean;
  variableType: "env_var" | "file";
}
