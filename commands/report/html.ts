/** The possible contents of a piece of a page. Undefined shows nothing. */
export type Content = Html | string | number | undefined | readonly Content[];

/** A piece of a page, in which whatever came from outside is escaped. */
export class Html {
  private constructor(readonly text: string) {}

  /** A text that is code of our own: what is in it is not escaped. */
  static code(text: string): Html {
    return new Html(text);
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};

/** Writes a piece of a page: what is put into it is escaped, in texts and in quoted attributes alike. */
export const html = (code: TemplateStringsArray, ...contents: readonly Content[]): Html =>
  Html.code(code.map((text, index) => `${text}${textOf(contents[index])}`).join(""));

function textOf(content: Content): string {
  if (content === undefined) return "";
  if (content instanceof Html) return content.text;
  if (typeof content === "object") return content.map(textOf).join("");
  return String(content).replace(/[&<>"'`]/g, (found) => ESCAPES[found]!);
}

/** A name from GitLab: it may be written from right to left, and turns nothing round that stands beside it. */
export const name = (text: string): Html => html`<bdi>${text}</bdi>`;

/** Names in a row; of many the first, and how many more there are. */
export const names = (all: readonly string[], most: number): Html =>
  html`${all.slice(0, most).map((each, index) => html`${index > 0 ? ", " : ""}${name(each)}`)}${all.length > most ? ` and ${all.length - most} more` : ""}`;
