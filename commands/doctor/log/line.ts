import { type Place, PlaceReader } from "./place";

/** One line of a job's log, without what runners, pages, terminals and tools put around it. */
export interface LogLine {
  /** In the file, from 1. */
  readonly number: number;
  readonly text: string;
  /** The command that this line shows before it runs: no output of anything. */
  readonly command?: string;
  readonly place: Place;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is taken out
const ESCAPES = /\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][A-Z0-9]/g;
/** The same where a copy has lost the character that begins them. */
const LOST_ESCAPES = /(?:␛|\^\[|\\e|\\033|\\x1b|\\u001b)?\[(?:\d{1,3}(?:;\d{1,3})*;?)?[mK]/g;
const SECTION = /section_(start|end):\d+:([\w.-]+)(?:\[[^\]]*\])?/g;
/** Runner 17 and later: the time, the stream, and whether the line goes on with the one before. */
const RUNNER_STAMP = /^\d{4}-\d\d-\d\dT[\d:.]+Z \d\d[OE]([+ ]?)/;
const STAMPS =
  /^\s*(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z| ?[+-]\d\d:?\d\d)?\]?|\[?\d{1,2}:\d\d:\d\d(?:[.,]\d+)?(?: [AP]M)?\]?)(?=\s)(?: \d\d[OE][+ ]?)?/;

/** The lines of a log, whether it was downloaded, printed by a tool or copied from GitLab's page. */
export function logLines(text: string): LogLine[] {
  const places = new PlaceReader();
  const read: LogLine[] = [];
  let echoing = false;
  for (const { number, text: whole } of withoutNumbers(withoutQuotes(joined(text)))) {
    const sections = [...whole.matchAll(SECTION)].map(([, edge, name]) => ({ edge, name: name as string }));
    for (const { edge, name } of sections) if (edge === "start") places.section(name);
    // A runner shows a command in bold green, to its last line.
    const green = whole.lastIndexOf("\u001b[32;1m");
    const begins = green >= 0 && /^\$ /.test(withoutEscapes(whole.slice(green)));
    const inside = echoing;
    if (begins) echoing = true;
    if (echoing && whole.lastIndexOf("\u001b[0;m") > green) echoing = false;
    const previous = read.at(-1);
    const parts = partsOf(whole).filter((part) => part !== "");
    const [first = ""] = parts;
    const shown = inside || begins ? first.replace(/^\$ /, "") : commandIn(first, previous, isIndented(whole));
    if (shown !== undefined) {
      places.command();
      read.push({ number, text: first, command: shown, place: places.place });
      continue;
    }
    for (const part of parts) {
      places.output(part);
      read.push({ number, text: part, place: places.place });
    }
  }
  return read;
}

/** Longest piece of a line that is looked at, in characters. */
const MOST_READ = 8000;

interface RawLine {
  readonly number: number;
  readonly text: string;
}

/** Lines that a runner had to cut in two are one again. */
function joined(text: string): RawLine[] {
  const lines: { number: number; text: string }[] = [];
  text.split("\n").forEach((raw, index) => {
    const [stamp, goesOn] = RUNNER_STAMP.exec(raw) ?? [""];
    const previous = lines.at(-1);
    if (goesOn === "+" && previous) previous.text = `${previous.text.replace(/\r$/, "")}${raw.slice(stamp.length)}`;
    else lines.push({ number: index + 1, text: raw.slice(stamp.length) });
  });
  return lines;
}

/** The lines in a line: what a terminal overwrites (`\r`) and what a program quotes (`\n` in a text of its own) are some too. */
function partsOf(whole: string): string[] {
  const plain = withoutEscapes(whole).replace(SECTION, "\r");
  return plain.split("\r").flatMap((part) => {
    const text = withoutPrefix(part.slice(0, MOST_READ));
    return /^\$ |^\+ /.test(text) || !/\\n/.test(text) ? [text] : text.split("\\n").map(unquoted);
  });
}

/** Git's advice shows commands like a block of text; what a shell shows begins the line. */
function isIndented(whole: string): boolean {
  let text = withoutEscapes(whole);
  while (STAMPS.test(text)) text = text.replace(STAMPS, "");
  return /^(?: {2}|\s*\t)/.test(text);
}

const withoutEscapes = (text: string): string => text.replace(ESCAPES, "").replace(LOST_ESCAPES, "");

/** The prefixes that Maven, npm, lerna and BuildKit put before each line of what they ran. */
const TOOLS =
  /^(?:\[(?:ERROR|INFO|WARN(?:ING)?|DEBUG)\]\s*|(?:npm|lerna|pnpm) (?:ERR!|error)(?: lerna)?\s+|#\d+ \d+\.\d+ )+/;

/** A name that a script or Terraform's local-exec puts before what Git says. */
const OWN_NAME = /^(?:\[[^\]]{1,40}\]|[^\s(]{1,80} \([\w-]+-exec\):)\s+(?=remote: |To |! \[|error: |fatal: |git )/;

/** Without time stamps, the `[name] ›` of tools, the `job >` of gitlab-ci-local, and the quotes of a stack trace. */
function withoutPrefix(part: string): string {
  let text = part;
  while (STAMPS.test(text)) text = text.replace(STAMPS, "");
  text = text
    .trim()
    .replace(TOOLS, "")
    .replace(/^git(?:\.exe)? : /, "");
  text = text
    .replace(OWN_NAME, "")
    .replace(/^(?:\[[^\]]{1,40}\]\s+)*[›✘✖×▶•]+\s*/u, "")
    .replace(/^(?:[\w.:/-]{1,60} > )(?=\S)/, "");
  return unquoted(text);
}

const unquoted = (text: string): string =>
  text
    .trim()
    .replace(/^"?(?:stderr|stdout|message|shortMessage|output)"?: /, "")
    .replace(/^['"`](?=.*(?:remote:|! \[|fatal:|error:|To ))(.*?)(?:\\n)?['"`]?(?: \+|,)?$/, "$1")
    .trim();

const GIT_OWN = /^(?:remote|hint|error|fatal|warning|push|To|From)\b/;
const SHELL_WORDS =
  /^(?:echo|printf|if|elif|then|else|fi|do|done|for|while|until|case|esac|test|exit|git|export|grep|curl|cd) |^(?:\[|\{|\}|fi|done|then|else|esac|\|\||&&|;;)(?: |;|$)/;

/** The form in which PowerShell quotes the command behind an error stream, among the lines of that stream. */
const QUOTED_BY_POWERSHELL = /^\+ (?:~+$|CategoryInfo|FullyQualifiedErrorId)/;
const PLACE_IN_POWERSHELL = /^At (?:line:\d+|.*:\d+) char:\d+$/;

/** The form in which BuildKit shows a step of a Dockerfile. */
const IN_BUILDKIT = /^#\d+ \[[^\]]+\] RUN (.*)$/;

/** The command that a line shows: of a runner, of `set -x`, or at a prompt; undefined for output. */
function commandIn(text: string, previous: LogLine | undefined, indented: boolean): string | undefined {
  if (QUOTED_BY_POWERSHELL.test(text) || PLACE_IN_POWERSHELL.test(previous?.text ?? "")) return undefined;
  const traced = /^\++ (?![0-9a-f]{4,64}\.{2,3}[0-9a-f])(?:[\w./-]+:\d+: )?(.*)$/.exec(text) ?? IN_BUILDKIT.exec(text);
  if (traced) return traced[1];
  if (GIT_OWN.test(text)) return undefined;
  const prompted =
    /^(?:[^"'$]{0,80}\$ |PS [^>]{0,120}> ?|[A-Z]:\\[^>]{0,120}>|> (?!remote:|error:|fatal:|! \[|To |Task :|[\w.$]+(?:Exception|Error): )|[\w.@:~/\\ -]{1,80}[#%>] (?=git )|(?:[\w.-]+@[\w.-]+:)?[~/][\w./~-]* ?[#%] )(\S.*)$/.exec(
      text,
    );
  if (prompted) return prompted[1];
  if (/# collapsed multi-line command$/.test(text)) return text;
  if (!indented && /^git (?:push|commit|pull|fetch|clone|tag|add|remote|checkout|rebase|config) /.test(text))
    return text;
  const goesOn = previous?.command !== undefined && SHELL_WORDS.test(text) && !/^git: /.test(text);
  return goesOn ? text : undefined;
}

/** Takes away what an issue or a mail puts before each line of a log that it quotes. */
function withoutQuotes(lines: readonly RawLine[]): readonly RawLine[] {
  const said = lines.filter(({ text }) => text.trim() !== "");
  const quoted = said.length > 0 && said.every(({ text }) => /^\s*[>|]/.test(text));
  return quoted ? lines.map((line) => ({ ...line, text: line.text.replace(/^\s*[>|] ?/, "") })) : lines;
}

/** Takes away what a page's copy begins each line with: numbers that only grow. */
function withoutNumbers(lines: readonly RawLine[]): RawLine[] {
  const counted = lines.filter(({ text }) => text.trim() !== "" && !/^\s*\d\d:\d\d\s*$/.test(text));
  // The first number may stand before digits of the text, a clock's say.
  const tries = [1, 2, 3, 4, 5, 6].map((digits) => unnumbered(lines, digits));
  const best = tries.reduce((a, b) => (b.count + b.steps > a.count + a.steps ? b : a));
  if (best.count >= 2 && best.count * 10 >= counted.length * 6) return best.lines;
  return lines.map((line) => ({ ...line, text: line.text.replace(STRAY_NUMBER, "") }));
}

/** A number before what a runner or Git begins a line with. */
const STRAY_NUMBER =
  /^\d{1,6}\s?(?=\s*(?:\d{1,2}:\d\d:\d\d |\$ |remote: |! \[|error: |fatal: |ERROR: |push: |hint: |To \S+[:/]|Job succeeded))/;

/** The lines without their numbers, of which the first has so many digits; how many lines had one, and how many the very next one. */
function unnumbered(lines: readonly RawLine[], digits: number): { lines: RawLine[]; count: number; steps: number } {
  let last = 0;
  let count = 0;
  let steps = 0;
  const stripped = lines.map((line) => {
    const next = numberAbove(last, withoutEscapes(line.text), count === 0 ? digits : 1);
    if (next === undefined) return line;
    if (next.value === last + 1) steps += 1;
    last = next.value;
    count += 1;
    return { ...line, text: next.rest };
  });
  return { lines: stripped, count, steps };
}

/** The smallest number above another that a line begins with, of so many digits or more; a text may begin with digits of its own. */
function numberAbove(last: number, text: string, least: number): { value: number; rest: string } | undefined {
  const [, blank = "", digits] = /^(\s*)(\d{1,9})/.exec(text) ?? [];
  if (digits === undefined || STAMPS.test(text)) return undefined;
  for (let length = least; length <= digits.length; length += 1) {
    const value = Number(digits.slice(0, length));
    if (value > last) return { value, rest: text.slice(blank.length + length) };
  }
  return undefined;
}
