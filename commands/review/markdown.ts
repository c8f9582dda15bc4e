/** A text as Markdown's code. */
export const codeSpan = (text: string): string => `\`${text.replaceAll("`", "'")}\``;

/** Characters that GitLab's Markdown makes more of: HTML, links, images, emphasis, tables, mentions, code that is not closed. */
const SPECIAL = /[\\`<>[\]|*~@&]|(?<!\w)_|_(?!\w)/g;

/** A line with code in it as Markdown that shows it letter for letter: what is outside the code is escaped. */
export const inMarkdown = (line: string): string =>
  line
    .split(/(`[^`]*`)/)
    .map((part, i) => (i % 2 === 1 ? part : part.replace(SPECIAL, "\\$&")))
    .join("");
