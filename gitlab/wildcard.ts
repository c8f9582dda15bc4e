/**
 * Whether a name with `*` covers `text`: any run of characters, `/` and the empty run included; case-sensitive. GitLab reads branch and
 * tag rules and the environment scopes of variables this way.
 * @see https://docs.gitlab.com/user/project/repository/branches/protected/
 */
export function wildcardCovers(pattern: string, text: string): boolean {
  if (!pattern.includes("*")) return pattern === text;
  const literals = pattern.split("*").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${literals.join("[^]*")}$`).test(text);
}
