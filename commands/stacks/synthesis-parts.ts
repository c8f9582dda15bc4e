import { existsSync, readFileSync } from "node:fs";
import type { PlacedProblem } from "../../gitlab/placed-problem";
import type { Problem } from "../../gitlab/problem";

/** All that an app said is wrong, in the file that it left; undefined where it left none, as one of another release, or of somebody else. */
export function partsIn(file: string): PlacedProblem[] | undefined {
  if (!existsSync(file)) return undefined;
  const found = parsed(readFileSync(file, "utf8"));
  const parts = Array.isArray(found) ? found.map(placed) : [];
  return parts.length > 0 && parts.every((part) => part !== undefined) ? parts : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function placed(value: unknown): PlacedProblem | undefined {
  if (!isObject(value)) return undefined;
  const { place, at, construct, problem: said } = value;
  const problem = typeof said === "string" ? said : problemIn(said);
  if (problem === undefined) return undefined;
  return { place: text(place), at: text(at), construct: text(construct), problem };
}

function problemIn(value: unknown): Problem | undefined {
  if (!isObject(value)) return undefined;
  const { of, where, ...rest } = value;
  const [got, allowed, fix] = [rest.got, rest.allowed, rest.fix].map(text);
  if (got === undefined || allowed === undefined || fix === undefined) return undefined;
  return { of: text(of), got, where: text(where), allowed, fix };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
