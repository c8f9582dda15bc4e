import { existsSync, statSync } from "node:fs";
import os from "node:os";
import { inPrivateFolder } from "../../../commands/stacks/private-folder";

test("the folder is open to its user only, and gone when what is done in it fails", async () => {
  let lent = "";
  const failing = inPrivateFolder(async (folder) => {
    lent = folder;
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    throw new Error("stopped");
  });
  await expect(failing).rejects.toThrow("stopped");
  expect(existsSync(lent)).toBe(false);
});

test("GIVEN no folder for temporary files THEN it says which one is missing, and what to set", async () => {
  const tmpdir = jest.spyOn(os, "tmpdir").mockReturnValue("/nowhere/at/all");
  await expect(inPrivateFolder(async () => undefined)).rejects.toThrow(
    "got ENOENT at /nowhere/at/all, for temporary files; allowed: a folder that can be written; fix: set TMPDIR to one",
  );
  tmpdir.mockRestore();
});
