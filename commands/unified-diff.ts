import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";

/** Unchanged lines around a change, as every diff shows them. */
const CONTEXT = 3;

/** A text and what it is called in a diff. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** The change from one text to another, in the format that `patch` and `git apply` read. Empty when nothing changed. */
export function unifiedDiff(before: NamedText, after: NamedText): string {
  if (before.text === after.text) return "";
  const options = { context: CONTEXT, headerOptions: FILE_HEADERS_ONLY };
  return createTwoFilesPatch(before.name, after.name, before.text, after.text, undefined, undefined, options);
}
