import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { devNull } from "node:os";
import * as path from "node:path";
import { type PusherRun, pusher } from "./pusher-run";
import { outdir } from "./synth";

/** A token of a state file. */
export interface StateToken {
  readonly pusher: string;
  readonly slot: 1 | 2;
  readonly expires: string;
  /** As GitLab and the provider write it. @default "2029-06-01 08:00:00 +0000 UTC" */
  readonly made?: string;
  /** Whether a variable holds it. @default false */
  readonly carried?: boolean;
}

const resource = (type: string, attributes: object) => ({
  mode: "managed",
  type,
  name: "x",
  instances: [{ attributes }],
});

/** An ops repository of a test: the inventory, and on demand Git's history and Terraform's states. */
export class OpsFolder {
  readonly root = outdir();
  readonly inventory = path.join(this.root, "pushers");
  readonly states = path.join(this.root, ".state");

  constructor(
    files: Readonly<Record<string, string>>,
    readonly now = new Date("2030-01-10T12:00:00Z"),
  ) {
    mkdirSync(this.inventory);
    this.write(files);
  }

  write(files: Readonly<Record<string, string>>): this {
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(this.inventory, `${name}.yaml`), text);
    return this;
  }

  /** The files of the inventory, by stack. */
  get files(): Record<string, string> {
    const names = readdirSync(this.inventory);
    return Object.fromEntries(
      names.map((name) => [path.parse(name).name, readFileSync(path.join(this.inventory, name), "utf8")]),
    );
  }

  /** Commits the inventory as it is. @param at the instant of the commit, long ago unless said otherwise */
  commit(at = "2029-06-01T08:00:00Z"): this {
    if (!readdirSync(this.root).includes(".git")) {
      this.git(["init", "--quiet", "--initial-branch=main"]);
      this.git(["config", "user.name", "Test"]);
      this.git(["config", "user.email", "test@example.com"]);
    }
    this.git(["add", "pushers"]);
    this.git(["commit", "--quiet", "--message=inventory"], { GIT_AUTHOR_DATE: at, GIT_COMMITTER_DATE: at });
    return this;
  }

  /** Writes a state as Terraform would. The values in it must turn up nowhere. */
  deploy(stack: string, tokens: readonly StateToken[]): this {
    mkdirSync(this.states, { recursive: true });
    const secret = ({ pusher: id, slot }: StateToken) => `glpat-secret-of-${id}-${slot}`;
    const resources = tokens.flatMap((token) => [
      resource("gitlab_project_access_token", {
        description: `gitlab-ci-pusher ${stack}/${token.pusher}/${token.slot === 1 ? "Token" : "TokenB"}`,
        expires_at: token.expires,
        created_at: token.made ?? "2029-06-01 08:00:00 +0000 UTC",
        token: secret(token),
      }),
      ...(token.carried ? [resource("gitlab_project_variable", { value: secret(token) })] : []),
    ]);
    writeFileSync(path.join(this.states, `${stack}.tfstate`), JSON.stringify({ version: 4, resources }));
    return this;
  }

  git(args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
    const nobody = { GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: "1" };
    return execFileSync("git", args, {
      cwd: this.root,
      encoding: "utf8",
      env: { ...process.env, ...nobody, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    }).trim();
  }

  /** Runs `gitlab-ci-pusher rotate …` here. */
  rotate(...args: string[]): Promise<PusherRun> {
    return pusher(["rotate", ...args, "--inventory", this.inventory, "--state", this.states], this.now);
  }

  /** Runs `gitlab-ci-pusher rotate … --json`, which must print one line. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into the shape
  async rotateJson(...args: string[]): Promise<{ code: number; result: any }> {
    const { code, stdout, stderr } = await this.rotate(...args, "--json");
    if (stdout.trim().split("\n").length !== 1 || stdout === "") throw new Error(`no line of JSON: ${stdout}${stderr}`);
    return { code, result: JSON.parse(stdout) };
  }
}
