import { spawnSync } from "node:child_process";
import { isBranchName, isRefName } from "../../../sandbox/git/ref-name";

test.each([
  "refs/heads/main",
  "refs/heads/release/1.0",
  "refs/heads/é-日",
  "refs/heads/@",
  "refs/heads/a@b",
  "refs/heads/{x}",
  "refs/heads/a$b%c'd\"e",
  "refs/heads/-x",
  "refs/heads/x.locked",
  "main",
  "",
  "refs/heads/",
  "/refs/heads/a",
  "refs/heads//a",
  "refs/heads/.a",
  "refs/heads/a/.b",
  "refs/heads/a.lock",
  "refs/heads/a.lock/b",
  "refs/heads/a..b",
  "refs/heads/a.",
  "refs/heads/a./b",
  "refs/heads/a b",
  "refs/heads/a~1",
  "refs/heads/a^",
  "refs/heads/a:b",
  "refs/heads/a?",
  "refs/heads/a*",
  "refs/heads/a[b",
  "refs/heads/a]b",
  "refs/heads/a\\b",
  "refs/heads/a@{1}",
  "refs/heads/a\tb",
  "refs/heads/a\nb",
  "refs/heads/a\u007fb",
])("GIVEN %j THEN it is the name of a ref exactly when Git takes it for one", (name) => {
  expect(isRefName(name)).toBe(spawnSync("git", ["check-ref-format", name]).status === 0);
});

test.each([
  ["main", true],
  ["-x", false],
  ["a..b", false],
])("GIVEN %j THEN as a branch's name it is %s", (name, expected) => {
  expect(isBranchName(name)).toBe(expected);
});
