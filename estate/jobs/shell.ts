/** A simple command of a shell script: its words, quotes gone and `$` kept as written. */
export type ShellCommand = readonly string[];

/** Stands for a `$` that the shell leaves alone: inside single quotes, or escaped. */
const PLAIN_DOLLAR = "\uE000";

/** Words that start a command without being one. */
const LEADING = new Set("if then elif else do while until ! { } time exec command sudo".split(" "));

const QUOTED = `'[^']*'|"[^"]*"`;
const NESTED = `\\((?:${QUOTED}|[^()'"])*\\)`;
/** `$(…)`, with one more pair of brackets in it. */
const COMPUTED = `\\$\\((?:${QUOTED}|${NESTED}|[^()'"])*\\)`;

const TOKEN = new RegExp(
  [
    `(?<none>(?<![^\\s;&|()])#[^\\n]*|(?:\\d+|&)?(?:>>?|<)&?[ \\t]*(?:[^\\s;&|()'"<>]|${QUOTED})*|[^\\S\\n]+)`,
    "(?<end>[\\n;&|()])",
    "'(?<single>[^']*)'?",
    `"(?<double>(?:\\\\[\\s\\S]|${COMPUTED}|[^"\\\\])*)"?`,
    "\\\\(?<escaped>[\\s\\S]?)",
    `(?<plain>${COMPUTED}|\`[^\`]*\`?|[^\\s;&|()'"\\\\$\`<>]+|\\$)`,
  ].join("|"),
  "g",
);

/**
 * The simple commands of a script, in the order they are written: branches and loops are read as if everything ran, and what is computed
 * (`$(…)`) stays as text.
 *
 * A reader of our own, because jobs and their logs show pieces of scripts for several shells, which bash-parser and sh-syntax refuse as a
 * whole (and the latter answers later only), while shell-quote takes the end of a line for a blank and `'$X'` for `$X`. unbash reads them
 * all, and can be loaded by ES modules alone, which this program is not on Node 20.9.
 */
export function shellCommands(script: string): ShellCommand[] {
  const commands: string[][] = [[]];
  let word: string | undefined;
  const endWord = (): void => {
    if (word !== undefined) commands.at(-1)?.push(word);
    word = undefined;
  };
  for (const { groups = {} } of withoutHeredocs(script)
    .replace(/\\\r?\n/g, " ")
    .matchAll(TOKEN)) {
    if (groups.none !== undefined) endWord();
    else if (groups.end !== undefined) {
      endWord();
      commands.push([]);
    } else word = (word ?? "") + textOf(groups);
  }
  endWord();
  return commands.map(withoutLeading).filter((command) => command.length > 0);
}

function withoutLeading(command: readonly string[]): ShellCommand {
  const from = command.findIndex((word) => !LEADING.has(word));
  return from < 0 ? [] : command.slice(from);
}

/** A piece of a word, as the shell takes it. */
function textOf({ single, double, escaped, plain = "" }: Readonly<Record<string, string | undefined>>): string {
  if (single !== undefined) return single.replaceAll("$", PLAIN_DOLLAR);
  if (double !== undefined)
    return double.replace(/\\([\\"`$])/g, (_, character: string) => character.replace("$", PLAIN_DOLLAR));
  return escaped?.replace("$", PLAIN_DOLLAR) ?? plain;
}

/** Replaces `$NAME`, `${NAME}`, and `${NAME#*@}` (an address without its login) by what is known; the rest stays as it is written. */
export const expand = (word: string, values: ReadonlyMap<string, string>): string =>
  word.replace(/\$(?:(\w+)|\{(\w+)(##?\*@)?\})/g, (written, bare?: string, braced?: string, cut?: string) => {
    const value = values.get(bare ?? braced ?? "") ?? written;
    return cut && value !== written ? value.slice(value.lastIndexOf("@") + 1) : value;
  });

/** Tells whether a word still holds what only the running job knows. */
export const isKnown = (word: string): boolean => !/[$`\uE000]/.test(word);

/** The texts of `<<EOF` are no commands. */
const withoutHeredocs = (script: string): string =>
  script.replace(/(<<-?\s*(["']?)(\w+)\2[^\n]*\n)[\s\S]*?\n\s*\3[ \t]*(?=\n|$)/g, "$1");
