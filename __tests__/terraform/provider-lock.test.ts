import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { failureOf } from "../../gitlab/failure";
import { readProviderLock } from "../../terraform/provider-lock";
import { outdir } from "../support/synth";

const provider = (release: string, name = "gitlabhq/gitlab") => `provider "registry.terraform.io/${name}" {
  version     = "${release}"
  constraints = ">= 18.8.2, < 19.0.0" # {
  hashes = [
    "h1:{[=",
    "zh:00",
  ]
}
`;
const LOCK = `# This file is maintained automatically by "terraform init" { .\n\n${provider("18.10.0")}`;
const merged = (middle: string) => LOCK.replace(/^.*18\.10\.0.*$/m, middle);

const read = (content: string | Buffer): string | undefined => {
  const folder = outdir();
  writeFileSync(path.join(folder, ".terraform.lock.hcl"), content);
  return readProviderLock(folder);
};

describe("readProviderLock", () => {
  test.each([
    ["a lock file", LOCK],
    ["one of two providers, with Windows' ends of lines", (LOCK + provider("1.0.0", "a/b")).replaceAll("\n", "\r\n")],
    ["one that locks nothing yet", ""],
    ["one with somebody's own comment", `${LOCK}/* { " */\n// [ "\n`],
  ])("GIVEN %s THEN it is its text", (_, text) => expect(read(text)).toBe(text));

  test("GIVEN none THEN nothing", () => expect(readProviderLock(outdir())).toBeUndefined());

  test.each<[string, string | Buffer, string, RegExp]>([
    [
      "two sides of a merge",
      merged('<<<<<<< HEAD\n  version = "18.10.0"\n=======\n  version = "19.4.0"\n>>>>>>> other'),
      "4:1: got a conflict marker of Git",
      /fix: keep one side, or delete the file; then run `npx gitlab-ci-pusher providers lock`, review and commit it$/,
    ],
    [
      "a marker that was forgotten",
      merged('=======\r\n  version = "19.4.0"\r'),
      "4:1: got a conflict",
      /keep one side/,
    ],
    ["one that ends in a block", LOCK.slice(0, -3), "9:4: got the end of the file", /put back the committed one/],
    ["one that ends in a comment", `${LOCK}/* { `, "11:6: got the end of the file", /put back the committed one/],
    ["one that ends in a text", LOCK.slice(0, 100), "3:36: got the end of the file", /or delete it; then run `npx/],
    ["JSON", '\n{"provider": {}}\n', "1:1: got JSON", /delete it/],
    [
      "what an editor on Windows wrote",
      Buffer.from(`\uFEFF${LOCK}`, "utf16le"),
      "1:1: got what is no text",
      /delete it/,
    ],
    [
      "another kind of file",
      Buffer.from([0x61, 0x0a, 0x50, 0x4b, 0x03, 0x00]),
      "2:4: got what is no text",
      /delete it/,
    ],
  ])("GIVEN %s THEN it says file, line and cure", (_, content, got, fix) => {
    expect(() => read(content)).toThrow(fix);
    expect(() => read(content)).toThrow(`.terraform.lock.hcl:${got}`);
  });

  test.each([
    ["comments", "/*".repeat(200_000)],
    ["texts", '\\"'.repeat(200_000)],
  ])("GIVEN %s that begin over and over, and never end, THEN each is looked at once", (_, text) => {
    expect(() => read(text)).toThrow("got the end of the file");
  });

  test("GIVEN a folder in its place THEN it says so, as no defect", () => {
    const folder = outdir();
    mkdirSync(path.join(folder, ".terraform.lock.hcl"));
    expect(() => readProviderLock(folder)).toThrow(/^got EISDIR at .*lock\.hcl; allowed/);
    try {
      readProviderLock(folder);
    } catch (error) {
      expect(failureOf(error).isDefect).toBe(false);
    }
  });
});
