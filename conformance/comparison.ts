/**
 * Tells whether what was seen is other than what is known. Of an object only the keys count that are expected, as servers add some in every
 * release; lists are compared element by element; a regular expression stands for any text that it matches.
 */
export function differs(expected: unknown, got: unknown): boolean {
  if (expected instanceof RegExp) return typeof got !== "string" || !expected.test(got);
  if (Array.isArray(expected)) {
    return (
      !Array.isArray(got) || got.length !== expected.length || expected.some((each, index) => differs(each, got[index]))
    );
  }
  if (!isRecord(expected)) return expected !== got;
  return !isRecord(got) || Object.entries(expected).some(([key, value]) => differs(value, got[key]));
}

/** The part that was seen, without the keys that nobody asked about. */
export function relevant(expected: unknown, got: unknown): unknown {
  if (Array.isArray(expected) && Array.isArray(got)) {
    return got.map((each, index) => (index < expected.length ? relevant(expected[index], each) : each));
  }
  if (!isRecord(expected) || !isRecord(got)) return got;
  const asked = Object.keys(expected).filter((key) => key in got);
  // A refusal instead of an answer says in its own keys what it is.
  const said = ["message", "error", "error_description"].filter((key) => key in got && !(key in expected));
  return Object.fromEntries([...asked, ...said].map((key) => [key, relevant(expected[key], got[key])]));
}

/** Either of the two in one line. */
export const inOneLine = (value: unknown): string =>
  JSON.stringify(value, (_, each) => (each instanceof RegExp ? String(each) : each)) ?? "nothing";

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof RegExp);
