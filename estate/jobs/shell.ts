/** A simple command of a shell script: its words, quotes gone and `$` kept as written. */
export type ShellCommand = readonly string[];

/** Stands for a `$` that the shell leaves alone: inside single quotes, or escaped. */
const PLAIN_DOLLAR = "\uE000";

/** Words that start a command without being one. */
const LEADING = new Set([
  "if",
  "then",
  "elif",
  "else",
  "do",
  "while",
  "until",
  "!",
  "{",
  "}",
  "time",
  "exec",
  "command",
  "sudo",
]);

/**
 * The simple commands of a script, in the order they are written: branches and loops are read as if everything ran. Enough to find
 * what a job does with git; what it computes (`$(…)`) stays as text.
 */
export function shellCommands(script: string): ShellCommand[] {
  const commands: string[][] = [[]];
  let word: string | undefined;
  const endWord = (): void => {
    if (word !== undefined) commands.at(-1)?.push(word);
    word = undefined;
  };
  const endCommand = (): void => {
    endWord();
    if (commands.at(-1)?.length) commands.push([]);
  };
  const text = withoutHeredocs(script).replace(/\\\r?\n/g, " ");
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] as string;
    if (character === "'") {
      const end = closing(text, at, "'");
      word = (word ?? "") + text.slice(at + 1, end).replaceAll("$", PLAIN_DOLLAR);
      at = end;
    } else if (character === '"') {
      const end = closing(text, at, '"');
      word = (word ?? "") + unescaped(text.slice(at + 1, end));
      at = end;
    } else if (character === "\\") {
      at += 1;
      word = (word ?? "") + (text[at] === "$" ? PLAIN_DOLLAR : (text[at] ?? ""));
    } else if (character === "$" && text[at + 1] === "(") {
      const end = substitutionEnd(text, at + 1);
      word = (word ?? "") + text.slice(at, end + 1);
      at = end;
    } else if (character === "#" && word === undefined) {
      at = lineEnd(text, at) - 1;
    } else if (/\s/.test(character)) {
      if (character === "\n") endCommand();
      else endWord();
    } else if (character === "&" && (text[at - 1] === ">" || text[at + 1] === ">")) {
      word = (word ?? "") + character;
    } else if (/[;&|()]/.test(character)) {
      endCommand();
    } else {
      word = (word ?? "") + character;
    }
  }
  endCommand();
  return commands.map(withoutLeading).filter((command) => command.length > 0);
}

/** Replaces `$NAME` and `${NAME}` by what is known; what is not, and any computed part, stays as it is written. */
export const expand = (word: string, values: ReadonlyMap<string, string>): string =>
  word.replace(/\$(?:(\w+)|\{(\w+)\})/g, (written, bare?: string, braced?: string) => {
    return values.get(bare ?? braced ?? "") ?? written;
  });

/** Whether a word still holds what only the running job knows. */
export const isKnown = (word: string): boolean => !/[$`\uE000]/.test(word);

function closing(text: string, from: number, quote: string): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === "\\" && quote === '"') at += 1;
    else if (quote === '"' && text[at] === "$" && text[at + 1] === "(") at = substitutionEnd(text, at + 1);
    else if (text[at] === quote) return at;
  }
  return text.length;
}

/** Index of the `)` that closes the `(` at `from`. */
function substitutionEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const character = text[at] as string;
    if (character === "'" || character === '"') at = closing(text, at, character);
    if (text[at] === "(") depth += 1;
    if (text[at] === ")") depth -= 1;
    if (depth === 0) return at;
  }
  return text.length;
}

const lineEnd = (text: string, from: number): number => {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
};

const unescaped = (text: string): string =>
  text.replace(/\\([\\"`$])/g, (_, character: string) => (character === "$" ? PLAIN_DOLLAR : character));

/** The texts of `<<EOF` are no commands. */
const withoutHeredocs = (script: string): string =>
  script.replace(/(<<-?\s*(["']?)(\w+)\2[^\n]*\n)[\s\S]*?\n\s*\3[ \t]*(?=\n|$)/g, "$1");

/** Without `if`, `then`, … and without redirections. */
function withoutLeading(command: readonly string[]): ShellCommand {
  let from = 0;
  while (from < command.length && LEADING.has(command[from] as string)) from += 1;
  return withoutRedirections(command.slice(from));
}

function withoutRedirections(words: readonly string[]): ShellCommand {
  const alone = /^\d*&?(>>?|<)$/;
  return words.filter((word, at) => !/^\d*&?(>>?|<)/.test(word) && !alone.test(words[at - 1] ?? ""));
}
