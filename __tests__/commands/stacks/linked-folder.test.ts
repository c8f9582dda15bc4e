import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { linkFolder } from "../../../commands/stacks/linked-folder";
import { outdir } from "../../support/synth";

const local = (name: string) => ({ local: { path: `../${name}.tfstate` } });

/** A folder that Terraform initialized, whose providers are installed. */
function initialized(config: object = { path: "../one.tfstate", workspace_dir: null }, type = "local"): string {
  const folder = outdir();
  mkdirSync(path.join(folder, ".terraform", "providers"), { recursive: true });
  const record = { version: 3, terraform_version: "1.11.4", backend: { type, config, hash: 1 } };
  writeFileSync(path.join(folder, ".terraform", "terraform.tfstate"), JSON.stringify(record));
  return folder;
}

function synthesized(configuration: object): string {
  const folder = outdir();
  writeFileSync(path.join(folder, "cdk.tf.json"), JSON.stringify(configuration));
  return folder;
}

test("GIVEN a stack with the same kind of backend THEN it gets the other one's providers and a note of its own backend", () => {
  const [folder, other] = [synthesized({ terraform: { backend: local("two") } }), initialized()];
  expect(linkFolder(folder, other)).toBe(true);
  expect(JSON.parse(readFileSync(path.join(folder, ".terraform", "terraform.tfstate"), "utf8")).backend).toEqual({
    type: "local",
    config: { path: "../two.tfstate", workspace_dir: null },
    hash: 1,
  });
  const providers = path.join(other, ".terraform", "providers");
  expect(realpathSync(path.join(folder, ".terraform", "providers"))).toBe(realpathSync(providers));
});

test("GIVEN an attribute that only the other one has THEN it is not taken over", () => {
  const folder = synthesized({ terraform: { backend: local("two") } });
  linkFolder(folder, initialized({ path: "../one.tfstate", workspace_dir: "elsewhere" }));
  const { config } = JSON.parse(readFileSync(path.join(folder, ".terraform", "terraform.tfstate"), "utf8")).backend;
  expect(config.workspace_dir).toBeNull();
});

test.each([
  ["another kind of backend", { terraform: { backend: { http: { address: "http://x" } } } }, initialized()],
  ["a backend that takes more", { terraform: { backend: { local: { path: "a", more: 1 } } } }, initialized()],
  ["no backend", { terraform: {} }, initialized()],
  ["a module", { terraform: { backend: local("two") }, module: { x: { source: "./x" } } }, initialized()],
  ["another one that is not initialized", { terraform: { backend: local("two") } }, outdir()],
])("GIVEN %s THEN Terraform has to initialize it, and nothing is left", (_, configuration, other) => {
  const folder = synthesized(configuration);
  expect(linkFolder(folder, other)).toBe(false);
  expect(existsSync(path.join(folder, ".terraform"))).toBe(false);
});
