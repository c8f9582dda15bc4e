/** Control characters, and what has a meaning in names of revisions or patterns. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: Git forbids them
const FORBIDDEN = /[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{/;

/** Tells whether a text may be the full name of a ref, such as `refs/heads/main` (git-check-ref-format). */
export function isRefName(name: string): boolean {
  if (FORBIDDEN.test(name) || name.endsWith(".")) return false;
  const parts = name.split("/");
  return parts.length > 1 && parts.every((part) => part !== "" && !part.startsWith(".") && !part.endsWith(".lock"));
}

/** Tells whether a text may be the name of a branch or a tag. */
export function isBranchName(name: string): boolean {
  return !name.startsWith("-") && isRefName(`refs/heads/${name}`);
}
