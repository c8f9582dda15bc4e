import { parseDocument } from "yaml";
import { CiProblem } from "./problem";

export type CiInputs = Readonly<Record<string, unknown>>;

interface InputSpec {
  readonly type?: unknown;
  readonly default?: unknown;
  readonly description?: unknown;
  readonly options?: unknown;
  readonly regex?: unknown;
  readonly rules?: unknown;
}

type InputType = "array" | "boolean" | "number" | "string";

const TYPE_CHECKS: Readonly<Record<InputType, (value: unknown) => boolean>> = {
  array: Array.isArray,
  boolean: (value) => typeof value === "boolean",
  number: (value) => typeof value === "number",
  string: (value) => typeof value === "string",
};
const SPEC_KEYS = ["inputs", "include", "component", "description"];
const INPUT_KEYS = ["default", "description", "options", "regex", "rules", "type"];
/** A line of three dashes and blanks ends GitLab's header. */
const DIVIDER = /^---(?:[ \t]*$|[ \t]+)/m;
const BLOCK = /\$\[\[\s*(\S.*?\S)\s*\]\]/g;
const MAX_DOCUMENTS = 2;
const MAX_FUNCTIONS = 3;

/**
 * A configuration file's text with its inputs filled in, as GitLab does it: the header is taken off, then each `$[[ inputs.x ]]` of the
 * rest is replaced in the text, before it is read as YAML; strings as they are, everything else as JSON.
 *
 * @param given what `include:inputs` says
 * @throws CiProblem with GitLab's text, after the file's name
 */
export function fillInputs(content: string, file: string, given: CiInputs = {}): string {
  const problem = (...texts: string[]) => new CiProblem(`\`${file}\`: ${texts.slice(0, 3).join(", ")}`);
  const documents = content.split(DIVIDER).filter((part) => part.trim() !== "");
  const header = documents.length > 1 ? parseDocument(documents[0]!).toJS() : undefined;
  if (!isMapping(header) || !("spec" in header)) {
    if (Object.keys(given).length === 0) return content;
    throw problem("Given inputs not defined in the `spec` section of the included configuration file");
  }
  if (documents.length > MAX_DOCUMENTS) throw problem("Too many YAML documents. Max documents: 2");
  const specs = specsOf(header);
  if (specs.problems.length > 0) throw problem(...specs.problems);
  const values = valuesOf(specs.inputs, given);
  if (values.problems.length > 0) throw problem(...values.problems);
  return documents[1]!.replace(BLOCK, (_block, access: string) => {
    const value = evaluate(access, values.inputs, problem);
    return typeof value === "string" ? value : JSON.stringify(value);
  });
}

function specsOf(header: Record<string, unknown>): { inputs: Map<string, InputSpec>; problems: string[] } {
  const spec = isMapping(header.spec) ? header.spec : {};
  const problems = unknownKeys("header:spec", spec, SPEC_KEYS);
  const inputs = new Map<string, InputSpec>();
  for (const [name, given] of Object.entries(isMapping(spec.inputs) ? spec.inputs : {})) {
    const input: InputSpec = isMapping(given) ? given : {};
    const type = input.type ?? "string";
    problems.push(...unknownKeys(`header:spec:inputs:${name}`, input, INPUT_KEYS));
    if (!Object.hasOwn(TYPE_CHECKS, String(type))) {
      problems.push(`header:spec:inputs:${name} input type unknown value: ${type}`);
    }
    inputs.set(name, input);
  }
  return { inputs, problems };
}

function unknownKeys(where: string, given: object, known: readonly string[]): string[] {
  const unknown = Object.keys(given).filter((key) => !known.includes(key));
  return unknown.length > 0 ? [`${where} config contains unknown keys: ${unknown.join(", ")}`] : [];
}

function valuesOf(
  specs: ReadonlyMap<string, InputSpec>,
  given: CiInputs,
): { inputs: Map<string, unknown>; problems: string[] } {
  const unknown = Object.keys(given).filter((name) => !specs.has(name));
  const problems = unknown.length > 0 ? [`unknown input arguments: ${unknown.join(", ")}`] : [];
  const inputs = new Map<string, unknown>();
  for (const [name, spec] of specs) {
    const problem = problemOf(spec, given[name]);
    if (problem) problems.push(`\`${name}\` input: ${problem}`);
    inputs.set(name, given[name] ?? spec.default);
  }
  return { inputs, problems };
}

function problemOf(spec: InputSpec, given: unknown): string | undefined {
  const required = !("default" in spec);
  if (required && (given === undefined || given === null)) return "required value has not been provided";
  return (
    (required ? undefined : problemOfValue(spec, spec.default, "default")) ??
    (given === undefined || given === null ? undefined : problemOfValue(spec, given, "provided"))
  );
}

function problemOfValue(spec: InputSpec, value: unknown, which: "default" | "provided"): string | undefined {
  const type = (spec.type ?? "string") as InputType;
  if (!TYPE_CHECKS[type](value)) return `${which} value is not ${type === "array" ? "an" : "a"} ${type}`;
  if (Array.isArray(spec.options) && !spec.options.includes(value)) {
    return `\`${value}\` cannot be used because it is not in the list of allowed options`;
  }
  return typeof spec.regex === "string" ? problemOfPattern(spec.regex, String(value), which) : undefined;
}

function problemOfPattern(pattern: string, value: string, which: string): string | undefined {
  try {
    return new RegExp(pattern).test(value) ? undefined : `${which} value does not match required RegEx pattern`;
  } catch {
    return "invalid regular expression";
  }
}

function evaluate(block: string, inputs: ReadonlyMap<string, unknown>, problem: (text: string) => CiProblem): unknown {
  const [access, ...functions] = block.split("|").map((part) => part.trim());
  const [context, name, ...rest] = access!.split(".");
  if (name === undefined) throw problem("invalid interpolation access pattern");
  if (context !== "inputs") throw problem(`unknown interpolation key: \`${context}\``);
  if (!inputs.has(name)) throw problem(`unknown interpolation key: \`${name}\``);
  if (rest.length > 0) throw problem(`unknown interpolation key: \`${rest[0]}\``);
  if (functions.length > MAX_FUNCTIONS) throw problem("too many functions in interpolation block");
  return functions.reduce((value, call) => applied(call, value, problem), inputs.get(name));
}

/** Of GitLab's functions the one that needs nothing but the value. */
function applied(call: string, value: unknown, problem: (text: string) => CiProblem): unknown {
  const truncate = /^truncate\(\s*(\d+)\s*,\s*(\d+)\s*\)$/.exec(call);
  if (truncate && typeof value === "string") {
    const offset = Number(truncate[1]);
    return value.slice(offset, offset + Number(truncate[2]));
  }
  throw problem(
    `the sandbox has no interpolation function \`${call}\` for this value; it has truncate(offset, length)`,
  );
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
