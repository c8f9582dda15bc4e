import { copyFileSync, existsSync } from "node:fs";
import * as path from "node:path";
import { CommandError } from "../exit-code";
import { type Plan, planOf } from "./plan";
import { type ProgramRun, run } from "./program";
import type { SynthesizedStack } from "./synthesis";

/** Debug logs hold tokens, and a data folder of the caller's would be shared by all stacks. */
const UNWANTED = /^TF_(LOG.*|DATA_DIR|CLI_ARGS.*)$/;

const PLAN_FILE = "reviewed.tfplan";

/** Runs Terraform in the folder of one synthesized stack, which must be private: the plan file in it holds tokens. */
export class Terraform {
  constructor(
    private readonly stack: SynthesizedStack,
    private readonly signal: AbortSignal,
    private readonly environment: NodeJS.ProcessEnv = process.env,
  ) {}

  /**
   * Plans into a file that {@link apply} takes.
   * @param lock whether to lock the state meanwhile, which a token that only reads may not
   * @throws CommandError with what Terraform said
   */
  async plan({ lock }: { readonly lock: boolean }): Promise<Plan> {
    this.takeProviderLock();
    await this.must("init", "-input=false");
    await this.must("plan", "-input=false", `-lock=${lock}`, `-out=${PLAN_FILE}`);
    const { stdout } = await this.must("show", "-json", PLAN_FILE);
    return planOf(this.stack.name, stdout);
  }

  /** Applies that plan and no other: Terraform refuses it once the state has changed. */
  apply(onLine: (line: string) => void): Promise<ProgramRun> {
    return this.terraform(["apply", "-no-color", "-input=false", PLAN_FILE], onLine);
  }

  /** The provider release is the one of the last `cdktf` run, if there was one. */
  private takeProviderLock(): void {
    const name = ".terraform.lock.hcl";
    const lock = path.join(this.stack.project, "cdktf.out", "stacks", this.stack.name, name);
    if (existsSync(lock)) copyFileSync(lock, path.join(this.stack.folder, name));
  }

  private async must(command: string, ...args: string[]): Promise<ProgramRun> {
    const ran = await this.terraform([command, ...(command === "show" ? [] : ["-no-color"]), ...args]);
    this.signal.throwIfAborted();
    if (ran.code === 0) return ran;
    // What `show` prints on standard output is the plan.
    const said = command === "show" ? "" : `:\n${ran.said.trimEnd()}`;
    throw new CommandError(`terraform ${command} of ${this.stack.name} failed, nothing was changed${said}`);
  }

  private terraform(args: readonly string[], onLine?: (line: string) => void): Promise<ProgramRun> {
    const own = Object.entries(this.environment).filter(([name]) => !UNWANTED.test(name));
    return run(this.environment.TERRAFORM_BINARY_NAME || "terraform", args, {
      cwd: this.stack.folder,
      environment: { ...Object.fromEntries(own), CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1" },
      signal: this.signal,
      onLine,
    });
  }
}
