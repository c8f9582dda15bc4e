import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

const { nodeOptions } = require("./support/quick-start") as { nodeOptions: (folder: string) => string };
const PROJECT = path.join(__dirname, "..");

/** A folder of kept programs, and one of programs outside the checkout. */
let [folder, elsewhere] = ["", ""];

beforeEach(() => {
  [folder, elsewhere] = [mkdtempSync(path.join(tmpdir(), "kept-")), mkdtempSync(path.join(tmpdir(), "elsewhere-"))];
});
afterEach(() => {
  for (const each of [folder, elsewhere]) rmSync(each, { recursive: true });
});

const start = (...args: string[]): string =>
  execFileSync(process.execPath, args, {
    cwd: PROJECT,
    env: { ...process.env, NODE_OPTIONS: nodeOptions(folder) },
    encoding: "utf8",
  });
const kept = () => readdirSync(folder).filter((name) => name.endsWith(".start"));

test("GIVEN a program of the checkout WHEN it is started again THEN what it loaded is kept, and it does the same", () => {
  const first = start("bin/gitlab-ci-pusher.js", "status", "--help");
  expect(kept()).toHaveLength(1);
  const before = readFileSync(path.join(folder, kept()[0]!));
  expect(start("bin/gitlab-ci-pusher.js", "status", "--help")).toBe(first);
  // Nothing was news: all of it came from the file.
  expect(readFileSync(path.join(folder, kept()[0]!)).equals(before)).toBe(true);
});

test("GIVEN modules outside the checkout, of either kind WHEN they change THEN the program runs what they are now", () => {
  const app = path.join(elsewhere, "app.js");
  writeFileSync(path.join(elsewhere, "package.json"), "{}");
  mkdirSync(path.join(elsewhere, "part"));
  writeFileSync(path.join(elsewhere, "part/index.mjs"), "export const said = 'imported';\n");
  for (const word of ["one", "two"]) {
    writeFileSync(path.join(elsewhere, "word.js"), `module.exports = "${word}";\n`);
    writeFileSync(app, `import("./part/index.mjs").then(({ said }) => console.log(require("./word"), said));\n`);
    expect(start(app)).toBe(`${word} imported\n`);
  }
});

test("GIVEN a file that another release of Node or a stopped process left WHEN a program starts THEN it loads as ever", () => {
  const first = start("bin/gitlab-ci-pusher.js", "--version");
  writeFileSync(path.join(folder, kept()[0]!), "half");
  expect(start("bin/gitlab-ci-pusher.js", "--version")).toBe(first);
});
