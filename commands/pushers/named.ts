import { closest } from "fastest-levenshtein";
import { describe, type Problem } from "../../gitlab/problem";
import type { DeclaredPusher } from "../../inventory/pushers";
import { CommandError, ExitCode } from "../exit-code";

/**
 * The pushers people named, each once: `ID`, or `STACK/ID` where several stacks have that id.
 * @throws CommandError that names every id that is unknown or ambiguous.
 */
export function named(pushers: readonly DeclaredPusher[], ids: readonly string[]): DeclaredPusher[] {
  const found = ids.map((id) => find(pushers, id));
  const problems = found.flatMap((result) => ("got" in result ? [result] : []));
  if (problems.length > 0) {
    const parts = problems.map((problem) => ({ problem }));
    throw new CommandError(problems.map(describe).join("\n"), ExitCode.usage, parts);
  }
  return [...new Set(found as DeclaredPusher[])];
}

function find(pushers: readonly DeclaredPusher[], id: string): DeclaredPusher | Problem {
  const matches = pushers.filter((pusher) => pusher.id === id || pusher.name === id);
  const [only, ...more] = matches;
  if (only && more.length === 0) return only;
  const names = matches.map(({ name }) => name);
  if (only) return { got: id, allowed: names.join(", "), fix: `write ${names[0]}, with the stack` };
  return { got: `the unknown pusher ${JSON.stringify(id)}`, ...known(pushers, id) };
}

function known(pushers: readonly DeclaredPusher[], id: string): { allowed: string; fix: string } {
  const names = pushers.map((pusher) => (id.includes("/") ? pusher.name : pusher.id));
  if (names.length === 0) return { allowed: "a pusher of the inventory, which has none", fix: "add one" };
  return { allowed: "an id of the inventory, or STACK/ID", fix: `write ${closest(id, names)}` };
}
