import { codeSpan, inMarkdown } from "../../../commands/review/markdown";

describe("a line in Markdown", () => {
  test.each([
    ["words", "rule opened: push_access_level maintainer → developer.", undefined],
    ["code, in which nothing is markup", "rule `release/*` of `a/<b>`", undefined],
    ["HTML", "a <!-- b", "a \\<!-- b"],
    ["a link and an image", "![x](http://y)", "!\\[x\\](http://y)"],
    ["a mention", "@all", "\\@all"],
    ["emphasis and tables", "*a* _b_ ~~c~~ | d", "\\*a\\* \\_b\\_ \\~\\~c\\~\\~ \\| d"],
    ["code that is not closed", "`a` b ` c", "`a` b \\` c"],
    ["what escapes", "\\<b>", "\\\\\\<b\\>"],
  ])("GIVEN %s", (_, line, expected) => {
    expect(inMarkdown(line)).toBe(expected ?? line);
  });

  test("GIVEN a name with a backtick THEN it stays in its code", () => {
    expect(codeSpan("a` <b>")).toBe("`a' <b>`");
  });
});
