/** The three things every message of this project says: what was got, what is allowed, and the likely fix. */
export interface Problem {
  /** The value as the user wrote it, already quoted or described. Never a token. */
  readonly got: string;
  /** What GitLab or this project accepts here. */
  readonly allowed: string;
  /** The change that most likely makes it right. */
  readonly fix: string;
}

/** A text without the access tokens in it, by GitLab's prefixes: one pasted by mistake must not travel on into a pipeline's log. */
export const withoutTokens = (text: string): string => text.replace(/\bgl[a-z]{2,}-[\w.-]{8,}/g, "[a token]");

/** One line: `got …; allowed: …; fix: …`. */
export const describe = ({ got, allowed, fix }: Problem): string => `got ${got}; allowed: ${allowed}; fix: ${fix}`;
