import { mkdtemp } from "node:fs/promises";
import * as path from "node:path";
import { type Commands, type Finished, UnexpectedEnd } from "./command";
import type { JobDescription, SandboxProcess } from "./sandbox-process";

/** The steps of a runner before the script: HEAD is detached, which is why jobs push `HEAD:<branch>`; nobody's name is set. */
const CHECKOUT = `
git clone --quiet "$CI_REPOSITORY_URL" .
git checkout --quiet --detach "origin/$CI_COMMIT_REF_NAME"
`;

/** A CI job with a checkout of its project, as a runner has it. */
export class CiJob {
  private constructor(
    private readonly commands: Commands,
    private readonly directory: string,
    readonly variables: JobDescription["variables"],
  ) {}

  /** @param workspace folder for the checkouts of all jobs */
  static async start(
    commands: Commands,
    sandbox: SandboxProcess,
    workspace: string,
    job: { project: string; ref: string },
  ): Promise<CiJob> {
    const { variables } = await sandbox.startJob({ ...job, user: "dana" });
    commands.hide(variables.CI_JOB_TOKEN);
    commands.hide(variables.GITLAB_PUSHER_TOKEN);
    const started = new CiJob(commands, await mkdtemp(path.join(workspace, "job-")), variables);
    await started.succeeds(CHECKOUT);
    return started;
  }

  /**
   * Runs lines of a job's `script`. The shell reads secrets from its environment, so they are in no command line of ours; but Git hands
   * a remote's URL to its HTTP helper as an argument, so whoever writes a token into a remote, as the articles do and as is done here,
   * shows it to the other processes of the job's machine for a moment. In a container of the job's own nobody else is there.
   */
  run(script: string, variables: Readonly<Record<string, string>> = {}): Promise<Finished> {
    return this.commands.run(["sh", "-e", "-c", script.trim()], {
      cwd: this.directory,
      environment: { ...this.variables, ...variables },
    });
  }

  /** Runs lines that must succeed. */
  async succeeds(script: string, variables?: Readonly<Record<string, string>>): Promise<void> {
    const finished = await this.run(script, variables);
    if (finished.code !== 0) throw new UnexpectedEnd("success", finished);
  }

  /** Runs lines that must fail with a text. */
  async fails(text: RegExp, script: string, variables?: Readonly<Record<string, string>>): Promise<void> {
    const finished = await this.run(script, variables);
    if (finished.code === 0 || !text.test(finished.output)) throw new UnexpectedEnd(`a refusal with ${text}`, finished);
  }
}
