import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { Sandbox } from "../../sandbox/sandbox";
import { type PusherRun, pusher } from "./pusher-run";
import { outdir } from "./synth";

/** An ops repository of a test as far as `gitlab-ci-pusher state` looks at it, and the command line in it. */
export class StateRepository {
  readonly root = outdir();

  constructor(
    private readonly sandbox: Sandbox,
    stacks: readonly string[],
    kind: "local" | "gitlab",
  ) {
    for (const folder of ["pushers", ".state"]) mkdirSync(this.file(folder));
    for (const stack of stacks) this.write(`pushers/${stack}.yaml`, "pushers: {}\n");
    this.keepStatesIn(kind);
  }

  file(name: string): string {
    return path.join(this.root, name);
  }

  write(name: string, text: string): void {
    mkdirSync(path.dirname(this.file(name)), { recursive: true });
    writeFileSync(this.file(name), text);
  }

  /** Says in cdktf.json where the states are. */
  keepStatesIn(kind: "local" | "gitlab"): void {
    this.write("cdktf.json", JSON.stringify({ context: { state: kind, stateProject: "ops/pushers" } }));
  }

  /** Runs `gitlab-ci-pusher state …` with the administrator's credentials. */
  async state(...args: string[]): Promise<PusherRun> {
    const [cwd, before] = [process.cwd(), process.env];
    process.chdir(this.root);
    process.env = {
      PATH: before.PATH,
      HOME: before.HOME,
      TERRAFORM_BINARY_NAME: before.TERRAFORM_BINARY_NAME,
      GITLAB_BASE_URL: this.sandbox.url,
      TF_HTTP_USERNAME: "root",
      TF_HTTP_PASSWORD: this.sandbox.adminToken,
      TF_HTTP_RETRY_MAX: "0",
    };
    try {
      return await pusher(["state", ...args], new Date());
    } finally {
      process.chdir(cwd);
      process.env = before;
    }
  }
}
