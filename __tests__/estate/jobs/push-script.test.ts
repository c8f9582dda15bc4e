import { mentions, pushesIn, type ScriptPush } from "../../../estate/jobs/push-script";
import { shellCommands } from "../../../estate/jobs/shell";

const VARIABLES = new Map([
  ["CI_PROJECT_PATH", "xlink/shop"],
  ["CI_COMMIT_REF_NAME", "main"],
  ["CI_SERVER_HOST", "gitlab.example.com"],
  ["CI_REPOSITORY_URL", "https://gitlab-ci-token:$CI_JOB_TOKEN@gitlab.example.com/xlink/shop.git"],
]);

const pushes = (script: string, checkout = true) =>
  pushesIn(script, { project: "xlink/shop", variables: VARIABLES, checkout });

/** The only push of a script, as far as a row of the table tells it. */
const push = (script: string, expected: Partial<ScriptPush>): Partial<ScriptPush> => {
  const found = pushes(script);
  expect(found).toHaveLength(1);
  return Object.fromEntries(Object.keys(expected).map((key) => [key, found[0]?.[key as keyof ScriptPush]]));
};

describe("the shell's simple commands", () => {
  test.each<[string, string[][]]>([
    [
      "git push; echo done",
      [
        ["git", "push"],
        ["echo", "done"],
      ],
    ],
    ["a && b || c | d & e", [["a"], ["b"], ["c"], ["d"], ["e"]]],
    ["if a; then b; else c; fi", [["a"], ["b"], ["c"], ["fi"]]],
    ["echo 'a; b' \"c && d\" e\\ f", [["echo", "a; b", "c && d", "e f"]]],
    ["git \\\n  push origin", [["git", "push", "origin"]]],
    ["a # git push\nb", [["a"], ["b"]]],
    ["echo a#b", [["echo", "a#b"]]],
    ["x=$(git rev-parse HEAD; echo) y", [["x=$(git rev-parse HEAD; echo)", "y"]]],
    ['echo "$(echo ")")" z', [["echo", '$(echo ")")', "z"]]],
    ["cat <<EOF\ngit push\nEOF\ndone", [["cat"], ["done"]]],
    ["a > out 2>&1 b &>x", [["a", "b"]]],
    ["echo \"\\$HOME\" '$HOME' $HOME", [["echo", "\uE000HOME", "\uE000HOME", "$HOME"]]],
    ["", []],
    ["'unclosed", [["unclosed"]]],
    ["a >out; b<in", [["a"], ["b"]]],
    ["a `b c` d", [["a", "`b c`", "d"]]],
  ])("%j", (script, commands) => {
    expect(shellCommands(script)).toEqual(commands);
  });
});

describe("what a script pushes", () => {
  test.each<[string, string, Partial<ScriptPush>]>([
    [
      "the runner's origin",
      "git push origin HEAD:main",
      {
        credential: { kind: "job-token" },
        project: "xlink/shop",
        branch: "main",
        detached: true,
        repository: "checkout",
        qualified: false,
      },
    ],
    [
      "the first article",
      'git remote set-url origin "https://gitlab-ci-token:${GITLAB_PUSHER_TOKEN}@${CI_SERVER_HOST}/${CI_PROJECT_PATH}.git"\ngit push origin "HEAD:$CI_COMMIT_REF_NAME"',
      {
        credential: { kind: "variable", key: "GITLAB_PUSHER_TOKEN", user: "gitlab-ci-token" },
        project: "xlink/shop",
        branch: "main",
      },
    ],
    [
      "the second article",
      'git remote add deploy "https://oauth2:${GITLAB_ACCESS_TOKEN}@gitlab.example.com/target/project.git"\ngit push deploy HEAD:main',
      {
        credential: { kind: "variable", key: "GITLAB_ACCESS_TOKEN", user: "oauth2" },
        project: "target/project",
        branch: "main",
      },
    ],
    [
      "an address at the push",
      "git push https://x:$T@h/a/b HEAD:refs/heads/x",
      { credential: { kind: "variable", key: "T", user: "x" }, project: "a/b", branch: "x", qualified: true },
    ],
    [
      "a variable named after another",
      "TOKEN=$SECRET\ngit push https://x:${TOKEN}@h/a/b.git HEAD:x",
      { credential: { kind: "variable", key: "SECRET", user: "x" } },
    ],
    [
      "CI_REPOSITORY_URL",
      "git push $CI_REPOSITORY_URL HEAD:x",
      { credential: { kind: "job-token", user: "gitlab-ci-token" }, project: "xlink/shop" },
    ],
    [
      "another password in CI_REPOSITORY_URL",
      'git push "https://bot:${T}@${CI_REPOSITORY_URL#*@}" HEAD:x',
      { credential: { kind: "variable", key: "T", user: "bot" }, project: "xlink/shop", host: "gitlab.example.com" },
    ],
    ["no password", "git push https://gitlab-ci-token@h/a/b.git HEAD:x", { credential: { kind: "none" } }],
    ["an address without anybody", "git push https://h/a/b.git HEAD:x", { credential: { kind: "none" } }],
    [
      "a helper for it",
      "git config --global credential.helper store\ngit push https://h/a/b.git HEAD:x",
      { credential: { kind: "helper" }, project: "a/b" },
    ],
    [
      "a header",
      'git -c http.extraHeader="Authorization: Basic $B" push https://h/a/b.git HEAD:x',
      { credential: { kind: "helper" } },
    ],
    [
      "a literal",
      "git push https://x:glpat-0123456789@h/a/b.git HEAD:x",
      { credential: { kind: "other", what: "a literal password in the script" } },
    ],
    ["SSH", "git push git@h:a/b.git HEAD:x", { credential: { kind: "other", what: "SSH" }, project: undefined }],
    ["a remote nobody made", "git push upstream HEAD:x", { project: undefined, branch: "x" }],
    ["a name", "git push origin main", { bare: true, branch: "main", detached: true }],
    ["HEAD alone", "git push origin HEAD", { bare: true, branch: undefined }],
    ["nothing", "git push", { bare: true, branch: undefined }],
    ["a ref that only the job knows", "git push origin HEAD:$TARGET", { branch: undefined, bare: false }],
    ["after a branch was made", "git checkout -B main\ngit push origin main", { detached: false }],
    ["after a switch", "git switch main\ngit push origin main", { detached: false }],
    ["after a file was checked out", "git checkout -- file\ngit push origin main", { detached: true }],
    ["after a commit was checked out", "git checkout $CI_COMMIT_SHA\ngit push origin main", { detached: true }],
    [
      "from a clone of its own",
      "git clone --depth 1 https://x:$T@h/a/b.git && cd b\ngit push origin main",
      { repository: "own", detached: false, project: "a/b", complete: false },
    ],
    ["from a full clone", "git clone https://x:$T@h/a/b.git b\ngit push origin main", { complete: true }],
    ["after --unshallow", "git fetch --unshallow\ngit push origin HEAD:x", { complete: true }],
    ["with force", "git push --force origin HEAD:x", { force: true }],
    ["with -f among others", "git push -uf origin HEAD:x", { force: true }],
    ["with a lease", "git push --force-with-lease origin HEAD:x", { force: true }],
    ["with a plus", "git push origin +HEAD:x", { force: true, branch: "x" }],
    ["with --follow-tags, which is no force", "git push --follow-tags origin HEAD:x", { force: false }],
    ["with ci.skip", "git push -o ci.skip origin HEAD:x", { skipsPipeline: true, branch: "x" }],
    ["with ci.skip, written together", "git push --push-option=ci.skip origin HEAD:x", { skipsPipeline: true }],
    ["with [skip ci] in the message", 'git commit -m "x [skip ci]"\ngit push origin HEAD:x', { skipsPipeline: true }],
    ["a deletion", "git push origin --delete old", { deletes: true, branch: "old" }],
    ["a deletion by refspec", "git push origin :old", { deletes: true, branch: "old" }],
    ["a tag", "git push origin HEAD:refs/tags/v1", { tags: true }],
    ["inside a condition", "if ! git diff --quiet; then git push origin HEAD:x; fi", { branch: "x" }],
    ["in another folder", "git -C out push origin HEAD:x", { branch: "x" }],
    [
      "a remote by configuration",
      'git config remote.origin.pushurl "https://x:$T@h/a/b.git"\ngit push origin HEAD:x',
      { project: "a/b" },
    ],
    ["with its output thrown away", "git push origin HEAD:x > /dev/null 2>&1", { branch: "x" }],
  ])("%s", (_, script, expected) => {
    expect(push(script, expected)).toEqual(expected);
  });

  test("two refs are two pushes, an echo and a comment none", () => {
    expect(pushes("git push origin HEAD:a HEAD:b").map(({ branch }) => branch)).toEqual(["a", "b"]);
    expect(pushes("echo 'git push origin main' # git push\ngit pull")).toEqual([]);
  });

  test("without a checkout there is nothing to push from, until the script makes it", () => {
    expect(pushes("git push origin HEAD:x", false).map(({ repository }) => repository)).toEqual(["none"]);
    expect(
      pushes("git clone https://h/a/b .\ngit push origin HEAD:x", false).map(({ repository }) => repository),
    ).toEqual(["own"]);
  });

  test("which variables a script mentions", () => {
    const script = 'git push "https://x:${KEY}@h/a/b" HEAD:main';
    expect([mentions(script, "KEY"), mentions(script, "KE"), mentions(script, "OTHER")]).toEqual([true, false, false]);
  });
});
