import { verdictOf } from "../../bench/push-verdict";

const ended = (stderr: string, code: number | null = 1) => ({ code, stdout: "", stderr });

test.each([
  ["done", ended("", 0)],
  ["done", ended("remote: You are not allowed to worry", 0)],
  ["raced", ended(" ! [rejected]        HEAD -> main (fetch first)\nerror: failed to push some refs")],
  ["raced", ended(" ! [rejected]        HEAD -> main (non-fast-forward)")],
  ["raced", ended(" ! [remote rejected] HEAD -> main (cannot lock ref 'refs/heads/main': is at 1 but expected 2)")],
  ["raced", ended(" ! [remote rejected] HEAD -> main (incorrect old value provided)")],
  ["refused", ended("remote: HTTP Basic: Access denied.\nfatal: Authentication failed for 'http://127.0.0.1/x.git/'")],
  ["refused", ended("remote: You are not allowed to push code to this project.\nfatal: unable to access: 403")],
  // The token died between the two requests of one push.
  ["refused", ended("error: RPC failed; HTTP 401 curl 22 The requested URL returned error: 401")],
])("%s", (verdict, finished) => {
  expect(verdictOf(finished)).toBe(verdict);
});

test.each([
  ["a broken server", ended("fatal: unable to access 'http://127.0.0.1/': The requested URL returned error: 500", 128)],
  ["a killed git", ended("", null)],
  ["a conflict", ended("CONFLICT (content): Merge conflict in file.txt")],
])("%s is no verdict: git's own words are thrown", (_, finished) => {
  expect(() => verdictOf(finished)).toThrow(
    `git ended with ${finished.code}, neither for its credential nor for another's push:\n${finished.stderr}`,
  );
});
