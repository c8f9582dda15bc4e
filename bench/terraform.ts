import { must } from "./command";
import { ROOT } from "./ops-repository";

/** Real Terraform in one stack's folder. */
export class Terraform {
  private constructor(
    private readonly binary: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly cwd: string,
  ) {}

  /** {@link terraformBinary}, for a folder and a GitLab. */
  static async in(cwd: string, environment: NodeJS.ProcessEnv): Promise<Terraform> {
    const env = { ...process.env, ...environment, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1" };
    return new Terraform(await terraformBinary(env), env, cwd);
  }

  async init(): Promise<void> {
    await this.run("init", "-input=false");
  }

  /** @returns Terraform's last line, such as `Apply complete! Resources: 0 added, 3 changed, 0 destroyed.` */
  async apply(variables: Readonly<Record<string, string | number>> = {}): Promise<string> {
    const given = Object.entries(variables).map(([name, value]) => `-var=${name}=${value}`);
    const output = await this.run("apply", "-input=false", "-auto-approve", ...given);
    const said = /Apply complete! .*/.exec(output)?.[0];
    if (!said) throw new Error(`expected the end of an apply; got:\n${output.slice(-4000)}`);
    return said;
  }

  private run(command: string, ...options: string[]): Promise<string> {
    return must([this.binary, command, "-no-color", ...options], { cwd: this.cwd, env: this.env });
  }
}

/** The Terraform that this project finds or fetches (`npx gitlab-ci-pusher terraform`). */
export async function terraformBinary(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const find = [process.execPath, "bin/gitlab-ci-pusher.js", "terraform"] as const;
  return (await must(find, { cwd: ROOT, env })).trim();
}
