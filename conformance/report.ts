import { oneLine } from "../gitlab/printable";
import { inOneLine } from "./comparison";
import { type Result, type Run, tally } from "./result";
import type { Secrets } from "./secrets";

export interface Reported extends Readonly<Run> {
  readonly release: string;
  readonly on: Date;
  readonly secrets: Secrets;
  /** Texts of the server's whereabouts and what to say instead; empty: they are shown. */
  readonly hidden: ReadonlyMap<string, string>;
}

/** One line of a result, for a terminal; two more where the answers differ. */
export function lineOf(result: Result, secrets: Secrets): string {
  const head = `${result.verdict.padEnd(9)}  ${result.area.padEnd(14)}  ${result.case.name}`;
  if (result.verdict === "same") return head;
  const more =
    result.verdict === "different"
      ? [`expected ${inOneLine(result.case.expected)}`, `got      ${inOneLine(result.got)}`]
      : [result.why];
  return [head, ...more.map((line) => `           ${oneLine(secrets.redact(line))}`)].join("\n");
}

/** The outcome of a run, in one line. */
export function summaryOf({ results, facts, brokenOff }: Readonly<Run>): string {
  const counts = Object.entries(tally(results)).map(([verdict, count]) => `${count} ${verdict}`);
  return `${counts.join(", ")}; ${serverOf(facts)}${brokenOff === undefined ? "" : "; broken off"}`;
}

const serverOf = (facts: Run["facts"]): string =>
  facts ? `GitLab ${oneLine(facts.version)}, ${facts.edition}` : "a GitLab whose release is unknown";

/** A page of Markdown for those who look after this project: neither a token nor, where that is asked for, where the server is. */
export function reportOf({ release, on, secrets, hidden, ...run }: Reported): string {
  const { results, facts, brokenOff } = run;
  const shown = (text: string): string => {
    const names = [...hidden].sort(([one], [other]) => other.length - one.length);
    return names.reduce((left, [name, instead]) => left.replaceAll(name, instead), oneLine(secrets.redact(text)));
  };
  const different = results.flatMap((result) => (result.verdict === "different" ? [result] : []));
  return [
    `# Conformance of ${shown(serverOf(facts))}${brokenOff === undefined ? "" : ": broken off"}`,
    "",
    `${shown(summaryOf(run))}. gitlab-ci-pusher ${release}, ${on.toISOString().slice(0, 10)}.`,
    "",
    ...(brokenOff === undefined ? [] : [`**Broken off**: ${inCell(shown(brokenOff))}`, ""]),
    ...different.flatMap((result) => [
      `## Different: ${result.area}, ${result.case.name}`,
      "",
      result.case.relies,
      "",
      ...fenced(`expected ${shown(inOneLine(result.case.expected))}`, `got      ${shown(inOneLine(result.got))}`),
      "",
    ]),
    "## All cases",
    "",
    "| | about | what |",
    "| --- | --- | --- |",
    ...results.map((result) => {
      const why = result.verdict === "not tried" ? `: ${inCell(shown(result.why))}` : "";
      return `| ${result.verdict} | ${result.area} | ${inCell(result.case.name)}${why} |`;
    }),
    "",
  ].join("\n");
}

/** Lines as they are: the fence is longer than any in them. */
function fenced(...lines: string[]): string[] {
  const longest = Math.max(2, ...lines.flatMap((line) => [...line.matchAll(/`+/g)].map(([ticks]) => ticks.length)));
  const fence = "`".repeat(longest + 1);
  return [`${fence}text`, ...lines, fence];
}

/** A text of a server's in the page: it neither ends a cell of a table nor is HTML or a link. */
const inCell = (text: string): string =>
  text.replace(/[\\`*_[\]<>|&!]/g, (character) => `&#${character.charCodeAt(0)};`);
