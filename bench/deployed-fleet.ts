import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { must } from "./command";
import { GitLab, type LoggedCall } from "./gitlab";
import { daysFromNow, linkProject, pusherOf, ROOT, withFolder, writeInventory } from "./ops-repository";
import { type Measurement, run } from "./run";
import { withSandbox } from "./sandbox";
import { terraformBinary } from "./terraform";

/** The place of the states: files, or a project of the same GitLab. */
export type StateKind = "local" | "gitlab";

/** A command's measurement, and what it asked of GitLab. */
export interface Observed extends Measurement {
  readonly calls: readonly LoggedCall[];
}

/** The project that keeps the states. */
export const STATE_PROJECT = "ops/pushers";
const PUSHER = path.join(ROOT, "bin/gitlab-ci-pusher.js");
const CDKTF = path.join(ROOT, "node_modules/cdktf-cli/bundle/bin/cdktf");

/** An ops repository of many stacks, one pusher each, all deployed and committed; then one date is bumped. */
export class DeployedFleet {
  private readonly gitlab: GitLab;

  private constructor(
    private readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
    readonly stacks: readonly string[],
  ) {
    this.gitlab = new GitLab(env);
  }

  /** Deploys a fleet into a sandbox of its own, and takes both away after `use`. */
  static with<T>(size: number, state: StateKind, use: (fleet: DeployedFleet) => Promise<T>): Promise<T> {
    return withFolder((seeds) => {
      const seed = path.join(seeds, "seed.json");
      const names = Array.from({ length: size }, (_, i) => projectsOf(i)).flat();
      const projects = [STATE_PROJECT, ...names].map((name) => ({ path: name }));
      writeFileSync(seed, JSON.stringify({ projects }));
      return withSandbox(
        (sandbox) =>
          withFolder(async (folder) => {
            const stacks = Array.from({ length: size }, (_, i) => `stack-${i}`);
            const fleet = new DeployedFleet(folder, await environment(sandbox), stacks);
            await fleet.deploy(state);
            return use(fleet);
          }),
        { seed },
      );
    });
  }

  /** Commits another date of the first pusher's token: a change of one line. */
  async bump(): Promise<void> {
    this.write(0, daysFromNow(300));
    await this.commit();
  }

  /** `gitlab-ci-pusher review` of the last commit. */
  review(): Promise<Observed> {
    return this.observe([PUSHER, "review", "--base", "HEAD~1", "--json"]);
  }

  /** `cdktf synth`, which writes every stack for {@link diff}. */
  synth(): Promise<Observed> {
    return this.observe([CDKTF, "synth"]);
  }

  /** `cdktf diff` of one stack, without a synth of its own. */
  diff(stack: string): Promise<Observed> {
    return this.observe([CDKTF, "diff", stack, "--skip-synth"]);
  }

  private async deploy(state: StateKind): Promise<void> {
    linkProject(this.folder, state === "local" ? {} : { state, stateProject: STATE_PROJECT });
    for (const i of this.stacks.keys()) this.write(i);
    writeFileSync(path.join(this.folder, ".gitignore"), "node_modules\n.state/\ncdktf.out/\n");
    await this.git("init", "--quiet");
    await this.commit();
    await run([PUSHER, "deploy", "--json"], { cwd: this.folder, env: this.env });
  }

  private write(i: number, expires?: string): void {
    writeInventory(this.folder, this.stacks[i]!, {
      edition: "free",
      pushers: { [`pusher-${i}`]: pusherOf(i, expires) },
    });
  }

  private async commit(): Promise<void> {
    await this.git("add", ".");
    await this.git(
      "-c",
      "user.name=bench",
      "-c",
      "user.email=bench@example.com",
      "commit",
      "--quiet",
      "--message=change",
    );
  }

  private git(...args: string[]): Promise<string> {
    return must(["git", ...args], { cwd: this.folder, env: process.env });
  }

  private async observe(args: readonly string[]): Promise<Observed> {
    await this.gitlab.forgetCalls();
    const measured = await run(args, { cwd: this.folder, env: this.env });
    return { ...measured, calls: await this.gitlab.calls() };
  }
}

/** Target and source of a pusher. */
const projectsOf = (i: number): string[] => {
  const { target, variable } = pusherOf(i) as { target: string; variable: { in: string[] } };
  return [target, ...variable.in];
};

async function environment(sandbox: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  return {
    ...sandbox,
    TERRAFORM_BINARY_NAME: await terraformBinary(),
    TF_CLI_CONFIG_FILE: undefined,
    TF_HTTP_USERNAME: "root",
    TF_HTTP_PASSWORD: sandbox.GITLAB_TOKEN,
  };
}
