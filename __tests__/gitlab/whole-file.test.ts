import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { writeWhole } from "../../gitlab/whole-file";
import { outdir } from "../support/synth";

const OPTION = { option: "--html" };
const rights = (file: string): string => (statSync(file).mode & 0o777).toString(8);

describe("writeWhole", () => {
  test("GIVEN a file that others may read WHEN it is written for its owner THEN others no longer may, and nothing is left beside it", () => {
    const folder = outdir();
    const file = path.join(folder, "report.html");
    writeFileSync(file, "old", { mode: 0o644 });
    writeWhole(file, "new", { ...OPTION, mode: 0o600 });
    expect([readFileSync(file, "utf8"), rights(file), readdirSync(folder)]).toEqual(["new", "600", ["report.html"]]);
  });

  test("GIVEN a link to what is no plain file, as /dev/stdout is THEN it is refused and stays", () => {
    const folder = outdir();
    const file = path.join(folder, "link");
    symlinkSync("/dev/null", file);
    expect(() => writeWhole(file, "new", OPTION)).toThrow(
      `got something that is no plain file at ${file}; allowed: a file that can be written; fix: check the folder of --html`,
    );
    expect(readdirSync(folder)).toEqual(["link"]);
    expect(statSync(file).isFile()).toBe(false);
  });

  test.each([
    ["a folder", "there", /got something that is no plain file/],
    ["a folder that is not there", "nowhere/report.html", /got ENOENT/],
  ])("GIVEN %s THEN it is refused, and nothing is left", (_, name, message) => {
    const folder = outdir();
    mkdirSync(path.join(folder, "there"));
    expect(() => writeWhole(path.join(folder, name), "new", OPTION)).toThrow(message);
    expect(readdirSync(folder)).toEqual(["there"]);
  });
});
