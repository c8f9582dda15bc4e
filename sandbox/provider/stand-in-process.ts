import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/**
 * The process that Terraform is told runs the provider. Terraform looks whether it lives while it waits for an answer, and kills it when
 * the provider's socket is gone: so it is one that does nothing, and dies with this one, however this one ends.
 */
export class StandInProcess {
  private constructor(
    private readonly child: ChildProcess | undefined,
    readonly pid: number,
  ) {}

  static async start(): Promise<StandInProcess> {
    // `cat` ends with its input, which the system closes when this process is gone. Windows has none: there it is this process.
    if (process.platform === "win32") return new StandInProcess(undefined, process.pid);
    const child = spawn("cat", { stdio: ["pipe", "ignore", "ignore"] });
    await once(child, "spawn");
    child.stdin?.on("error", () => {});
    return new StandInProcess(child, child.pid!);
  }

  async stop(): Promise<void> {
    if (!this.child || this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, "exit");
    this.child.stdin?.end();
    await ended;
  }
}
