import { redact } from "./redact";

type Environment = Readonly<Record<string, string | undefined>>;

/** The place where a command's texts end up. */
export interface Sink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** The exit that commands write through: what comes from GitLab, Git or Terraform gets out only this way. */
export interface Output {
  /** Tells whether a person sits there. */
  readonly isTTY: boolean;
  /** The number of characters of the terminal's lines; undefined where there is none, so that what is piped is laid out alike everywhere. */
  readonly columns: number | undefined;
  /** Writes a text for people, printable and without credentials. Whatever {@link shown} was not told of ends here. */
  write(text: string): void;
  /** Writes a value for programs, as JSON on one line, with what cannot be printed escaped and without credentials. */
  json(value: unknown): void;
}

/** @param environment where the credentials are; @default - the process's */
export function output(sink: Sink, environment: Environment = process.env): Output {
  return {
    get isTTY() {
      return sink.isTTY === true;
    },
    get columns() {
      return sink.isTTY ? sink.columns || undefined : undefined;
    },
    write: (text) => void sink.write(redact(visible(text, sink.isTTY === true), environment)),
    json: (value) => void sink.write(`${jsonLine(value, environment)}\n`),
  };
}

/** A terminal, by the lines that are typed there and the texts that are shown. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & Sink;
}

/** That of the process, for questions. */
export const processTerminal: Terminal = {
  get input() {
    return process.stdin;
  },
  output: process.stderr,
};

/** Those of the process. */
export const stdout = output(process.stdout);
export const stderr = output(process.stderr);

/** Colours and weights that the commands use; none of them hides a text. */
const COLOR = `${String.fromCharCode(0x1b)}\\[(?:[012]|22|3[1-6]|39)m`;

const COLOR_OR_UNPRINTABLE = new RegExp(`${COLOR}|(?!\\r?\\n|\\t)[\\p{Cc}\\p{Cf}\\u2028\\u2029]`, "gu");

const visible = (text: string, isColored: boolean): string =>
  text.replace(COLOR_OR_UNPRINTABLE, (found) => (isColored && found.length > 2 ? found : ""));

function jsonLine(value: unknown, environment: Environment): string {
  const text = JSON.stringify(value, (_, each) => (typeof each === "string" ? redact(each, environment) : each));
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, escaped);
}

/** As JSON escapes what is in a text: by UTF-16's units. */
const escaped = (character: string): string =>
  character
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
