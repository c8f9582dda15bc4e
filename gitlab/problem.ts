/** The three things every message of this project says: what was got, what is allowed, and the likely fix. */
export interface Problem {
  /** The value as the user wrote it, already quoted or described. Never a token. */
  readonly got: string;
  /** What GitLab or this project accepts here. */
  readonly allowed: string;
  /** The change that most likely makes it right. */
  readonly fix: string;
}

/**
 * What GitLab's own tokens begin with; what stands before one may be a letter too, as in `%3Aglpat-…` or `\\nglpat-…`.
 * @see https://docs.gitlab.com/security/tokens/#token-prefixes
 */
const PREFIXES = "glpat|gldt|glrtr|glrt|glcbt|glptt|glft|glimt|glagent|glwt|glsoat|gloas|glffct";

/** At the beginning of a word, as an unknown prefix may be one of GitLab's to come; elsewhere the known ones. */
const TOKEN = new RegExp(`(?:\\bgl[a-z]{2,}|${PREFIXES})-[\\w.-]{8,}`, "g");

/** A text without the access tokens in it, by GitLab's prefixes: one pasted by mistake must not travel on into a pipeline's log. */
export const withoutTokens = (text: string): string => text.replace(TOKEN, "[a token]");

/** One line: `got …; allowed: …; fix: …`. */
export const describe = ({ got, allowed, fix }: Problem): string => `got ${got}; allowed: ${allowed}; fix: ${fix}`;
