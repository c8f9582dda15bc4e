/**
 * A text of somebody else's as a terminal or a job's log may show it: without control characters, which can move the cursor, and those
 * that turn the direction of writing. Line ends and tabs stay.
 */
export const printable = (text: string): string => text.replace(/(?![\n\t])[\p{Cc}\p{Cf}]/gu, "");
