import { chmodSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { outdir } from "./support/synth";

const testedProgram = require("./tested-program") as (environment: NodeJS.ProcessEnv) => Promise<void>;

test("GIVEN a name THEN every test runs that program", async () => {
  const folder = outdir();
  const tofu = path.join(folder, "tofu");
  writeFileSync(tofu, '#!/bin/sh\necho "OpenTofu v1.10.6"\n');
  chmodSync(tofu, 0o755);
  const environment: NodeJS.ProcessEnv = { PATH: `${folder}:/bin`, TERRAFORM_BINARY_NAME: "tofu" };
  await testedProgram(environment);
  expect(environment.TERRAFORM_BINARY_NAME).toBe(tofu);
});

test("GIVEN the name of one that is not there THEN no test runs", async () => {
  await expect(testedProgram({ PATH: outdir(), TERRAFORM_BINARY_NAME: "tofu" })).rejects.toThrow(
    /^got TERRAFORM_BINARY_NAME=tofu, which is no program here; allowed: /,
  );
});
