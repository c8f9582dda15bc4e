import { inspect } from "node:util";

/** Attribute names from the resource's root; elements of sets cannot be addressed. */
export type AttributePath = readonly string[];

export type Severity = "error" | "warning";

/** One of Terraform's error or warning boxes. */
export interface Diagnostic {
  readonly severity: Severity;
  readonly summary: string;
  readonly detail: string;
  readonly path?: AttributePath;
}

/** Thrown by a resource where the real provider adds an error diagnostic and returns. */
export class DiagnosticError extends Error {
  constructor(
    readonly summary: string,
    readonly detail: string,
    readonly path?: AttributePath,
  ) {
    super(`${summary}: ${detail}`);
  }
}

export function errorDiagnostic(summary: string, detail: string, path?: AttributePath): Diagnostic {
  return { severity: "error", summary, detail, path };
}

/** Turns whatever was thrown into a diagnostic; what is not a {@link DiagnosticError} is a fault of the stand-in. */
export function diagnosticOf(thrown: unknown): Diagnostic {
  if (thrown instanceof DiagnosticError) return errorDiagnostic(thrown.summary, thrown.detail, thrown.path);
  const detail = thrown instanceof Error ? (thrown.stack ?? thrown.message) : inspect(thrown);
  return errorDiagnostic("The sandbox's provider stand-in failed", detail);
}

/** `tfplugin6.AttributePath`. */
export function pathMessage(path: AttributePath): object {
  return { steps: path.map((name) => ({ attribute_name: name })) };
}

/** `tfplugin6.Diagnostic`. */
export function diagnosticMessage(diagnostic: Diagnostic): object {
  return {
    severity: diagnostic.severity === "error" ? 1 : 2,
    summary: diagnostic.summary,
    detail: diagnostic.detail,
    ...(diagnostic.path ? { attribute: pathMessage(diagnostic.path) } : {}),
  };
}
