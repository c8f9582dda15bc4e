import { visible } from "../gitlab/problem";

/** Before `__proto__`. No text of the inventory has it: it is no character at all. */
const MARK = "\uFDD0";
const PROTOTYPE = "__proto__";
const MARKED = `${MARK}${PROTOTYPE}`;

/**
 * A value in which the key `__proto__` stands under a name that zod does not drop: a branch may be called so. Only what has it is copied.
 */
export const withMarks = <T>(value: T): T => renamed(value, (key) => (key === PROTOTYPE ? MARKED : key)) as T;

/** A text, such as a message that shows what nobody sees, with `__proto__` as it was written. */
export const withoutMark = (text: string): string => text.replaceAll(MARK, "").replaceAll(visible(MARK), "");

function renamed(value: unknown, rename: (key: string) => string): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => renamed(item, rename));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  const before = Object.entries(value);
  const after = before.map(([key, inner]): [string, unknown] => [rename(key), renamed(inner, rename)]);
  const isSame = after.every(([key, inner], index) => key === before[index]?.[0] && inner === before[index]?.[1]);
  // Own properties, whatever they are called.
  return isSame ? value : Object.fromEntries(after);
}
