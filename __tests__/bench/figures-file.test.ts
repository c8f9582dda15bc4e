import { readFileSync } from "node:fs";
import * as path from "node:path";
import { type Section, withSection } from "../../bench/figures-file";

const ORDER = ["startup", "fleet", "review"];
const section = (name: string, text = `${name}: 1 s`): Section => ({
  name,
  text,
  command: `npm run bench -- ${name}`,
  day: "2030-01-10",
  machine: "a machine",
});
const made = (...sections: Section[]) => sections.reduce((text, each) => withSection(text, each, ORDER), "");
const names = (document: string) => [...document.matchAll(/^## (.*)$/gm)].map(([, name]) => name);

test("GIVEN sections in any order THEN the document has them in that of the figures, each with its command and machine", () => {
  const document = made(section("review"), section("startup"));
  expect(names(document)).toEqual(["startup", "review"]);
  expect(document).toContain(
    "## startup\n\n`npm run bench -- startup`, 2030-01-10, on a machine\n\n```text\nstartup: 1 s\n```\n",
  );
});

test("WHEN one is written again THEN that one is replaced and the others stay, letter for letter", () => {
  const before = made(section("startup"), section("fleet"), section("review"));
  expect(withSection(before, section("fleet"), ORDER)).toBe(before);
  const after = withSection(before, section("fleet", "fleet: 2 s\n  goal: linear"), ORDER);
  expect(after).toBe(before.replace("fleet: 1 s", "fleet: 2 s\n  goal: linear"));
});

test("a figure that is measured no more goes with the next one that is written", () => {
  expect(names(withSection(made(section("review")), section("fleet"), ["startup", "fleet"]))).toEqual(["fleet"]);
});

test("docs/figures.md is what `npm run bench -- --write` writes", () => {
  const document = readFileSync(path.join(__dirname, "../../docs/figures.md"), "utf8");
  const order = names(document) as string[];
  expect(order[0]).toBe("startup");
  const [, command, day, machine, text] = /^## startup\n\n`(.*)`, (\S+), on (.*)\n\n```text\n([\s\S]*?)\n```$/m.exec(
    document,
  )!;
  const first = { name: "startup", command: command!, day: day!, machine: machine!, text: text! };
  expect(withSection(document, first, order)).toBe(document);
});
