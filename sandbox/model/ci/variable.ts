import type { Source } from "../members/member";

/** A project's or group's CI/CD variable. */
export interface Variable {
  readonly id: number;
  readonly source: Source;
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
