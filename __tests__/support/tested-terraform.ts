import { execFileSync } from "node:child_process";
import * as path from "node:path";

/** The Terraform or OpenTofu that the tests run: the one that their global setup found. */
export const TERRAFORM = process.env.TERRAFORM_BINARY_NAME ?? "terraform";

/** Its name, as messages say which program failed. */
export const PROGRAM = path.basename(TERRAFORM);

const SAID = execFileSync(TERRAFORM, ["version"], {
  encoding: "utf8",
  env: { ...process.env, CHECKPOINT_DISABLE: "1" },
});

/** Whether it is OpenTofu, which says some things otherwise and has a registry of its own. */
export const IS_TOFU = /^OpenTofu /m.test(SAID);

/** Where it takes providers from that name no other place. */
export const REGISTRY = IS_TOFU ? "registry.opentofu.org" : "registry.terraform.io";
