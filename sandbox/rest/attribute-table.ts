import type { Call } from "./call";
import { flag, integer, type Parameter, text } from "./parameters";

type Value = string | number | boolean | null;

/** Settings that clients write and read back, whatever they change here: name, and the value of what is new. */
export class AttributeTable {
  /** The reader of each of them. */
  readonly parameters: Readonly<Record<string, Parameter<unknown>>>;

  /** @param unset how those are read that are null in the beginning; @default - as texts */
  constructor(
    private readonly defaults: Readonly<Record<string, Value>>,
    unset: Readonly<Record<string, Parameter<unknown>>> = {},
  ) {
    this.parameters = Object.fromEntries(
      Object.entries(defaults).map(([name, value]) => [name, unset[name] ?? parameterFor(value)]),
    );
  }

  /** All of them as the API shows them. */
  shown(written: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return { ...this.defaults, ...written };
  }

  /** Those that a call wrote. What is null in the beginning becomes so again by null, and by `""` where it is no text. */
  written(call: Call, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(this.defaults).flatMap(([name, value]): [string, unknown][] => {
        if (values[name] !== undefined) return [[name, values[name]]];
        return value === null && call.sent(name) ? [[name, null]] : [];
      }),
    );
  }
}

function parameterFor(value: Value): Parameter<unknown> {
  if (typeof value === "boolean") return flag();
  return typeof value === "number" ? integer() : text();
}
