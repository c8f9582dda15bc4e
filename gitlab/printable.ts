/**
 * A text of somebody else's as a terminal or a job's log may show it: without control characters, which can move the cursor, and those
 * that turn the direction of writing or show nothing. Line ends and tabs stay.
 */
export const printable = (text: string): string => text.replace(/(?![\n\t])[\p{Cc}\p{Cf}\u2028\u2029]/gu, "");

/** The same on one line, so that it cannot pass for a line of ours. */
export const oneLine = (text: string): string => printable(text.replace(/[\n\r\t\v\f\u0085\u2028\u2029]+/gu, " "));
