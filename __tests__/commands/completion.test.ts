import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import which from "which";
import { outdir } from "../support/synth";

const CLI = path.join(__dirname, "../../bin/gitlab-ci-pusher.js");

let root: string;
beforeAll(() => {
  root = outdir();
  mkdirSync(path.join(root, "pushers"));
  const pusher = (id: string) => `  ${id}: {target: xlink/${id}, token: {expires: [2030-06-01, 2030-03-01]}}\n`;
  writeFileSync(path.join(root, "pushers/xlink.yaml"), `pushers:\n${pusher("gitops")}${pusher("charts")}`);
  mkdirSync(path.join(root, "bin"));
  // What the script calls; the package is installed nowhere.
  const npx = `#!/bin/sh\ntest "$1 $2" = "--no-install gitlab-ci-pusher" && shift 2 && exec "${process.execPath}" "${CLI}" "$@"\n`;
  writeFileSync(path.join(root, "bin/npx"), npx, { mode: 0o755 });
});

const run = (program: string, ...args: string[]): string =>
  execFileSync(program, args, {
    cwd: root,
    encoding: "utf8",
    env: { PATH: `${root}/bin:${process.env.PATH}`, HOME: root },
    stdio: ["ignore", "pipe", "pipe"],
  });

const script = (shell: string): string => {
  const file = path.join(root, `completion.${shell}`);
  writeFileSync(file, run(process.execPath, CLI, "completion", shell));
  return file;
};

describe("completion in bash", () => {
  /** The words of a line, of which the last is to be completed; of the package bash-completion only what the script calls. */
  const completed = (...words: string[]): string[] => {
    const quoted = words.map((word) => `'${word}'`).join(" ");
    const said = run(
      "bash",
      "-euc",
      `_get_comp_words_by_ref() { cur="\${COMP_WORDS[COMP_CWORD]}"; words=("\${COMP_WORDS[@]}"); cword=$COMP_CWORD; prev="\${words[cword-1]}"; }
      compopt() { :; }
      source ${script("bash")}
      COMP_WORDS=(gitlab-ci-pusher ${quoted}); COMP_CWORD=${words.length}
      function=$(complete -p gitlab-ci-pusher | sed 's/.*-F \\([^ ]*\\).*/\\1/')
      set +eu; "$function"
      printf '%s\\n' "\${COMPREPLY[@]}"`,
    );
    return said.split("\n").flatMap((line) => (line === "" ? [] : [line.split(/\s/)[0]!]));
  };

  test.each<[string[], string[]]>([
    [["sta"], ["status", "state"]],
    [
      ["state", ""],
      ["lock", "restore", "push", "move", "help"],
    ],
    [["status", "--off"], ["--offline"]],
    [
      ["status", ""],
      ["gitops", "charts"],
    ],
    [["state", "lock", "x"], ["xlink"]],
  ])("GIVEN %j THEN %j may stand there", (words, expected) => {
    expect(completed(...words)).toEqual(expected);
  });
});

test("GIVEN a folder without an inventory THEN there is nothing to offer, and nothing is said", () => {
  const said = execFileSync(process.execPath, [CLI, "complete", "--", "status", ""], {
    cwd: outdir(),
    encoding: "utf8",
  });
  expect(said).toMatch(/^:\d+\n$/);
});

describe("the script for", () => {
  test.each([
    ["bash", ["-n"]],
    ["zsh", ["-n"]],
    ["fish", ["--no-execute"]],
  ])("%s asks the package that is installed, fetches none, and is of that shell where it is here", (shell, check) => {
    const file = script(shell);
    expect(run("cat", file)).toContain("npx --no-install gitlab-ci-pusher complete --");
    if (which.sync(shell, { nothrow: true }) !== null) run(shell, ...check, file);
  });
});
