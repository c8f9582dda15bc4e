import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import which from "which";
import { FAST_PUSHER } from "../support/swc-node";
import { outdir } from "../support/synth";

const CLI = FAST_PUSHER.map((word) => `"${word}"`).join(" ");

let root: string;
/** The script of each shell, in a file. */
const scripts: Record<string, string> = {};
beforeAll(() => {
  root = outdir();
  mkdirSync(path.join(root, "pushers"));
  const pusher = (id: string) => `  ${id}: {target: xlink/${id}, token: {expires: [2030-06-01, 2030-03-01]}}\n`;
  writeFileSync(path.join(root, "pushers/xlink.yaml"), `pushers:\n${pusher("gitops")}${pusher("charts")}`);
  mkdirSync(path.join(root, "bin"));
  // What the script calls; the package is installed nowhere.
  const npx = `#!/bin/sh\ntest "$1 $2" = "--no-install gitlab-ci-pusher" && shift 2 && exec ${CLI} "$@"\n`;
  writeFileSync(path.join(root, "bin/npx"), npx, { mode: 0o755 });
  for (const shell of ["bash", "zsh", "fish"]) {
    scripts[shell] = path.join(root, `completion.${shell}`);
    writeFileSync(scripts[shell], run(...FAST_PUSHER, "completion", shell));
  }
});

const run = (program: string, ...args: readonly string[]): string =>
  execFileSync(program, args, {
    cwd: root,
    encoding: "utf8",
    env: { PATH: `${root}/bin:${process.env.PATH}`, HOME: root, TYPESCRIPT_CACHE: process.env.TYPESCRIPT_CACHE },
    stdio: ["ignore", "pipe", "pipe"],
  });

describe("completion in bash", () => {
  /** The words of a line, of which the last is to be completed, in a bash without the package bash-completion. */
  const completed = (...words: string[]): string[] => {
    const quoted = words.map((word) => `'${word}'`).join(" ");
    const said = run(
      "bash",
      "-euc",
      `compopt() { :; }
      source ${scripts.bash}
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
  const [node, ...pusher] = FAST_PUSHER;
  const said = execFileSync(node, [...pusher, "complete", "--", "status", ""], { cwd: outdir(), encoding: "utf8" });
  expect(said).toMatch(/^:\d+\n$/);
});

describe("the script for", () => {
  test.each([
    ["bash", ["-n"]],
    ["zsh", ["-n"]],
    ["fish", ["--no-execute"]],
  ])("%s asks the package that is installed, fetches none, and is of that shell where it is here", (shell, check) => {
    const file = scripts[shell] as string;
    expect(readFileSync(file, "utf8")).toContain("npx --no-install gitlab-ci-pusher complete --");
    if (which.sync(shell, { nothrow: true }) !== null) run(shell, ...check, file);
  });
});
