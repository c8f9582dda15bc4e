import type { YAMLException } from "js-yaml";
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from "yaml";

/**
 * Finds the place of a value in the YAML text it was read from.
 *
 * Reading is js-yaml's work, which takes a tenth of the time and memory; only this needs every node's place.
 */
export class SourceMap {
  private readonly lines = new LineCounter();
  private readonly document: Document.Parsed;

  constructor(
    private readonly file: string,
    text: string,
  ) {
    this.document = parseDocument(text, {
      prettyErrors: false,
      version: "1.2",
      schema: "core",
      lineCounter: this.lines,
    });
  }

  /** What makes the text no YAML: everything that is wrong with it, or at least what stopped the reader. */
  faults(first: YAMLException): string[] {
    const all = [...this.document.errors, ...this.document.warnings].map(({ pos, message }) => ({
      at: pos[0],
      message: message.replace(/; please use .*$/, ""),
    }));
    const faults = all.length > 0 ? all : [{ at: first.mark?.position ?? 0, message: first.reason }];
    return faults.map(
      ({ at, message }) =>
        `${this.at(at)}: got YAML that cannot be read: ${message}; allowed: plain YAML 1.2; fix: correct this line`,
    );
  }

  /** `file:line:column` of the key at `path`, or of the nearest thing above it that the text has. */
  locate(path: readonly PropertyKey[]): string {
    return this.at(this.offset(path));
  }

  /** Where the text has that key, in characters from its start. */
  offset(path: readonly PropertyKey[]): number {
    let node: unknown = this.document.contents;
    let offset = rangeStart(node) ?? 0;
    for (const step of path) {
      const child = enter(node, step);
      if (!child) break;
      offset = child.offset;
      node = child.node;
    }
    return offset;
  }

  /** `file:line:column` of a character. */
  at(offset: number): string {
    const { line, col } = this.lines.linePos(offset);
    return `${this.file}:${line || 1}:${col || 1}`;
  }
}

function enter(node: unknown, step: PropertyKey): { node: unknown; offset: number } | undefined {
  if (isMap(node)) {
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step)) as
      | Pair<Node, Node>
      | undefined;
    return pair && { node: pair.value, offset: rangeStart(pair.key) ?? 0 };
  }
  if (isSeq(node) && typeof step === "number") {
    const item = node.items[step];
    return item === undefined ? undefined : { node: item, offset: rangeStart(item) ?? 0 };
  }
  return undefined;
}

const rangeStart = (node: unknown): number | undefined => (node as Node | null)?.range?.[0];
