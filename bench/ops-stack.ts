import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { APP } from "./ops-repository";
import { run } from "./run";
import { Terraform } from "./terraform";

/** The stack of a throw-away ops repository, deployed again and again: what an operator edits, synthesizes and applies. */
export class OpsStack {
  private initialized = false;

  private constructor(
    private readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly terraform: Terraform,
  ) {}

  /** @param folder see `withOpsRepository` */
  static async of(folder: string, env: NodeJS.ProcessEnv): Promise<OpsStack> {
    return new OpsStack(folder, env, await Terraform.in(path.join(folder, "cdktf.out", "stacks", "fleet"), env));
  }

  /** Writes an inventory and runs the app on it. */
  async synthesize(inventory: object): Promise<void> {
    writeFileSync(path.join(this.folder, "pushers", "fleet.yaml"), stringify(inventory));
    await run(APP, { cwd: this.folder, env: this.env });
    if (!this.initialized) await this.terraform.init();
    this.initialized = true;
  }

  /** Applies what was synthesized. @returns Terraform's last line */
  apply(): Promise<string> {
    return this.terraform.apply();
  }

  async deploy(inventory: object): Promise<string> {
    await this.synthesize(inventory);
    return this.apply();
  }
}
