import { type AttributePath, type Diagnostic, errorDiagnostic } from "./diagnostic";
import { isKnown, isUnknown, type ObjectValue, type Value } from "./value";

/** Checks one configured attribute; the summaries and details are those of terraform-plugin-framework-validators. */
export type Validator = (value: Value, path: AttributePath, config: ObjectValue) => Diagnostic[];

const INVALID_VALUE = "Invalid Attribute Value";
const INVALID_MATCH = "Invalid Attribute Value Match";
const INVALID_LENGTH = "Invalid Attribute Value Length";
const INVALID_COMBINATION = "Invalid Attribute Combination";

/** The value is one of `allowed`. */
export function oneOf(allowed: readonly string[]): Validator {
  return onKnown((value, path) =>
    allowed.includes(String(value))
      ? []
      : [matchDiagnostic(path, path.join("."), `value must be one of: ${goList(allowed)}`, `"${value}"`)],
  );
}

/** Every element of the set is one of `allowed`, in any case. */
export function elementsOneOf(allowed: readonly string[]): Validator {
  return onKnown((value, path) =>
    knownElements(value)
      .filter((element) => !allowed.includes(element.toLowerCase()))
      .map((element) => {
        const what = `${path.join(".")}[Value("${element}")]`;
        return matchDiagnostic(path, what, `value must be one of: ${goList(allowed)}`, `"${element}"`);
      }),
  );
}

export function sizeAtLeast(minimum: number): Validator {
  return onKnown((value, path) => {
    const size = Array.isArray(value) ? value.length : 0;
    const detail = `Attribute ${path.join(".")} set must contain at least ${minimum} elements, got: ${size}`;
    return size >= minimum ? [] : [errorDiagnostic(INVALID_VALUE, detail, path)];
  });
}

export function lengthBetween(minimum: number, maximum: number): Validator {
  return onKnown((value, path) => {
    const length = [...String(value)].length;
    const detail = `Attribute ${path.join(".")} string length must be between ${minimum} and ${maximum}, got: ${length}`;
    return length >= minimum && length <= maximum ? [] : [errorDiagnostic(INVALID_LENGTH, detail, path)];
  });
}

export function lengthAtLeast(minimum: number): Validator {
  return onKnown((value, path) => {
    const length = [...String(value)].length;
    const detail = `Attribute ${path.join(".")} string length must be at least ${minimum}, got: ${length}`;
    return length >= minimum ? [] : [errorDiagnostic(INVALID_LENGTH, detail, path)];
  });
}

export function matches(pattern: RegExp, message: string): Validator {
  return onKnown((value, path) =>
    pattern.test(String(value)) ? [] : [matchDiagnostic(path, path.join("."), message, String(value))],
  );
}

export function atLeast(minimum: number): Validator {
  return onKnown((value, path) => {
    const detail = `Attribute ${path.join(".")} value must be at least ${minimum}, got: ${value}`;
    return Number(value) >= minimum ? [] : [errorDiagnostic(INVALID_VALUE, detail, path)];
  });
}

/** Exactly one of this attribute and `other` is configured; runs for unset attributes too. */
export function exactlyOneOf(other: string): Validator {
  return (value, path, config) => {
    const otherValue = config[other] ?? null;
    if (isUnknown(value) || isUnknown(otherValue)) return [];
    const count = [value, otherValue].filter((each) => each !== null).length;
    if (count === 1) return [];
    const got = count === 0 ? "No attribute" : `${count} attributes`;
    const detail = `${got} specified when one (and only one) of [${other}] is required`;
    return [errorDiagnostic(INVALID_COMBINATION, detail, path)];
  };
}

/** Requires `other` to be configured where this attribute is. */
export function alsoRequires(other: string): Validator {
  return (value, path, config) => {
    if (value === null || (config[other] ?? null) !== null) return [];
    const detail = `Attribute "${other}" must be specified when "${path.join(".")}" is specified`;
    return [errorDiagnostic(INVALID_COMBINATION, detail, path)];
  };
}

/** Exactly one of `names` is configured in each element of a repeatable block. */
export function exactlyOneInBlock(block: string, names: readonly string[], element: ObjectValue): Diagnostic[] {
  if (names.some((name) => isUnknown(element[name]))) return [];
  const count = names.filter((name) => isKnown(element[name])).length;
  if (count === 1) return [];
  const got = count === 0 ? "No attribute" : `${count} attributes`;
  const choices = names.map((name) => `${block}.${name}`).join(",");
  return [
    errorDiagnostic(INVALID_COMBINATION, `${got} specified when one (and only one) of [${choices}] is required`, [
      block,
    ]),
  ];
}

function onKnown(check: (value: Value, path: AttributePath) => Diagnostic[]): Validator {
  return (value, path) => (isKnown(value) ? check(value, path) : []);
}

function knownElements(value: Value): string[] {
  return Array.isArray(value) ? value.filter(isKnown).map(String) : [];
}

function matchDiagnostic(path: AttributePath, what: string, rule: string, got: string): Diagnostic {
  return errorDiagnostic(INVALID_MATCH, `Attribute ${what} ${rule}, got: ${got}`, path);
}

function goList(values: readonly string[]): string {
  return `[${values.map((value) => `"${value}"`).join(" ")}]`;
}
