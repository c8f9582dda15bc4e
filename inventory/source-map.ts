import type { YAMLException } from "js-yaml";
import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
} from "yaml";
import type { PlacedProblem } from "../gitlab/placed-problem";

/**
 * Finds the place of a value in the YAML text it was read from.
 *
 * Reading is js-yaml's work, which takes a tenth of the time and memory; only this needs every node's place.
 */
export class SourceMap {
  private readonly lines = new LineCounter();
  private readonly document: Document.Parsed;
  private readonly keys = new WeakMap<YAMLMap, ReadonlyMap<string, Child>>();

  constructor(
    private readonly file: string,
    text: string,
  ) {
    this.document = parseDocument(text, {
      prettyErrors: false,
      // It compares every key with every other; repeated ones are found below.
      uniqueKeys: false,
      version: "1.2",
      schema: "core",
      lineCounter: this.lines,
    });
  }

  /** The faults that make the text no YAML: everything that is wrong with it, or at least what stopped the reader. */
  faults(first: YAMLException): PlacedProblem[] {
    const stop = { at: first.mark?.position ?? 0, message: first.reason };
    // What nests too deep for the one reader makes the other one lose itself.
    const all = /^nesting/.test(first.reason) ? [] : [...syntaxFaults(this.document), ...repeatedKeys(this.document)];
    const faults = all.length > 0 ? all.sort((a, b) => a.at - b.at) : [stop];
    return faults.map(({ at, message }) => ({
      place: this.at(at),
      problem: {
        got: `YAML that cannot be read: ${message.length > 300 ? "a name without an end" : message}`,
        allowed: "plain YAML 1.2",
        fix: "correct this line",
      },
    }));
  }

  /** `file:line:column` of the key at `path`, or of the nearest thing above it that the text has. */
  locate(path: readonly PropertyKey[]): string {
    return this.at(this.offset(path));
  }

  /** The place of a key in the text, in characters from its start. */
  offset(path: readonly PropertyKey[]): number {
    let node: unknown = this.document.contents;
    let offset = rangeStart(node) ?? 0;
    for (const step of path) {
      const child = this.enter(node, step);
      if (!child) break;
      offset = child.offset;
      node = child.node;
    }
    return offset;
  }

  private enter(node: unknown, step: PropertyKey): Child | undefined {
    if (isMap(node)) return this.childrenOf(node).get(String(step));
    if (!isSeq(node) || typeof step !== "number") return undefined;
    const item = node.items[step];
    return item === undefined ? undefined : { node: item, offset: rangeStart(item) ?? 0 };
  }

  private childrenOf(map: YAMLMap): ReadonlyMap<string, Child> {
    const known = this.keys.get(map) ?? childrenOf(map);
    this.keys.set(map, known);
    return known;
  }

  /** `file:line:column` of a character. */
  at(offset: number): string {
    const { line, col } = this.lines.linePos(offset);
    return `${this.file}:${line || 1}:${col || 1}`;
  }
}

/** A fault that makes a text no YAML, and its place. */
interface Fault {
  readonly at: number;
  readonly message: string;
}

const syntaxFaults = ({ errors, warnings }: Document.Parsed): Fault[] =>
  [...errors, ...warnings].map(({ pos, message }) => ({
    at: pos[0],
    message: message.replace(/; please use .*$/, ""),
  }));

/** Each key that its mapping has already. */
function repeatedKeys(document: Document.Parsed): Fault[] {
  const repeated: Fault[] = [];
  visit(document, {
    Map: (_, { items }) => {
      const known = new Set<string>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (known.has(name)) repeated.push({ at: rangeStart(key) ?? 0, message: "Map keys must be unique" });
        known.add(name);
      }
    },
  });
  return repeated;
}

function childrenOf({ items }: YAMLMap): Map<string, Child> {
  const children = new Map<string, Child>();
  for (const { key, value } of items) {
    const name = isScalar(key) ? String(key.value) : undefined;
    if (name !== undefined && !children.has(name)) children.set(name, { node: value, offset: rangeStart(key) ?? 0 });
  }
  return children;
}

/** A value and where it begins: at its key, if it has one. */
interface Child {
  readonly node: unknown;
  readonly offset: number;
}

const rangeStart = (node: unknown): number | undefined => (node as Node | null)?.range?.[0];
