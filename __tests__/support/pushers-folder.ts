import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { App } from "cdktf";
import { INSTALLED_SCHEMA } from "../../commands/editor-schema";
import { declareStack, type InventoryFile, loadInventory } from "../../inventory";
import { GITLAB, outdir, stateOf } from "./synth";

const FIRST_LINES = ["../inventory/pushers.schema.json", INSTALLED_SCHEMA].map(
  (schema) => `# yaml-language-server: $schema=${schema}`,
);
/** Said of dates that have passed: `gitlab-ci-pusher status` tells of those, and a repository's tests must not turn red overnight. */
const PASSED = /got \d{4}-\d{2}-\d{2}, which is (today|in the past)/;

/** What is wrong with the inventory in a folder, one line each; nothing when the folder is empty or not there. */
export function problemsOf(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith(".")) : [];
  if (names.length === 0) return [];
  try {
    return [
      ...names.flatMap((name) => firstLineProblem(path.join(folder, name))),
      ...synthProblems(loadInventory(folder)),
    ];
  } catch (error) {
    return lines(error);
  }
}

/** Editors complete the inventory by it. */
function firstLineProblem(file: string): string[] {
  const [first] = readFileSync(file, "utf8").split("\n", 1);
  if (FIRST_LINES.includes(first!)) return [];
  return [`${path.basename(file)}: got the first line ${first}; allowed: ${FIRST_LINES.join(" or ")}`];
}

/** All stacks in one app, as main.ts declares them. */
function synthProblems(files: readonly InventoryFile[]): string[] {
  const app = new App({ stackTraces: false, outdir: outdir() });
  const options = { baseUrl: GITLAB, now: dayOf(files), state: stateOf(undefined) };
  for (const file of files) declareStack(app, file, options);
  try {
    app.synth();
    return [];
  } catch (error) {
    return lines(error).filter((line) => !PASSED.test(line));
  }
}

/** The first day on which GitLab takes the last of the dates, so that none is too far away, whatever day it is. */
function dayOf(files: readonly InventoryFile[]): Date {
  const days = files.flatMap(({ content: { token_lifetime_limit: limit, pushers } }) =>
    Object.values(pushers)
      .flatMap(({ token }) => token.expires)
      .map((date) => date.daysAfter(new Date(0)) - limit),
  );
  return new Date(Math.max(0, ...days) * 86_400_000);
}

const lines = (error: unknown): string[] =>
  (error as Error).message
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.trim());
