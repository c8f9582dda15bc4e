import { type ChildProcess, spawn } from "node:child_process";

/** How a run of gitlab-ci-local ended. */
export interface LocalRun {
  /** null: ended by a signal. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  /** Both streams, as they came. */
  readonly output: string;
}

/** A run under way; its process is the leader of a group of its own. */
export interface RunningLocal {
  readonly process: ChildProcess;
  /** Both streams so far. */
  readonly output: () => string;
  readonly ended: Promise<LocalRun>;
}

export interface LocalOrder {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: NodeJS.ProcessEnv;
}

type Told = { readonly stream: "stdout" | "stderr"; readonly text: string } | { readonly code: number };

/** Runs gitlab-ci-local in processes that take one order after the other; runs at the same time have a process each. */
export class GitlabCiLocal {
  private readonly hosts = new Set<ChildProcess>();
  private readonly idle: ChildProcess[] = [];

  run(order: LocalOrder): Promise<LocalRun> {
    return this.start(order).ended;
  }

  start({ args, cwd, environment }: LocalOrder): RunningLocal {
    const host = this.idle.pop() ?? this.newHost();
    const written = { stdout: "", output: "" };
    const ended = new Promise<LocalRun>((resolve, reject) => {
      const stop = (code: number | null, signal: NodeJS.Signals | null) => {
        host.off("message", onMessage).off("close", stop).off("error", reject);
        host.stderr!.removeAllListeners("data").resume();
        resolve({ code, signal, ...written });
      };
      const onMessage = (told: unknown) => {
        const message = told as Told;
        if ("code" in message) {
          this.idle.push(host);
          stop(message.code, null);
          return;
        }
        if (message.stream === "stdout") written.stdout += message.text;
        written.output += message.text;
      };
      host.on("message", onMessage).on("close", stop).on("error", reject);
      // What Node itself says when the program breaks.
      host.stderr!.on("data", (chunk: Buffer) => {
        written.output += chunk.toString();
      });
      host.send({ args, cwd, environment });
    });
    return { process: host, output: () => written.output, ended };
  }

  /** Ends its processes. */
  async close(): Promise<void> {
    const ends = [...this.hosts].map((host) => new Promise((resolve) => host.once("close", resolve)));
    for (const host of this.hosts) host.kill("SIGKILL");
    await Promise.all(ends);
  }

  private newHost(): ChildProcess {
    const host = spawn(process.execPath, [require.resolve("./gitlab-ci-local-host")], {
      env: { PATH: process.env.PATH, NO_COLOR: "1", TYPESCRIPT_CACHE: process.env.TYPESCRIPT_CACHE },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      detached: true,
    });
    this.hosts.add(host);
    host.once("close", () => this.hosts.delete(host));
    return host;
  }
}
