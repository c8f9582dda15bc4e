import { ExpectedError } from "./expected-error";
import { type Problem, quoted } from "./problem";
import { wildcardCovers } from "./wildcard";
import { writtenTextProblem } from "./written-text";

/** A kind of ref that a rule can be for, in the words of messages. */
interface RefKind {
  readonly word: string;
  readonly prefix: string;
  readonly examples: string;
  readonly shownBy: string;
}

const BRANCH: RefKind = {
  word: "branch",
  prefix: "refs/heads/",
  examples: 'main or "release/*"',
  shownBy: "git branch",
};
const TAG: RefKind = { word: "tag", prefix: "refs/tags/", examples: 'v1.0 or "v*"', shownBy: "git tag" };

/** One less than GitLab's limit for the name of a rule, in characters: a guard's is one longer than that of its branch. */
const MAX_LENGTH = 254;

/** Git keeps each part of a branch's name as a file, which it locks as `<part>.lock`: most file systems allow 255 bytes. */
const MAX_PART_BYTES = 250;

/**
 * Rules by which Git refuses a branch name, `*` excepted: there it is GitLab's wildcard.
 * @see https://git-scm.com/docs/git-check-ref-format
 */
const GIT_RULES: readonly { readonly broken: RegExp; readonly rule: string }[] = [
  { broken: /^$/, rule: "of at least one character" },
  { broken: /[\s~^:?[\\]/, rule: "without blanks and ~ ^ : ? [ \\" },
  { broken: /\.\.|@\{/, rule: "without .. and @{" },
  { broken: /^\/|\/\/|\/$/, rule: "with / between parts only" },
  { broken: /^-/, rule: "that begins with another character than -" },
  { broken: /(?:^|\/)\./, rule: "of which no part begins with a dot" },
  { broken: /\.$/, rule: "that ends with another character than a dot" },
  { broken: /\.lock(?:\/|$)/, rule: "of which no part ends with .lock" },
  { broken: /^(?:@|HEAD)$/, rule: "other than @ and HEAD, which Git takes for something else" },
];

/**
 * The name of a protected-branch or protected-tag rule: a branch or tag, or a pattern in which `*` stands for any run of characters, `/` and the empty run
 * included. Case-sensitive.
 * @see https://docs.gitlab.com/user/project/repository/branches/protected/
 */
export class BranchPattern {
  private constructor(readonly text: string) {}

  /** @throws ExpectedError when `text` is empty, too long, or could be neither a branch nor a pattern. */
  static parse(text: string): BranchPattern {
    return surely(BranchPattern.read(text));
  }

  /** The same for tags. */
  static parseTag(text: string): BranchPattern {
    return surely(BranchPattern.readTag(text));
  }

  /** The pattern that a text is, or why it is none. */
  static read(text: string): BranchPattern | Problem {
    return BranchPattern.problem(text) ?? new BranchPattern(text);
  }

  /** The same for tags. */
  static readTag(text: string): BranchPattern | Problem {
    return BranchPattern.tagProblem(text) ?? new BranchPattern(text);
  }

  /** Says why `text` is no branch pattern, or undefined when it is one. */
  static problem(text: string): Problem | undefined {
    return patternProblem(text, BRANCH);
  }

  /** Says why `text` is no tag pattern, or undefined when it is one. */
  static tagProblem(text: string): Problem | undefined {
    return patternProblem(text, TAG);
  }

  toString(): string {
    return this.text;
  }

  get isWildcard(): boolean {
    return this.text.includes("*");
  }

  /** Tells whether this rule applies to `branch`. */
  matches(branch: string): boolean {
    return wildcardCovers(this.text, branch);
  }

  /**
   * A second name that GitLab takes for another rule and that matches every branch this one matches: the same set for a wildcard
   * (`release/*` → `release/**`), and for a branch the closest there is (`main` → `mai*n`, which beside `main` only matches names
   * that start with `mai` and end with `n`).
   */
  companion(): string {
    if (this.isWildcard) return this.text.replace("*", "**");
    const characters = [...this.text];
    const last = characters.pop();
    return `${characters.join("")}*${last}`;
  }
}

function surely(read: BranchPattern | Problem): BranchPattern {
  if (read instanceof BranchPattern) return read;
  throw new ExpectedError(read);
}

const patternProblem = (text: string, kind: RefKind): Problem | undefined =>
  writtenTextProblem(text) ?? lengthProblem(text, kind) ?? refProblem(text, kind);

function lengthProblem(text: string, { word }: RefKind): Problem | undefined {
  const { length } = [...text];
  if (length > MAX_LENGTH) {
    return {
      got: `${length} characters`,
      allowed: `1 to ${MAX_LENGTH}`,
      fix: `shorten the ${word} name`,
    };
  }
  const bytes = Math.max(...text.split("/").map((part) => Buffer.byteLength(part.replaceAll("*", ""))));
  if (bytes <= MAX_PART_BYTES) return undefined;
  return {
    got: `a part of ${bytes} bytes`,
    allowed: `up to ${MAX_PART_BYTES} bytes between two /, since Git keeps each part as a file`,
    fix: `shorten the ${word} name`,
  };
}

function refProblem(text: string, { word, prefix, examples, shownBy }: RefKind): Problem | undefined {
  if (text.startsWith("refs/")) {
    return {
      got: quoted(text),
      allowed: `a ${word} name without ${prefix}`,
      fix: `write ${quoted(text.replace(text.startsWith(prefix) ? prefix : "refs/", ""))}`,
    };
  }
  const broken = GIT_RULES.find((each) => each.broken.test(text));
  if (!broken) return undefined;
  return {
    got: quoted(text),
    allowed: `a Git ${word} name, or one with * as wildcard, ${broken.rule}, such as ${examples}`,
    fix: `write the ${word} as \`${shownBy}\` shows it`,
  };
}
