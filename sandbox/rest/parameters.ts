import { GitLabError } from "../model/gitlab-error";

/** Parameters as they came in: path, query and body in one object, values not yet typed. */
export type RawParameters = Record<string, unknown>;

/**
 * Nests `a[b]=1`, `a[]=1` and `a[][b]=1` as Rack does: inside a list, a repeated key begins a new element.
 */
export function nestParameters(pairs: Iterable<readonly [string, string]>): RawParameters {
  const result: RawParameters = {};
  for (const [name, value] of pairs) {
    const head = /^[^[]*/.exec(name)![0];
    const keys = [...name.slice(head.length).matchAll(/\[([^\]]*)\]/g)].map((match) => match[1]!);
    store(result, [head, ...keys], value);
  }
  return result;
}

function store(target: Record<string, unknown>, [key, ...rest]: string[], value: string): void {
  if (key === undefined || key === "__proto__") return;
  if (rest.length === 0) {
    target[key] = value;
  } else if (rest[0] === "") {
    const list = Array.isArray(target[key]) ? (target[key] as unknown[]) : [];
    target[key] = list;
    storeInList(list, rest.slice(1), value);
  } else {
    const inner = isRecord(target[key]) ? target[key] : {};
    target[key] = inner;
    store(inner, rest, value);
  }
}

function storeInList(list: unknown[], keys: string[], value: string): void {
  if (keys.length === 0) {
    list.push(value);
    return;
  }
  const last = list.at(-1);
  const element = isRecord(last) && !(keys[0]! in last) ? last : {};
  if (element !== last) list.push(element);
  store(element, keys, value);
}

/** One declared parameter: how to read it, and what to say about a bad value. */
export interface Parameter<Value> {
  readonly required: boolean;
  /** @param value never undefined or null @param name for the error text */
  readonly read: (value: unknown, name: string) => Value;
  readonly fallback?: Value;
}

/** Thrown by a parameter's `read`; the texts are Grape's. */
class BadParameter extends Error {}

type Shape = Record<string, Parameter<unknown>>;
type Values<S extends Shape> = { [Key in keyof S]: S[Key] extends Parameter<infer Value> ? Value : never };

/** Reads declared parameters. Errors: 400 `{"error": "name is missing, access_level does not have a valid value"}`. */
export function readParameters<S extends Shape>(shape: S, raw: RawParameters, prefix = ""): Values<S> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, parameter] of Object.entries(shape)) {
    const name = prefix ? `${prefix}[${key}]` : key;
    const value = raw[key];
    if (value === undefined || value === null) {
      if (parameter.required) problems.push(`${name} is missing`);
      values[key] = parameter.fallback;
      continue;
    }
    try {
      values[key] = parameter.read(value, name);
    } catch (error) {
      if (!(error instanceof BadParameter)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw new GitLabError(400, { error: problems.join(", ") });
  return values as Values<S>;
}

type Optional<Value> = Parameter<Value | undefined>;

/** Makes an optional parameter required. */
export function required<Value>(parameter: Optional<Value>): Parameter<Value> {
  const read = (value: unknown, name: string): Value => {
    const result = parameter.read(value, name);
    if (result === undefined) throw new BadParameter(`${name} is empty`);
    return result;
  };
  return { required: true, read };
}

/** Gives an optional parameter a value for when it is absent. */
export function withDefault<Value>(parameter: Optional<Value>, fallback: Value): Parameter<Value> {
  return { required: false, fallback, read: (value, name) => parameter.read(value, name) ?? fallback };
}

export function text(): Optional<string> {
  return {
    required: false,
    read: (value, name) => {
      if (typeof value === "object") throw new BadParameter(`${name} is invalid`);
      return String(value);
    },
  };
}

/** A text that is not blank. */
export function filledText(): Optional<string> {
  return {
    required: false,
    read: (value, name) => {
      const read = text().read(value, name)!;
      if (read.trim() === "") throw new BadParameter(`${name} is empty`);
      return read;
    },
  };
}

export function oneOf<const Value extends string>(values: readonly Value[]): Optional<Value> {
  return {
    required: false,
    read: (value, name) => {
      if (!values.includes(value as Value)) throw new BadParameter(`${name} does not have a valid value`);
      return value as Value;
    },
  };
}

/** A whole number, written as one or as digits; `""` counts as absent. */
export function integer(values?: readonly number[]): Optional<number> {
  return {
    required: false,
    read: (value, name) => {
      if (value === "") return undefined;
      const number = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
      if (typeof number !== "number" || !Number.isInteger(number)) throw new BadParameter(`${name} is invalid`);
      if (values && !values.includes(number)) throw new BadParameter(`${name} does not have a valid value`);
      return number;
    },
  };
}

const TRUE = new Set(["true", "t", "1", "on", "y", "yes"]);
const FALSE = new Set(["false", "f", "0", "off", "n", "no"]);

/** A boolean, or what Grape takes for one, in any case (`True`, `on`, `1`); `""` counts as absent. */
export function flag(): Optional<boolean> {
  return {
    required: false,
    read: (value, name) => {
      const word = String(value).toLowerCase();
      if (word === "") return undefined;
      if (TRUE.has(word)) return true;
      if (FALSE.has(word)) return false;
      throw new BadParameter(`${name} is invalid`);
    },
  };
}

/** A day, `YYYY-MM-DD`; the day of a full timestamp; `""` counts as absent. */
export function day(): Optional<string> {
  return {
    required: false,
    read: (value, name) => {
      if (value === "") return undefined;
      const match = /^(\d{4}-\d{2}-\d{2})(T.*)?$/.exec(String(value));
      const moment = match && new Date(`${match[1]}T00:00:00Z`);
      if (!moment || Number.isNaN(moment.getTime()) || moment.toISOString().slice(0, 10) !== match[1]) {
        throw new BadParameter(`${name} is invalid`);
      }
      return match[1];
    },
  };
}

/** A moment, ISO 8601. */
export function moment(): Optional<Date> {
  return {
    required: false,
    read: (value, name) => {
      const read = new Date(String(value));
      if (Number.isNaN(read.getTime())) throw new BadParameter(`${name} is invalid`);
      return read;
    },
  };
}

/** A list of texts: `a[]=x&a[]=y`, a JSON array, or one text. */
export function texts(values?: readonly string[]): Optional<string[]> {
  return {
    required: false,
    read: (value, name) => {
      const list = (Array.isArray(value) ? value : [value]).map(String).filter((item) => item !== "");
      if (values && !list.every((item) => values.includes(item))) {
        throw new BadParameter(`${name} does not have a valid value`);
      }
      return list;
    },
  };
}

/** A list of texts, also accepted as one text with commas (labels, tag lists). */
export function commaTexts(): Optional<string[]> {
  return {
    required: false,
    read: (value) =>
      (Array.isArray(value) ? value.map(String) : String(value).split(",")).map((item) => item.trim()).filter(Boolean),
  };
}

/** A list of whole numbers; a single one and `""` (nobody) are accepted. */
export function integers(): Optional<number[]> {
  return {
    required: false,
    read: (value, name) => {
      const list = Array.isArray(value) ? value : String(value).split(",");
      return list
        .map((item) => integer().read(item, name))
        .filter((item) => item !== undefined && item !== 0) as number[];
    },
  };
}

/** A list of objects, each with declared fields. */
export function records<S extends Shape>(shape: S): Optional<Values<S>[]> {
  return {
    required: false,
    read: (value, name) => {
      const list = Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : undefined;
      if (!list?.every(isRecord)) throw new BadParameter(`${name} is invalid`);
      return list.map((element) => readParameters(shape, element, name));
    },
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
