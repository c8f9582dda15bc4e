import { ExpectedError } from "./expected-error";
import { describe } from "./problem";
import { wildcardCovers } from "./wildcard";

/** GitLab's limit for the name of a protected-branch rule, in characters. */
const MAX_LENGTH = 255;

/** What Git itself refuses in a branch name (git-check-ref-format), `*` excepted: there it is GitLab's wildcard. */
const NOT_A_REF = /[\s~^:?[\\\p{Cc}]|\.\.|@\{|\/\/|^[/-]|\/$|\.$|\.lock$|^@$/u;

/**
 * The name of a protected-branch rule: a branch, or a pattern in which `*` stands for any run of characters, `/` and the empty run
 * included. Case-sensitive.
 * @see https://docs.gitlab.com/user/project/repository/branches/protected/
 */
export class BranchPattern {
  private constructor(readonly text: string) {}

  /** @throws ExpectedError when `text` is empty, longer than 255 characters, or could be neither a branch nor a pattern. */
  static parse(text: string): BranchPattern {
    const problem = BranchPattern.problem(text);
    if (problem) throw new ExpectedError(problem);
    return new BranchPattern(text);
  }

  /** Why `text` is no branch pattern, or undefined when it is one. */
  static problem(text: string): string | undefined {
    if (text.length > MAX_LENGTH) {
      return describe({
        got: `${text.length} characters`,
        allowed: `1 to ${MAX_LENGTH}`,
        fix: "shorten the branch name",
      });
    }
    if (text.startsWith("refs/")) {
      return describe({
        got: JSON.stringify(text),
        allowed: "a branch name without refs/heads/",
        fix: `write ${JSON.stringify(text.replace(/^refs\/(heads\/)?/, ""))}`,
      });
    }
    if (text !== "" && !NOT_A_REF.test(text)) return undefined;
    return describe({
      got: JSON.stringify(text),
      allowed: 'a Git branch name, or one with * as wildcard, such as main or "release/*"',
      fix: "write the branch as `git branch` shows it",
    });
  }

  get isWildcard(): boolean {
    return this.text.includes("*");
  }

  /** Whether this rule applies to `branch`. */
  matches(branch: string): boolean {
    return wildcardCovers(this.text, branch);
  }

  /**
   * A second name that GitLab takes for another rule and that matches every branch this one matches: the same set for a wildcard
   * (`release/*` → `release/**`), and for a branch the closest there is (`main` → `mai*n`, which beside `main` only matches names
   * that start with `mai` and end with `n`).
   */
  companion(): string {
    return this.isWildcard ? this.text.replace("*", "**") : `${this.text.slice(0, -1)}*${this.text.slice(-1)}`;
  }
}
