import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { runTerraform, withTerraform } from "../../../commands/stacks/terraform-program";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "terraform-program-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The environment of a terraform that notes each of its runs. */
function noting(answer: string): NodeJS.ProcessEnv {
  const file = path.join(folder, "terraform");
  writeFileSync(file, `#!/bin/sh\necho "$@" >> '${folder}/runs'\necho '${answer}'\n`);
  chmodSync(file, 0o755);
  return { PATH: folder };
}

const runs = (): string[] => readFileSync(path.join(folder, "runs"), "utf8").trimEnd().split("\n");

const run = (environment: NodeJS.ProcessEnv) =>
  runTerraform(["init"], { cwd: folder, environment, signal: new AbortController().signal });

test("a Terraform is asked for its version once by a command, by whatever name it is run", async () => {
  // GIVEN
  const environment = noting("Terraform v1.11.4");

  // WHEN it is run as it is found on PATH, and as it is named to what may run it by itself
  const named = await withTerraform(environment);
  await run(named);
  await run(environment);
  await run(await withTerraform(named));

  // THEN
  expect(named.TERRAFORM_BINARY_NAME).toBe(path.join(folder, "terraform"));
  expect(runs()).toEqual(["version", "init", "init", "init"]);
});

test("one that will not do is none, and is not taken by a name either", async () => {
  const environment = noting("Terraform v1.6.6");
  expect(await withTerraform(environment)).toBe(environment);
  await expect(run({ ...environment, TERRAFORM_BINARY_NAME: path.join(folder, "terraform") })).rejects.toThrow(
    "terraform, which is terraform 1.6.6; allowed:",
  );
});
