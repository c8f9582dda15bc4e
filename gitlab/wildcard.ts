/**
 * Tells whether a name with `*` covers `text`: any run of characters, `/` and the empty run included; case-sensitive. GitLab reads branch and
 * tag rules and the environment scopes of variables this way. Takes no longer for a pattern that is made to take long.
 * @see https://docs.gitlab.com/user/project/repository/branches/protected/
 */
export function wildcardCovers(pattern: string, text: string): boolean {
  const star = pattern.indexOf("*");
  if (star < 0) return pattern === text;
  // Most patterns are told apart by how they begin.
  if (!text.startsWith(pattern.slice(0, star))) return false;
  const parts = pattern.slice(star + 1).split("*");
  const last = parts.pop() as string;
  const end = text.length - last.length;
  let at = star;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= end && text.endsWith(last);
}
