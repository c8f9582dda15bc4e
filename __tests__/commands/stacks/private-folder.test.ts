import { existsSync, statSync } from "node:fs";
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
