import { once } from "node:events";
import * as path from "node:path";
import { createInterface } from "node:readline";
import type { Commands, Started } from "./command";

const PROJECT = path.join(__dirname, "..");

/** The message that a runner gets of a job it starts. */
export interface JobDescription {
  readonly id: number;
  /** All that GitLab puts into the job's environment. */
  readonly variables: Readonly<Record<string, string>>;
}

/** `npm run sandbox -- --port 0 --seed demo/seed.yaml --json`, as a child process, and its API as a client sees it. */
export class SandboxProcess {
  private constructor(
    private readonly process: Started,
    /** `GITLAB_BASE_URL`, `GITLAB_TOKEN`, `TF_REATTACH_PROVIDERS` and `CDKTF_SKIP_PROVIDER_LOCK`. */
    readonly environment: Readonly<Record<string, string>>,
  ) {}

  static async start(commands: Commands): Promise<SandboxProcess> {
    const seed = path.join("demo", "seed.yaml");
    const argv = ["--require", "ts-node/register", "sandbox/main.ts", "--port", "0", "--seed", seed, "--json"];
    const started = commands.start([process.execPath, ...argv], { cwd: PROJECT, last: true });
    const { child } = started;
    let complaints = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaints += text;
    });
    const lines = createInterface({ input: child.stdout });
    const [first] = await Promise.race([
      once(lines, "line") as Promise<[string]>,
      once(child, "close").then(() => {
        throw new Error(`the sandbox did not start:\n${commands.redact(complaints).trimEnd()}`);
      }),
    ]);
    const environment = JSON.parse(first) as Record<string, string>;
    commands.hide(environment.GITLAB_TOKEN);
    return new SandboxProcess(started, environment);
  }

  get url(): string {
    return this.environment.GITLAB_BASE_URL ?? "";
  }

  /** One call of GitLab's API with the administrator's token. @param route such as `GET projects/1/variables` */
  async api<T>(route: string, body?: object): Promise<T> {
    const [method, address] = route.split(" ");
    return this.call(route, `${this.url}/api/v4/${address}`, { method, body, token: this.environment.GITLAB_TOKEN });
  }

  /** Starts a CI job, as somebody who pushes to `ref` would. */
  startJob(job: { project: string; ref: string; user: string }): Promise<JobDescription> {
    return this.call("a new job", `${this.url}/-/sandbox/jobs`, { method: "POST", body: job });
  }

  stop(): Promise<void> {
    return this.process.stop();
  }

  private async call<T>(what: string, url: string, request: { method?: string; body?: object; token?: string }) {
    const response = await fetch(url, {
      method: request.method,
      headers: { "content-type": "application/json", ...(request.token ? { "private-token": request.token } : {}) },
      body: request.body && JSON.stringify(request.body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`expected success; got ${response.status} from ${what}: ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }
}
