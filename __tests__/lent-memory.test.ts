import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { outdir } from "./support/synth";

const lendMemory = require("./lent-memory") as (
  environment: NodeJS.ProcessEnv,
  memory: string,
  enough?: number,
) => () => void;

test("GIVEN a place in memory THEN temporary files are there until it is given back", () => {
  // GIVEN
  const [memory, environment]: [string, NodeJS.ProcessEnv] = [outdir(), {}];

  // WHEN
  const giveBack = lendMemory(environment, memory, 1);

  // THEN
  const { TMPDIR: lent = "" } = environment;
  expect(path.dirname(lent)).toBe(memory);
  writeFileSync(path.join(lent, "of-a-test"), "");
  giveBack();
  expect(readdirSync(memory)).toEqual([]);
});

test.each<[string, NodeJS.ProcessEnv, (memory: string) => string, number]>([
  ["TMPDIR is the user's", { TMPDIR: "/var/tmp" }, (memory) => memory, 1],
  ["the system has none", {}, (memory) => path.join(memory, "none"), 1],
  ["it is too small", {}, (memory) => memory, Number.POSITIVE_INFINITY],
])("GIVEN that %s THEN temporary files are where they are", (_, environment, place, enough) => {
  const [memory, given] = [outdir(), { ...environment }];
  lendMemory(environment, place(memory), enough)();
  expect(environment).toEqual(given);
  expect(readdirSync(memory)).toEqual([]);
});

test("GIVEN a run that was cut off THEN the next one takes away what it left, and nothing else", () => {
  // GIVEN a process that cannot be, one that lives, and somebody else's folder
  const memory = outdir();
  const [left, running, other] = ["pusher-tests-999999999-a", `pusher-tests-${process.pid}-a`, "pusher-tests-of-mine"];
  for (const name of [left, running, other]) mkdirSync(path.join(memory, name, "repository"), { recursive: true });

  // WHEN
  lendMemory({}, memory, 1)();

  // THEN
  expect(existsSync(path.join(memory, left))).toBe(false);
  expect(readdirSync(memory).sort()).toEqual([running, other].sort());
});
