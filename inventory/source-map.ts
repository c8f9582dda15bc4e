import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from "yaml";

/** Plain YAML 1.2: dates stay text, and no tag can make anything but maps, lists and scalars. */
export const YAML_OPTIONS = { prettyErrors: false, version: "1.2", schema: "core" } as const;

/** Finds the place of a value in the YAML text it was read from. */
export class SourceMap {
  private readonly lines = new LineCounter();
  private readonly root: unknown;

  constructor(
    private readonly file: string,
    text: string,
  ) {
    this.root = parseDocument(text, { ...YAML_OPTIONS, lineCounter: this.lines }).contents;
  }

  /** `file:line:column` of the key at `path`, or of the nearest thing above it that the text has. */
  locate(path: readonly PropertyKey[]): string {
    return this.at(this.offset(path));
  }

  /** Where the text has that key, in characters from its start. */
  offset(path: readonly PropertyKey[]): number {
    let node: unknown = this.root;
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
