import { describe } from "./problem";

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

  /** @throws Error when `text` is empty, longer than 255 characters, or could be neither a branch nor a pattern. */
  static parse(text: string): BranchPattern {
    const problem = BranchPattern.problem(text);
    if (problem) throw new Error(problem);
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
    if (!this.isWildcard) return this.text === branch;
    const literals = this.text.split("*").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
    return new RegExp(`^${literals.join("[^]*")}$`).test(branch);
  }

  /** Whether some branch could fall under both rules. */
  overlaps(other: BranchPattern): boolean {
    if (!other.isWildcard) return this.matches(other.text);
    if (!this.isWildcard) return other.matches(this.text);
    return wildcardsMeet(this.text, other.text);
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

/** Two wildcard patterns meet unless the characters before their first `*`, or after their last, contradict each other. */
function wildcardsMeet(a: string, b: string): boolean {
  const prefix = (text: string) => text.slice(0, text.indexOf("*"));
  const suffix = (text: string) => text.slice(text.lastIndexOf("*") + 1);
  const [headA, headB, tailA, tailB] = [prefix(a), prefix(b), suffix(a), suffix(b)];
  return (headA.startsWith(headB) || headB.startsWith(headA)) && (tailA.endsWith(tailB) || tailB.endsWith(tailA));
}
