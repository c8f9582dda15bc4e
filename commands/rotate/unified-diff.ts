/** Unchanged lines around a change, as every diff shows them. */
const CONTEXT = 3;

/**
 * The change from one text to another with the same lines but for some of their characters, in the format that `patch` and `git apply`
 * read. Empty when nothing changed.
 * @param name of the file, with `/`
 */
export function unifiedDiff(name: string, before: string, after: string): string {
  const [old, current] = [before.split("\n"), after.split("\n")];
  const changed = old.flatMap((line, i) => (line === current[i] ? [] : [i]));
  if (changed.length === 0) return "";
  // The piece after the last line end is no line.
  const lines = old.at(-1) === "" ? old.length - 1 : old.length;
  const hunks = spans(changed, lines).map(([from, to]) => hunk(old, current, from, to));
  return `--- a/${name}\n+++ b/${name}\n${hunks.join("")}`;
}

/** The stretches of lines to show, context included: those that would touch are one. */
function spans(changed: readonly number[], lines: number): [from: number, to: number][] {
  const found: [number, number][] = [];
  for (const line of changed) {
    const [from, to] = [Math.max(0, line - CONTEXT), Math.min(lines, line + CONTEXT + 1)];
    const last = found.at(-1);
    if (last && from <= last[1]) last[1] = to;
    else found.push([from, to]);
  }
  return found;
}

function hunk(old: readonly string[], current: readonly string[], from: number, to: number): string {
  const body: string[] = [];
  for (let i = from; i < to; ) {
    const start = i;
    while (i < to && old[i] !== current[i]) i += 1;
    body.push(...shown("-", old, start, i), ...shown("+", current, start, i));
    if (i < to) body.push(...shown(" ", old, i, i + 1));
    i += 1;
  }
  const range = `${from + 1},${to - from}`;
  return `@@ -${range} +${range} @@\n${body.join("")}`;
}

const shown = (sign: string, lines: readonly string[], from: number, to: number): string[] =>
  lines
    .slice(from, to)
    .map((line, i) => `${sign}${line}\n${from + i === lines.length - 1 ? "\\ No newline at end of file\n" : ""}`);
