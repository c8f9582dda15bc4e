/** The three things every message of this project says: what was got, what is allowed, and the likely fix. */
export interface Problem {
  /** The part that it is about, such as an attribute. @default - the whole */
  readonly of?: string;
  /** The value as the user wrote it, already quoted or described. Never a token. */
  readonly got: string;
  /** The place where no more than that is allowed, `on the free edition`. @default - everywhere */
  readonly where?: string;
  /** That which GitLab or this project accepts here. */
  readonly allowed: string;
  /** The change that most likely makes it right. */
  readonly fix: string;
}

/**
 * The prefixes of GitLab's own tokens; what stands before one may be a letter too, as in `%3Aglpat-…` or `\\nglpat-…`.
 * @see https://docs.gitlab.com/security/tokens/#token-prefixes
 */
const PREFIXES = "glpat|gldt|glrtr|glrt|glcbt|glptt|glft|glimt|glagent|glwt|glsoat|gloas|glffct";

/** Runners' registration tokens all begin so; and tokens of others that people have at hand: GitHub's, AWS's. */
const OTHERS = "GR1348941[\\w-]{8,}|\\b(?:gh[opsru]_\\w{20,}|github_pat_\\w{20,}|AKIA[0-9A-Z]{16}\\b)";

/** At the beginning of a word, as an unknown prefix may be one of GitLab's to come; elsewhere the known ones. */
const TOKEN = new RegExp(`(?:\\bgl[a-z]{2,}|${PREFIXES})-[\\w.-]{8,}|${OTHERS}`, "g");

/** The name and password in an address, whatever its scheme. */
const USER_INFO = /:\/\/(?:[^\s/]+|[^\s/:@]*:(?!\d+\/)\S+)@/g;

/** The same in one without a scheme: `//user:password@host`, `user:password@host/…`. It is looked for once in each run of what a name may hold. */
const BARE_USER_INFO =
  /(?:(?<=^|[\s"'])(?:\/\/)?|(?<=[(=])\/\/|(?<=[/:@][^\s"'/:@(=]*[(=]))[^\s"'/:@]+:[^\s"'/:@]+@(?=[\w-]+(?:\.[\w-]+)*(?:[:/]|$|["']))/g;

/** A token among the parameters of an address. */
const PARAMETER = /\b((?:private|access|job)_token=)[^\s&"']+/gi;

/**
 * A text without the access tokens in it, by GitLab's prefixes, and without the name and password of an address: one pasted by mistake
 * must not travel on into a pipeline's log.
 */
export const withoutTokens = (text: string): string =>
  text
    .replace(/\S+/g, (word) => upToSign(word).replace(USER_INFO, "://[redacted]@") + word.slice(upToSign(word).length))
    .replace(BARE_USER_INFO, "[redacted]@")
    .replace(PARAMETER, "$1[a token]")
    .replace(/[\w.-]+/g, withoutSigned)
    .replace(TOKEN, "[a token]");

/**
 * The beginning of a word that may have a password in it, which ends with an `@`. The rest of a word of a million characters is not searched for a
 * sign that it does not have, from each of its characters on: somebody who answers in GitLab's place would stop a command by it.
 */
const upToSign = (word: string): string => word.slice(0, word.lastIndexOf("@") + 1);

/** A word without the signed tokens (JWT) in it, three parts of which the first begins with `eyJ` somewhere. Each part is looked at once, however long. */
function withoutSigned(word: string): string {
  const parts = word.split(".");
  const told: string[] = [];
  for (let i = 0; i < parts.length; i += 1) {
    const [header = "", payload = "", signature = ""] = parts.slice(i, i + 3);
    const start = payload.length >= 8 && signature !== "" ? header.search(/\beyJ[\w-]{8}/) : -1;
    told.push(start < 0 ? header : `${header.slice(0, start)}[a token]`);
    if (start >= 0) i += 2;
  }
  return told.join(".");
}

/** Words such as `glossary-generator` look like tokens of an unknown kind, and may stay in a text of a person's. */
const SURELY_TOKEN = new RegExp(`(?:${PREFIXES.replace("|glagent", "")})-[\\w.-]{8,}|${OTHERS}`);
const PERHAPS_TOKEN = /\bgl[a-z]{2,}-[\w.-]{16,}/g;
const PASSWORD = /:\/\/[^\s/:@]*:(?!\d+\/)\S+@/;
const hasPassword = (text: string): boolean => text.split(/\s+/).some((word) => PASSWORD.test(upToSign(word)));

/** The kind of secret in a text that must stay with its owner, or undefined. */
export function secretIn(text: string): "a token" | "a password" | undefined {
  if (hasPassword(text) || text.search(BARE_USER_INFO) >= 0) return "a password";
  if (text.search(PARAMETER) >= 0) return "a token";
  const isSigned = text.replace(/[\w.-]+/g, withoutSigned) !== text;
  const isToken = isSigned || SURELY_TOKEN.test(text) || (text.match(PERHAPS_TOKEN) ?? []).some(isRandom);
  return isToken ? "a token" : undefined;
}

/** Tells whether small letters, capitals and digits stand in one run, as in no word. */
const isRandom = (text: string): boolean =>
  (text.match(/[A-Za-z0-9]{16,}/g) ?? []).some((run) => [/[a-z]/, /[A-Z]/, /\d/].every((kind) => kind.test(run)));

/** Letters that fonts draw as nothing: Hangul's fillers, Braille's blank. */
const BLANKS = "\\u115F\\u1160\\u2800\\u3164\\uFFA0";

/** Characters that show nothing, move the cursor, or turn the direction of writing; and halves of a character. */
const UNSEEN = new RegExp(`[${BLANKS}\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}\\p{Noncharacter_Code_Point}]`, "u");
const ALL_UNSEEN = new RegExp(UNSEEN.source, "gu");

/** The first character of a text that nobody sees, and how many characters stand before it; or undefined. */
export function unseenIn(text: string): { readonly character: string; readonly index: number } | undefined {
  const found = UNSEEN.exec(text);
  return found ? { character: codePoint(found[0]), index: [...text.slice(0, found.index)].length } : undefined;
}

/** A text in which whatever nobody sees is written out, `U+202E`. */
export const visible = (text: string): string => text.replace(ALL_UNSEEN, (found) => `[${codePoint(found)}]`);

const codePoint = (character: string): string =>
  `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;

/** Longest text of a user's that is repeated, in characters: a longer one says nothing that its place does not. */
const MOST_QUOTED = 100;

/** A text as a message repeats it: in quotes, on one line, without tokens and passwords. */
export const quoted = (text: string): string =>
  text.length > MOST_QUOTED ? `a text of ${text.length} characters` : visible(JSON.stringify(withoutTokens(text)));

/** Most problems told: nobody reads on, and logs have limits. */
const MOST_TOLD = 100;

/**
 * Problems with their number, each on a line of its own without tokens and what nobody sees; of many the first, and how many more there are.
 * @param where they were found, such as `in the inventory`; @default - not said
 */
export function problemReport(problems: readonly string[], where?: string): string {
  const more = problems.length - MOST_TOLD;
  const told = problems.slice(0, MOST_TOLD).map((problem) => visible(withoutTokens(problem)));
  const lines = [...told, ...(more > 0 ? [`and ${more} more`] : [])];
  const count = `${problems.length} problem${problems.length === 1 ? "" : "s"}`;
  return `${count}${where ? ` ${where}` : ""}, nothing was changed:\n  ${lines.join("\n  ")}`;
}

/** One line: `got …; allowed: …; fix: …`. */
export const describe = ({ of, got, where, allowed, fix }: Problem): string =>
  `${of ? `${of}: ` : ""}got ${got}; allowed${where ? ` ${where}` : ""}: ${allowed}; fix: ${fix}`;
