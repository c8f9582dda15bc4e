import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument, type Scalar } from "yaml";
import type { PlacedProblem } from "../gitlab/placed-problem";
import type { Problem } from "../gitlab/problem";
import type { SlotIndex } from "../gitlab/slot";
import { InventoryError } from "./load";

/** A new date for one slot of a pusher. */
export interface ExpiryChange {
  readonly pusher: string;
  readonly slot: SlotIndex;
  /** The date that must stand there now, `YYYY-MM-DD`. */
  readonly from: string;
  readonly to: string;
}

export interface EditedText {
  readonly text: string;
  /** The line of each change, from 1, in the order of the changes. */
  readonly lines: readonly number[];
}

/**
 * Replaces dates in the text of an inventory file: the ten characters of each and nothing else, so that comments, quotes, layout and
 * line ends stay as they were written.
 * @throws InventoryError with every change that cannot be made so, `file:line:column: path: got …; allowed: …; fix: …`
 */
export function editExpiries(file: string, text: string, changes: readonly ExpiryChange[]): EditedText {
  const source = new ExpirySource(file, text);
  const found = changes.map((change) => ({ change, place: source.find(change) }));
  const problems = found.flatMap(({ place }) => ("problem" in place ? [place.problem] : []));
  if (problems.length > 0) throw new InventoryError(problems);
  const edits = found.flatMap(({ change, place }) => ("offset" in place ? [{ ...place, to: change.to }] : []));
  return { text: replaced(text, edits), lines: edits.map(({ line }) => line) };
}

type Place = { readonly offset: number; readonly line: number } | { readonly problem: PlacedProblem };

const DATE_LENGTH = "YYYY-MM-DD".length;

/** A date on its own in one of YAML's ways to write a text, none of which hides a character of it. */
const WRITTEN_OUT = /^(["']?)(\d{4}-\d{2}-\d{2})\1$|^[|>][^\n]*\n\s*(\d{4}-\d{2}-\d{2})\s*$/;

/** Finds dates in the text of an inventory file. */
class ExpirySource {
  private readonly lines = new LineCounter();
  private readonly root: unknown;

  constructor(
    private readonly file: string,
    private readonly text: string,
  ) {
    this.root = parseDocument(text, { version: "1.2", schema: "core", lineCounter: this.lines }).contents;
  }

  find({ pusher, slot, from }: ExpiryChange): Place {
    const path = ["pushers", pusher, "token", "expires"];
    const trail = this.trail(path, slot);
    const shared = trail.find((node) => sharing(node) !== undefined);
    if (shared) return { problem: this.problem(shared, path, sharing(shared)!) };
    const last = trail.at(-1);
    return isScalar(last) ? this.date(last, path, from) : { problem: this.problem(last, path, moved(from)) };
  }

  /** Every node on the way to a slot's date, as far as the text has it. A single date stands where a list would. */
  private trail(path: readonly string[], slot: SlotIndex): Node[] {
    const nodes = [this.root];
    for (const step of path) nodes.push(child(nodes.at(-1), step));
    if (isSeq(nodes.at(-1))) nodes.push(child(nodes.at(-1), slot));
    return nodes.filter(isNode);
  }

  private date(node: Scalar, path: readonly string[], from: string): Place {
    if (node.value !== from) return { problem: this.problem(node, path, moved(from)) };
    const [start, end] = node.range!;
    const written = this.text.slice(start, end);
    if (!WRITTEN_OUT.test(written)) return { problem: this.problem(node, path, hidden(from)) };
    const offset = start + written.lastIndexOf(from);
    return { offset, line: this.lines.linePos(offset).line };
  }

  private problem(node: Node | undefined, path: readonly string[], problem: Problem): PlacedProblem {
    const { line, col } = this.lines.linePos(node?.range?.[0] ?? 0);
    return { place: `${this.file}:${line || 1}:${col || 1}`, at: path.join("."), problem };
  }
}

function child(node: unknown, step: string | number): unknown {
  if (isSeq(node)) return node.items[step as number];
  if (!isMap(node)) return undefined;
  return node.items.find(({ key }) => isScalar(key) && key.value === step)?.value;
}

/** The objection to a value that stands for others as well, or is another's. */
function sharing(node: Node): Problem | undefined {
  const fix = "write the dates out at each pusher, so that one can be rotated without another";
  const allowed = "a value that is one pusher's own";
  if (isAlias(node)) return { got: `the alias *${node.source}`, allowed, fix };
  const { anchor } = node as Scalar;
  return anchor === undefined ? undefined : { got: `the anchor &${anchor}`, allowed, fix };
}

const moved = (from: string): Problem => ({
  got: "another value than a moment ago",
  allowed: from,
  fix: "somebody else edits the file: try again when they are done",
});

const hidden = (from: string): Problem => ({
  got: "a date written with escapes or over several lines",
  allowed: "the ten characters of the date, with or without quotes",
  fix: `write ${from}`,
});

function replaced(text: string, edits: readonly { readonly offset: number; readonly to: string }[]): string {
  const parts: string[] = [];
  let done = 0;
  for (const { offset, to } of [...edits].sort((a, b) => a.offset - b.offset)) {
    parts.push(text.slice(done, offset), to);
    done = offset + DATE_LENGTH;
  }
  return parts.join("") + text.slice(done);
}
