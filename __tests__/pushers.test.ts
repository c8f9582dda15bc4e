import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { problemsOf } from "./support/pushers-folder";
import { outdir } from "./support/synth";

const HEAD = "# yaml-language-server: $schema=../inventory/pushers.schema.json\n";
const pusher = (id: string, expires: string, branch = "main: {push: developer}", target = "xlink/shop"): string =>
  `pushers:\n  ${id}:\n    target: ${target}\n    token: {expires: ${expires}}\n    branches: {${branch}}\n`;

test("the inventory in pushers/ is right, whatever it holds, apart from dates that have passed", () => {
  expect(problemsOf(path.join(__dirname, "..", "pushers"))).toEqual([]);
});

describe("what is said of a folder of pushers", () => {
  const folderWith = (files: Readonly<Record<string, string>>): string => {
    const folder = path.join(outdir(), "pushers");
    mkdirSync(folder);
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    return folder;
  };

  test.each<[string, Record<string, string>]>([
    ["nothing but a file for Git", { ".gitkeep": "" }],
    ["a file without pushers", { "ops.yaml": `${HEAD}pushers: {}\n` }],
    ["dates a year apart, of which one has passed", { "ops.yaml": HEAD + pusher("shop", "[2100-01-10, 2101-01-09]") }],
    ["a date that passed long ago", { "ops.yaml": HEAD + pusher("shop", "2001-01-10") }],
    [
      "two stacks",
      {
        "a.yaml": HEAD + pusher("shop", "2100-01-10"),
        "b.yaml": HEAD + pusher("shop", "2100-01-10", "main: {push: developer}", "xlink/api"),
      },
    ],
  ])("GIVEN %s, nothing", (_, files) => expect(problemsOf(folderWith(files))).toEqual([]));

  test.each<[string, Record<string, string>, RegExp]>([
    [
      "a file without the schema",
      { "ops.yaml": "pushers: {}\n" },
      /^ops\.yaml: got the first line pushers: \{\}; allowed: # yaml/,
    ],
    ["a mistake", { "ops.yaml": `${HEAD}pusher: {}\n` }, /ops\.yaml:2:1: got the unknown key "pusher"/],
    ["a file of another kind", { "ops.yml": HEAD }, /ops\.yml: got "ops\.yml"; allowed: \*\.yaml files/],
    [
      "a rule that refuses the bot",
      { "ops.yaml": HEAD + pusher("shop", "2100-01-10", "main: {push: maintainer}") },
      /push: maintainer with a bot/,
    ],
    [
      "two stacks with one rule",
      { "a.yaml": HEAD + pusher("shop", "2100-01-10"), "b.yaml": HEAD + pusher("two", "2100-01-10") },
      /got a second rule "main" of xlink\/shop/,
    ],
  ])("GIVEN %s, that", (_, files, problem) => {
    expect(problemsOf(folderWith(files))).toContainEqual(expect.stringMatching(problem));
  });

  test("GIVEN no folder, nothing", () => expect(problemsOf(path.join(outdir(), "pushers"))).toEqual([]));
});
