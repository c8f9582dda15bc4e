import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { devNull, tmpdir } from "node:os";
import * as path from "node:path";
import { commitOf, EMPTY_TREE, type GitObject, idOf, pushRequest, readReport } from "../../bench/raw-push";

const REF = "refs/heads/main";
const NOTHING = "0".repeat(40);

describe("a push without the git program, to the real git receive-pack", () => {
  let repository: string;
  beforeEach(() => {
    repository = mkdtempSync(path.join(tmpdir(), "raw-push-"));
    git("init", "--quiet", "--bare", "--initial-branch=main", ".");
    expect(push(NOTHING, first).outcome).toBe("accepted");
  });
  afterEach(() => rmSync(repository, { recursive: true, force: true }));

  const first = commitOf("first");

  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: repository, encoding: "utf8", env: environment }).trim();
  const environment = { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: devNull, LC_ALL: "C" };

  function push(old: string, commit: GitObject) {
    const input = pushRequest({ ref: REF, old, new: idOf(commit) }, [commit, EMPTY_TREE]);
    const options = { cwd: repository, input, env: environment };
    return readReport(execFileSync("git-receive-pack", ["--stateless-rpc", "."], options));
  }

  function hook(script: string): void {
    writeFileSync(path.join(repository, "hooks", "pre-receive"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  test("its objects have Git's ids and are whole", () => {
    expect(git("rev-parse", REF)).toBe(idOf(first));
    expect(git("fsck", "--strict", "--no-dangling")).toBe("");
    expect(idOf(EMPTY_TREE)).toBe("4b825dc642cb6eb9a060e54bf8d69288fbee4904");
  });

  test.each([
    ["on top of the branch", idOf(first), 2],
    ["over the branch", undefined, 1],
    ["with a message of many bytes", idOf(first), 2],
  ])("is accepted %s", (title, parent, commits) => {
    const commit = commitOf(title === "with a message of many bytes" ? "x".repeat(70_000) : "second", parent);
    expect(push(idOf(first), commit)).toEqual({ outcome: "accepted", remote: "" });
    expect(git("rev-list", "--count", REF)).toBe(String(commits));
  });

  test("is refused by a hook that says what GitLab says", () => {
    hook("echo 'GitLab: You are not allowed to push code to protected branches on this project.' >&2; exit 1");
    const { outcome, remote } = push(idOf(first), commitOf("second", idOf(first)));
    expect([outcome, remote]).toEqual([
      "refused",
      "GitLab: You are not allowed to push code to protected branches on this project.",
    ]);
    expect(git("rev-parse", REF)).toBe(idOf(first));
  });

  test("is overtaken when the branch is elsewhere, which is found only after the hooks let it in", () => {
    const other = commitOf("other", idOf(first));
    expect(push(idOf(first), other).outcome).toBe("accepted");
    expect(push(idOf(first), commitOf("second", idOf(first))).outcome).toBe("overtaken");
    hook("echo 'GitLab: You are not allowed to push.' >&2; exit 1");
    expect(push(idOf(first), commitOf("second", idOf(first))).outcome).toBe("refused");
    expect(git("rev-parse", REF)).toBe(idOf(other));
  });

  test("throws on any other answer, in the server's words", () => {
    hook("echo 'the disk is full' >&2; exit 1");
    expect(() => push(idOf(first), commitOf("second", idOf(first)))).toThrow(/by the branch rules; got .*disk is full/);
    expect(() => readReport(Buffer.from("<html>"))).toThrow(/expected a packet line; got <html>/);
  });
});
