import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { partsIn } from "../../../commands/stacks/synthesis-parts";
import { outdir } from "../../support/synth";

const PROBLEM = { got: "x", allowed: "y", fix: "z" };

describe("what an app leaves of what it said", () => {
  const read = (text: string) => {
    const file = path.join(outdir(), "parts.json");
    writeFileSync(file, text);
    return partsIn(file);
  };

  test("GIVEN problems in parts, and one in words THEN they are read, without what nobody knows", () => {
    const parts = [{ place: "a.yaml:1:2", at: "x", construct: "a/x", problem: { ...PROBLEM, of: "o", more: 1 } }];
    expect(read(JSON.stringify([...parts, { place: 7, problem: "is wrong" }]))).toEqual([
      { ...parts[0], problem: { ...PROBLEM, of: "o" } },
      { problem: "is wrong" },
    ]);
  });

  test.each(["", "null", "{}", "[]", "[null]", '[{"problem": {"got": 1}}]', '[{"problem": "x"}, 3]', '{"problem": "x'])(
    "GIVEN %j THEN there are none: its words tell all",
    (text) => expect(read(text)).toBeUndefined(),
  );

  test("GIVEN an app that left nothing THEN there are none", () => {
    expect(partsIn(path.join(outdir(), "none.json"))).toBeUndefined();
  });
});
