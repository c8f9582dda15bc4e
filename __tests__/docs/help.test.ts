import { readFileSync } from "node:fs";
import * as path from "node:path";

const read = (file: string): string => readFileSync(path.join(__dirname, "../..", file), "utf8");
const HELP = read("help");

/** The causes of a refused push, in the order in which help lists them. */
const causes = [...HELP.matchAll(/^ {4}\d\. (.*)$/gm)].map((match) => match[1]!);

describe("help", () => {
  test("on a refused push names the empty variable first, as it looks like a bad token (trap 9)", () => {
    expect(causes[0]).toMatch(/^HTTP 401 .*the variable is empty \(protected variable, unprotected branch\)/);
  });

  test.each([
    ["a job token or a low role", /^HTTP 403 .*job token.*role/],
    ["a rule", /^pre-receive hook .*most permissive of all matching rules/],
    ["a faster job", /^fetch first .*rebase/],
    ["a detached checkout", /^src refspec .*push HEAD:<branch>/],
    ["a shallow clone", /^shallow update .*GIT_DEPTH: 0/],
  ])("tells %s apart from a missing right (trap 15)", (_, pattern) => {
    expect(causes.filter((cause) => pattern.test(cause))).toHaveLength(1);
  });

  test("names no npm script that does not exist", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const named = [...HELP.matchAll(/npm (?:run(?: -s)? )?(\w+)/g)].map((match) => match[1]!);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
    expect(named.length).toBeGreaterThan(3);
  });
});
