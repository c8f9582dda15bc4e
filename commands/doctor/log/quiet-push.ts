/**
 * Tells whether a command that tries a push several times must have had one accepted, though the log shows only those that were refused. A
 * loop `until git push …` ends with success only; one that counts ends in silence as well when all its tries were lost.
 */
export function wentThroughQuietly(command: string, refused: number): boolean {
  if (/\|\|\s*(?:true|:|echo|exit 0|printf)/.test(command)) return false;
  if (/\buntil\s[^;]*\bpush\b|\bwhile\s+!\s[^;]*\bpush\b/.test(command)) return true;
  const tries = triesOf(command);
  return tries !== undefined && refused < tries && /push\b[^;|]*(?:&&|;\s*then)\s*(?:break|exit 0|exit;)/.test(command);
}

/** The number of times that a `for` loop tries; undefined where that is computed. */
function triesOf(command: string): number | undefined {
  const [, from, to] =
    /\bfor\s+\w+\s+in\s+(?:\$\(seq\s+|`seq\s+|\{)?(\d+)(?:\.\.|\s+)(\d+)(?:\)|`|\})/.exec(command) ?? [];
  if (from !== undefined) return Number(to) - Number(from) + 1;
  const [, count] = /\bfor\s+\w+\s+in\s+\$\(seq\s+(\d+)\)/.exec(command) ?? [];
  if (count !== undefined) return Number(count);
  const [, words] = /\bfor\s+\w+\s+in\s+([\w ]+);/.exec(command) ?? [];
  return words?.trim().split(/\s+/).length;
}
