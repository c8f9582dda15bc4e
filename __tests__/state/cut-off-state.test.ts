import { existsSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { restoreCutOffState } from "../../state/cut-off-state";
import { outdir, testStack } from "../support/synth";

const STATE = JSON.stringify({ version: 4, serial: 7, resources: [] });
const OLDER = JSON.stringify({ version: 4, serial: 6, resources: [] });

/** A state file and its backup with these contents; undefined leaves one out. */
function files(state: string | undefined, backup: string | undefined): string {
  const file = path.join(outdir(), "ops.tfstate");
  if (state !== undefined) writeFileSync(file, state);
  if (backup !== undefined) writeFileSync(`${file}.backup`, backup);
  return file;
}

describe("restoreCutOffState", () => {
  test.each<[string, string | undefined, string | undefined, boolean]>([
    ["emptied", "", OLDER, true],
    ["half written", STATE.slice(0, 20), OLDER, true],
    ["whole", STATE, OLDER, false],
    ["whole, without a backup", STATE, undefined, false],
    ["emptied, without a backup", "", undefined, false],
    ["emptied, with a backup that is none", "", "{}", false],
    ["removed on purpose", undefined, OLDER, false],
  ])("a state that is %s", (_, state, backup, restored) => {
    const file = files(state, backup);
    expect(restoreCutOffState(file, () => {})).toBe(restored);
    if (state === undefined) expect(existsSync(file)).toBe(false);
    else expect(readFileSync(file, "utf8")).toBe(restored ? backup : state);
  });

  test("waits for a Terraform that is writing it just now, longer for a large one", () => {
    const file = files("", OLDER.padEnd(2_000_000));
    const waits: number[] = [];
    const restored = restoreCutOffState(file, (milliseconds) => {
      waits.push(milliseconds);
      writeFileSync(file, STATE);
    });
    expect({ restored, waits }).toEqual({ restored: false, waits: [3_000] });
    expect(readFileSync(file, "utf8")).toBe(STATE);
  });

  test("is done by the stack, which says so", () => {
    const file = files("", OLDER);
    const stack = testStack({ stateDirectory: path.dirname(file) });
    expect(readFileSync(file, "utf8")).toBe(OLDER);
    expect(stack.node.metadata.map(({ data }) => data)).toEqual([
      expect.stringContaining("the state before that deploy was put back from its backup"),
    ]);
  });
});
