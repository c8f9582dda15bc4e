import { oneLine } from "../gitlab/printable";
import { redact } from "./redact";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A copy of what a command found out, for people: each text in it is on one line, printable, and without credentials. What is laid out
 * afterwards has no other line ends and colours than the command's own, so that no name in GitLab passes for a finding, or hides one.
 */
export function shown<T>(value: T, environment: Environment): T {
  return copy(value) as T;

  function copy(each: unknown): unknown {
    if (typeof each === "string") return redact(oneLine(each), environment);
    if (Array.isArray(each)) return each.map(copy);
    if (!isPlain(each)) return each;
    return Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, copy(inner)]));
  }
}

/** Not a date, say, which has its own form. */
const isPlain = (value: unknown): value is object =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
