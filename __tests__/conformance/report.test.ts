import type { Case } from "../../conformance/case";
import { lineOf, reportOf } from "../../conformance/report";
import type { Result } from "../../conformance/result";
import { Secrets } from "../../conformance/secrets";

const TOKEN = "a-token-of-no-known-form-0123456789";
const secrets = new Secrets();
secrets.add(TOKEN);

const CASE: Case = { name: "is `refused`", relies: "We say so.", steps: async () => undefined, expected: /^a$/ };
const HOSTILE = `\`\`\` ${TOKEN} glpat-abcdefghijklmnopqrst https://git.acme.test/conf/sub |\u202e\u001b[31m\n# no heading`;

const RESULTS: Result[] = [
  { area: "tokens", case: CASE, verdict: "same" },
  { area: "tokens", case: CASE, verdict: "different", got: HOSTILE },
  { area: "states", case: CASE, verdict: "not tried", why: `a project | could not be made: ${HOSTILE} <b>` },
];

const report = (hidden: [string, string][] = [], brokenOff?: string): string =>
  reportOf({
    results: RESULTS,
    brokenOff,
    facts: { version: "18.8.2-ee", edition: "premium", package: "ee" },
    release: "1.0.0",
    on: new Date("2026-11-28T12:00:00Z"),
    secrets,
    hidden: new Map(hidden),
  });

test("GIVEN answers of a hostile server WHEN they are reported THEN no token is in it, and nothing leaves its place", () => {
  const page = report();
  expect(page).toContain("1 same, 1 different, 1 not tried; GitLab 18.8.2-ee, premium");
  for (const bad of [TOKEN, "glpat-", "\u202e", "\u001b"]) expect(page).not.toContain(bad);
  expect(page.split("\n").filter((line) => /^#/.test(line))).toEqual([
    "# Conformance of GitLab 18.8.2-ee, premium",
    "## Different: tokens, is `refused`",
    "## All cases",
  ]);
  // The fence is longer than those in the answer, and closed.
  expect(page.match(/^````(text)?$/gm)).toEqual(["````text", "````"]);
  const rows = page.split("\n").filter((line) => line.startsWith("| not tried"));
  expect(rows).toEqual([expect.not.stringMatching(/<b>|`/)]);
  expect(rows[0]!.match(/\|/g)).toHaveLength(4);
});

test("GIVEN a run that a hostile server's answer broke off WHEN it is reported THEN it says so, and nothing leaves its line", () => {
  const [title, , counts, , end] = report([], `POST /x: got 401 <b> [a](b) ${HOSTILE}`).split("\n");
  expect([title, counts, end]).toEqual([
    "# Conformance of GitLab 18.8.2-ee, premium: broken off",
    expect.stringContaining("; broken off. gitlab-ci-pusher"),
    expect.stringMatching(/^\*\*Broken off\*\*: POST \/x: got 401 &#60;b&#62; [^<`[]*# no heading$/),
  ]);
  expect(end).not.toMatch(/a-token|glpat-/);
});

test("GIVEN what is to be left out WHEN it is reported THEN the longest name goes first", () => {
  const page = report([
    ["conf", "group"],
    ["https://git.acme.test", "https://gitlab.example.com"],
    ["git.acme.test", "gitlab.example.com"],
    ["conf/sub", "group/subgroup"],
  ]);
  expect(page).toContain("https://gitlab.example.com/group/subgroup");
  expect(page).not.toMatch(/acme|conf\//);
});

test("GIVEN a result WHEN it is told THEN in one line, and both answers where they differ", () => {
  const [same, different, notTried] = RESULTS.map((result) => lineOf(result, secrets).split("\n"));
  expect(same).toEqual(["same       tokens          is `refused`"]);
  expect(different).toHaveLength(3);
  expect(different![1]).toBe('           expected "/^a$/"');
  expect(notTried).toHaveLength(2);
});
