import { secretIn, unseenIn } from "../gitlab/problem";

/** Longest value that a fix writes out, in characters. */
const MOST_WRITTEN = 80;

/**
 * The value in the shape that was expected, as YAML: `[xlink/shop]` for a list, `{main: {push: developer}}` for branch rules. Undefined
 * where nothing tells what the value was meant for.
 * @param expected zod's name of the type
 * @param path where the value stands in the file
 */
export function shapeFix(expected: string, value: unknown, path: readonly PropertyKey[]): string | undefined {
  const key = path.findLast((step) => typeof step === "string");
  const reshaped = reshape(expected, value, path);
  if (reshaped === undefined || key === undefined || reshaped.length > MOST_WRITTEN) return undefined;
  // A repeated one could be missed by those that look for it.
  if (secretIn(reshaped) || unseenIn(reshaped)) return undefined;
  return `write ${typeof path.at(-1) === "string" ? `${inline(key)}: ` : ""}${reshaped}`;
}

function reshape(expected: string, value: unknown, path: readonly PropertyKey[]): string | undefined {
  const names = namesIn(value);
  switch (expected) {
    case "array":
      return Array.isArray(value) ? undefined : listOf(value);
    case "record":
      return names && mapping(names, CONTENTS.get(path.at(-1) ?? "") ?? "{target: …, token: …}");
    case "object":
      return names?.length === 1 ? asObject(names[0] as string, path) : undefined;
    case "string":
      if (typeof value === "boolean") return JSON.stringify(String(value));
      return Array.isArray(value) && names?.length === 1 ? inline(names[0] as string) : undefined;
    case "boolean":
      return typeof value === "string" ? BOOLEANS.get(value.toLowerCase()) : undefined;
    case "int":
    case "number":
      return typeof value === "string" && /^\d{1,9}$/.test(value) ? String(Number(value)) : undefined;
    default:
      return undefined;
  }
}

/** A list of the one thing that was written: a text, or a mapping of texts such as `project: xlink/shop`. */
function listOf(value: unknown): string | undefined {
  if (typeof value === "string" && value !== "") return `[${inline(value)}]`;
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
  if (entries.length === 0 || entries.some(([, inner]) => typeof inner !== "string")) return undefined;
  return `[{${entries.map(([key, inner]) => `${inline(key)}: ${inline(inner as string)}`).join(", ")}}]`;
}

/** A text, or the texts of a list. */
function namesIn(value: unknown): readonly string[] | undefined {
  const names = Array.isArray(value) ? value : [value];
  return names.length > 0 && names.every((name) => typeof name === "string" && name !== "") ? names : undefined;
}

const mapping = (names: readonly string[], content: string): string =>
  `{${names.map((name) => `${inline(name)}: ${content}`).join(", ")}}`;

/** Content of each entry, by what the mapping of them is called. */
const CONTENTS: ReadonlyMap<PropertyKey, string> = new Map([
  ["branches", "{push: developer}"],
  ["tags", "{create: developer}"],
]);

/** The key that a mapping of the inventory is about, by what the mapping is called. */
const MAIN_KEYS: ReadonlyMap<PropertyKey, string> = new Map([
  ["token", "expires"],
  ["variable", "key"],
]);

/** By what the mapping around it is called. */
const MAIN_KEYS_INSIDE: ReadonlyMap<PropertyKey, string> = new Map([
  ["pushers", "target"],
  ["branches", "push"],
  ["tags", "create"],
]);

function asObject(name: string, path: readonly PropertyKey[]): string | undefined {
  const key = MAIN_KEYS.get(path.at(-1) ?? "") ?? MAIN_KEYS_INSIDE.get(path.at(-2) ?? "");
  return key && `{${key}: ${inline(name)}}`;
}

/** YAML 1.2 has none of these but the first two, which people write from habit. */
const BOOLEANS: ReadonlyMap<string, string> = new Map([
  ["true", "true"],
  ["false", "false"],
  ["yes", "true"],
  ["no", "false"],
  ["on", "true"],
  ["off", "false"],
]);

/** A text in a list or mapping in brackets: in quotes where it would be something else without them. */
const inline = (text: string): string =>
  /^(?:[A-Za-z_][\w./*-]*|\d{4}-\d{2}-\d{2})$/.test(text) && !/^(true|false|null)$/i.test(text)
    ? text
    : JSON.stringify(text);
