import { readdirSync } from "node:fs";
import * as path from "node:path";
import { CORE_SCHEMA, loadAll, YAMLException } from "js-yaml";
import { ExpectedError } from "../gitlab/expected-error";
import { type PlacedProblem, placedText } from "../gitlab/placed-problem";
import { problemReport, quoted, visible, withoutTokens } from "../gitlab/problem";
import { defaultsProblems, withDefaults, writtenAt } from "./defaults";
import { readInventoryText } from "./inventory-text";
import { issueProblems } from "./issue-message";
import type { Misfit } from "./misfit";
import { withMarks, withoutMark } from "./prototype-key";
import { idProblem, keyProblems, type PushersFile, pushersFile } from "./schema";
import type { SourceMap } from "./source-map";
import { writtenProblems } from "./written-problems";

/** One file of the inventory: a stack and where each of its values stands. */
export interface InventoryFile {
  /** The file, as its folder was given. */
  readonly path: string;
  /** The stack's name: the file's, without `.yaml`. */
  readonly stack: string;
  /** The name its state is kept under: the stack's, or the one it had before the file was renamed. */
  readonly stateName: string;
  readonly content: PushersFile;
  /** `file:line:column` of the value at a path, such as `["pushers", "gitops", "target"]`. */
  readonly locate: (path: readonly PropertyKey[]) => string;
}

/** Every problem of every file of an inventory. Its message tells so many of them, and how many more there are. */
export class InventoryError extends ExpectedError {
  override readonly name = "InventoryError";

  constructor(found: readonly PlacedProblem[]) {
    super(problemReport(found.map(placedText), "in the inventory"), found);
  }

  /** A line each. */
  get problems(): readonly string[] {
    return this.parts.map((part) => visible(withoutTokens(placedText(part))));
  }
}

/**
 * Reads all `*.yaml` files of a folder, one stack each, in the order of their names.
 * @throws InventoryError with every problem of every file: `file:line:column: path: got …; allowed: …; fix: …`
 */
export function loadInventory(directory: string): InventoryFile[] {
  const results = inventoryFiles(directory).map((name) => readFile(path.join(directory, name)));
  const files = results.flatMap(({ file }) => (file ? [file] : []));
  const problems = [...results.flatMap((result) => result.problems), ...sharedStates(files)];
  if (problems.length > 0) throw new InventoryError(problems);
  return files;
}

/** Two stacks cannot have one state: a file that says it was another one, which is still there, or which a third one says as well. */
function sharedStates(files: readonly InventoryFile[]): PlacedProblem[] {
  const first = new Map<string, InventoryFile>();
  // A file that has its own name comes first: the other one is wrong.
  const inOrder = [...files].sort((a, b) => Number(a.stack !== a.stateName) - Number(b.stack !== b.stateName));
  return inOrder.flatMap((file) => {
    const other = first.get(file.stateName);
    if (!other) first.set(file.stateName, file);
    if (!other) return [];
    const problem = {
      got: `${file.stateName}, whose state ${other.stack}.yaml has`,
      allowed: "the former name of this file alone",
      fix: `take it out, unless ${other.stack}.yaml is the copy`,
    };
    return [{ place: file.locate(["was"]), at: "was", problem }];
  });
}

function inventoryFiles(directory: string): string[] {
  let names: string[];
  try {
    names = readdirSync(directory).filter((name) => !name.startsWith("."));
  } catch (error) {
    const problem = {
      got: String((error as NodeJS.ErrnoException).code),
      allowed: "a folder of *.yaml files",
      fix: "run the command in the ops repository's folder, or create this one with one file a stack",
    };
    throw new InventoryError([{ place: directory, problem }]);
  }
  if (names.length === 0) {
    const fix = "add one, even with `pushers: {}`";
    const problem = { got: "an empty folder", allowed: "one *.yaml file a stack", fix };
    throw new InventoryError([{ place: directory, problem }]);
  }
  return names.sort();
}

/** A file, or all that is wrong with it. */
interface ReadFile {
  readonly problems: readonly PlacedProblem[];
  readonly file?: InventoryFile;
}

function readFile(file: string): ReadFile {
  const { name: stack, ext, base } = path.parse(file);
  if (ext !== ".yaml") {
    const problem = {
      got: quoted(base),
      allowed: "*.yaml files and nothing else in the inventory",
      fix: ext === ".yml" ? `rename it to ${stack}.yaml` : "move it elsewhere",
    };
    return { problems: [{ place: file, problem }] };
  }
  const badName = idProblem(stack);
  const read = readInventoryText(file);
  if (read.problem !== undefined)
    return { problems: [{ place: `${file}${read.place ? `:${read.place}` : ""}`, problem: read.problem }] };
  const parsed = parseFile(file, withoutByteOrderMark(read.text), stack);
  return badName
    ? { problems: [{ place: file, at: "the file's name is the stack's", problem: badName }, ...parsed.problems] }
    : parsed;
}

/** Editors on Windows begin files with it. */
const withoutByteOrderMark = (text: string): string => text.replace(/^\uFEFF/, "");

function parseFile(file: string, text: string, stack: string): ReadFile {
  // The map of a large file is many times its text, its parser takes a while to load, and only messages need it.
  let map: SourceMap | undefined;
  const places = () => {
    const { SourceMap: Places } = require("./source-map") as typeof import("./source-map");
    map ??= new Places(file, text);
    return map;
  };
  const { value, fault } = readYaml(text);
  if (fault) return { problems: places().faults(fault) };
  const written = writtenProblems(value);
  if (written.endless) return { problems: inOrder(written.problems, places()) };
  const marked = withMarks(value);
  const complete = withDefaults(marked);
  const result = pushersFile.safeParse(complete);
  const issues = (result.error?.issues ?? []).flatMap((issue) => issueProblems(issue, complete));
  const told = [...keyProblems(value), ...defaultsProblems(value), ...eachOnce(issues, marked).map(unmarked)];
  const found = [...written.problems, ...besides(written.problems, told)];
  if (!result.success || found.length > 0) return { problems: inOrder(found, places()) };
  return {
    problems: [],
    file: {
      path: file,
      stack,
      stateName: result.data.was ?? stack,
      content: result.data,
      locate: (steps) => places().locate(writtenAt(value, steps)),
    },
  };
}

const unmarked = ({ path, key, problem }: Misfit): Misfit => ({
  path: path.map((step) => (typeof step === "string" ? withoutMark(step) : step)),
  key: key === undefined ? undefined : withoutMark(key),
  problem: {
    ...problem,
    got: withoutMark(problem.got),
    allowed: withoutMark(problem.allowed),
    fix: withoutMark(problem.fix),
  },
});

/** Problems beside known ones, but not with texts whose problem is known: another message could repeat a token in a form that is not known for one. */
function besides(known: readonly Misfit[], problems: readonly Misfit[]): Misfit[] {
  if (known.length === 0) return [...problems];
  const places = new Set(known.map(placeOf));
  return problems.filter((problem) => !places.has(placeOf(problem)));
}

/** Problems without those that a pusher has from `defaults`, where they are told of once. */
function eachOnce(problems: readonly Misfit[], root: unknown): Misfit[] {
  const ofDefaults = new Set(problems.filter(({ path }) => path[0] === "defaults").map(placeOf));
  return problems.filter((problem) => {
    const place = problem.key === undefined ? problem.path : [...problem.path, problem.key];
    const written = writtenAt(root, place);
    return written === place || !ofDefaults.has(JSON.stringify(written));
  });
}

const placeOf = ({ path, key }: Misfit): string => JSON.stringify(key === undefined ? path : [...path, key]);

/** Reads plain YAML 1.2: dates stay text, and no tag can make anything but maps, lists and scalars. */
function readYaml(text: string): { value?: unknown; fault?: YAMLException } {
  try {
    const [value = null, ...more] = loadAll(text, { schema: CORE_SCHEMA });
    if (more.length > 0) throw new YAMLException("more than one document");
    return { value };
  } catch (error) {
    if (error instanceof YAMLException) return { fault: error };
    throw error;
  }
}

/** The problems in the order of the file's lines, each with its place. */
function inOrder(problems: readonly Misfit[], map: SourceMap): PlacedProblem[] {
  return problems
    .map(({ path, key, problem }) => ({
      offset: map.offset(key === undefined ? path : [...path, key]),
      at: path.length > 0 ? dotted(path) : undefined,
      problem,
    }))
    .sort((a, b) => a.offset - b.offset)
    .map(({ offset, at, problem }) => ({ place: map.at(offset), at, problem }));
}

const dotted = (steps: readonly PropertyKey[]): string =>
  steps
    .map((step, i) => (typeof step === "number" ? `[${step}]` : `${i > 0 ? "." : ""}${short(String(step))}`))
    .join("");

/** A key that is longer than any name says nothing that its place does not. */
const short = (key: string): string => (key.length > 255 ? `(${quoted(key)})` : key);
