import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { readJsonFile } from "../../gitlab/json-file";
import { outdir } from "../support/synth";

describe("readJsonFile", () => {
  const written = (text: string) => {
    const file = path.join(outdir(), "cdktf.json");
    writeFileSync(file, text);
    return () => readJsonFile(file);
  };

  test("reads an object, also behind the mark of editors on Windows", () => {
    expect(written('{"a":1}')()).toEqual({ a: 1 });
    expect(written('\uFEFF{"a":1}\r\n')()).toEqual({ a: 1 });
  });

  test.each([
    ["null", "(it holds no object)"],
    ["[]", "(it holds no object)"],
    ['"x"', "(it holds no object)"],
    ["", "(Unexpected end of JSON input)"],
  ])("GIVEN %j THEN it says why that is none", (text, why) => {
    expect(written(text)).toThrow(why);
  });

  test("GIVEN several lines that are none THEN the message is one line", () => {
    expect(written("// mine\n{}\n")).toThrow(/^got .*cdktf\.json, which cannot be read \(.*\); allowed: .*$/);
  });

  test("GIVEN no file THEN nothing, GIVEN a folder THEN it says so", () => {
    const folder = outdir();
    expect(readJsonFile(path.join(folder, "none", "x.json"))).toBeUndefined();
    mkdirSync(path.join(folder, "x.json"));
    expect(() => readJsonFile(path.join(folder, "x.json"))).toThrow("(EISDIR)");
  });
});
