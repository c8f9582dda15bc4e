/** Tells whether two texts differ by their line ends alone, as Git changes them in a checkout on Windows. */
export const isSameText = (one: string, other: string): boolean => withLineEnds(one) === withLineEnds(other);

/** A text with the line ends of another one. @param like whose first line counts; @default - `\n` */
export const withLineEnds = (text: string, like = ""): string =>
  text.replace(/\r?\n/g, /^[^\n]*\r\n/.test(like) ? "\r\n" : "\n");
