import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { SynthesizedStack } from "../../../commands/stacks/synthesis";
import { Terraform } from "../../../commands/stacks/terraform";
import { outdir } from "../../support/synth";

/** A program that plays one that does not find a provider of the state: whose plan and whose init say that. */
function playing(product: string, said: string): string {
  const binary = path.join(outdir(), "program");
  const lines = [`case $1 in version) echo "${product}";; *) echo "${said}" >&2; exit 1;; esac`];
  writeFileSync(binary, ["#!/bin/sh", ...lines, ""].join("\n"));
  chmodSync(binary, 0o755);
  return binary;
}

function stack(name: string): SynthesizedStack {
  const folder = outdir();
  const backend = { local: { path: `../${name}.tfstate` } };
  writeFileSync(path.join(folder, "cdk.tf.json"), JSON.stringify({ terraform: { backend } }));
  const nothing = { providers: {}, configuration: "[{}]", dependencies: [], warnings: [] };
  return { name, folder, project: folder, ...nothing };
}

/** A stack as `terraform init` leaves it. */
function initialized(): SynthesizedStack {
  const first = stack("one");
  mkdirSync(path.join(first.folder, ".terraform"));
  const backend = { type: "local", config: { path: "../one.tfstate" }, hash: 1 };
  writeFileSync(path.join(first.folder, ".terraform", "terraform.tfstate"), JSON.stringify({ backend }));
  return first;
}

test.each([
  ["Terraform v1.11.4", "Error: Inconsistent dependency lock file\nTo update it run:\n  terraform init -upgrade"],
  ["Terraform v1.11.4", "Error: Required plugins are not installed\nrun:\n  terraform init"],
  ["OpenTofu v1.10.6", 'Error: failed to instantiate provider \\"x\\" to obtain schema: unavailable\nprovider \\"x\\"'],
])(
  "GIVEN a linked folder that lacks a provider of its state WHEN %s plans there THEN it is to be initialized: %j",
  async (product, said) => {
    const environment = { PATH: process.env.PATH, TERRAFORM_BINARY_NAME: playing(product, said) };
    const [first, second] = [initialized(), stack("two")].map(
      (each) => new Terraform(each, environment, new AbortController().signal, 10),
    );
    expect(await second!.initLike(first!)).toBe(true);
    expect(await second!.plan()).toBe("uninitialized");
  },
);

test("GIVEN a plan that fails otherwise THEN it is said, with the program's name", async () => {
  const environment = { PATH: process.env.PATH, TERRAFORM_BINARY_NAME: playing("OpenTofu v1.10.6", "Error: no") };
  const terraform = new Terraform(stack("two"), environment, new AbortController().signal, 10);
  await expect(terraform.plan()).rejects.toThrow("program plan of two failed, nothing was changed:\nError: no");
});
