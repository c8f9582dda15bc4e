import { readFileSync } from "node:fs";
import * as path from "node:path";
import type { Command } from "commander";
import { processContext } from "../../commands/context";
import { pusherCommand } from "../../commands/main";
import { pusher } from "../support/pusher-run";

const PAGE = readFileSync(path.join(__dirname, "../../docs/commands.md"), "utf8");
const MOST_LINES = 40;
const WIDEST = 100;

/** The help of a command and of those below it, by their names. */
function helps(command: Command, name = command.name()): [name: string, help: string][] {
  const texts: string[] = [];
  const writeOut = (text: string) => void texts.push(text);
  command.configureOutput({ ...command.configureOutput(), writeOut }).outputHelp();
  return [[name, texts.join("")], ...command.commands.flatMap((each) => helps(each, `${name} ${each.name()}`))];
}

test("--version is that of the package", async () => {
  const { version } = JSON.parse(readFileSync(path.join(__dirname, "../../package.json"), "utf8"));
  const run = await pusher(["--version"], new Date("2030-01-10"));
  expect(run).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
});

describe("the help of", () => {
  const all = helps(pusherCommand(processContext()));

  test.each(all)("%s fits a screen", (_, help) => {
    const lines = help.trimEnd().split("\n");
    expect(lines.filter((line) => line.length > WIDEST)).toEqual([]);
    expect(lines.length).toBeLessThanOrEqual(MOST_LINES);
  });

  test("commands is all of it, and what it leaves out is where it says", () => {
    expect(all.length).toBeGreaterThan(15);
    const told = all.flatMap(([, help]) => [...help.matchAll(/docs\/commands\.md#(\w+)/g)].map(([, name]) => name!));
    expect(told.length).toBeGreaterThan(3);
    for (const name of told) expect(PAGE).toContain(`\n## ${name}\n`);
  });
});
