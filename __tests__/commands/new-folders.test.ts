import { statSync, symlinkSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { makeFolders } from "../../commands/new-folders";
import { outdir } from "../support/synth";

describe("new folders", () => {
  test("GIVEN none THEN those above are made too, and made again they stay", () => {
    const folder = path.join(outdir(), "a/../b/c/");
    makeFolders(folder);
    makeFolders(folder);
    expect(statSync(folder).isDirectory()).toBe(true);
  });

  test.each<[string, (root: string) => string, string]>([
    ["a file in the place", (root) => path.join(root, "file"), "EEXIST"],
    ["a file above", (root) => path.join(root, "file/a/b"), "ENOTDIR"],
    ["a link to nothing", (root) => path.join(root, "link"), "EEXIST"],
    ["no name", () => "", "ENOENT"],
  ])("GIVEN %s THEN the system's error is thrown", (_, given, code) => {
    const root = outdir();
    writeFileSync(path.join(root, "file"), "");
    symlinkSync(path.join(root, "nowhere"), path.join(root, "link"));
    expect(() => makeFolders(given(root))).toThrow(expect.objectContaining({ code }));
  });

  test("GIVEN a file system in which nobody can make one THEN that is said, and it ends", () => {
    expect(() => makeFolders("/proc/gitlab-ci-pusher/x")).toThrow();
  });
});
