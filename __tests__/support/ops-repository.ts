import { type ChildProcess, execFile, execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { devNull } from "node:os";
import * as path from "node:path";
import type { Sandbox } from "../../sandbox/sandbox";
import { secretsIn } from "./state-text";
import { fastCdktfJson, SWC_NODE } from "./swc-node";
import { outdir } from "./synth";

const PROJECT = path.join(__dirname, "../..");
const LINKED = ["main.ts", "tsconfig.json", "package.json", "inventory", "node_modules"];

/** How a command ended. */
export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Run>;
}

/** An ops repository with an origin, and the real command line in it. */
export class OpsRepository {
  private readonly folder = outdir();
  readonly root = path.join(this.folder, "ops");
  readonly temporary = path.join(this.folder, "tmp");
  /** All that commands printed. */
  printed = "";

  /** @param context of cdktf.json, where it says where states are */
  constructor(
    private readonly sandbox: Sandbox,
    context: object = {},
  ) {
    for (const name of [this.root, this.temporary, path.join(this.root, "pushers")]) mkdirSync(name);
    for (const name of LINKED) symlinkSync(path.join(PROJECT, name), path.join(this.root, name));
    writeFileSync(path.join(this.root, "cdktf.json"), fastCdktfJson(context));
    writeFileSync(path.join(this.root, ".gitignore"), "node_modules\n.state/\ncdktf.out/\n");
    this.git("init", "--quiet", "--initial-branch=main");
    this.git("init", "--quiet", "--bare", "--initial-branch=main", path.join(this.folder, "origin.git"));
    this.git("remote", "add", "origin", path.join(this.folder, "origin.git"));
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) writeFileSync(this.file("pushers", `${name}.yaml`), text);
  }

  commit(...push: string[]): void {
    this.git("add", ".");
    this.git("-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "--quiet", "--message=change");
    if (push.length > 0) this.git("push", "--quiet", "origin", ...push);
  }

  git(...args: string[]): string {
    const env = { ...process.env, GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: "1" };
    return execFileSync("git", args, { cwd: this.root, env, encoding: "utf8" });
  }

  file(...names: string[]): string {
    return path.join(this.root, ...names);
  }

  /** Runs `pusher …` as a person would. */
  pusher(...args: string[]): Promise<Run> {
    return this.start(...args).ended;
  }

  /** Starts `pusher …`. */
  start(...args: string[]): Started {
    return this.startAs({}, ...args);
  }

  /** Starts `pusher …` with this added to the environment. */
  startAs(own: NodeJS.ProcessEnv, ...args: string[]): Started {
    return this.execute([...SWC_NODE, path.join(PROJECT, "commands", "main.ts"), ...args], own);
  }

  /** Runs the real `cdktf …`. */
  cdktf(...args: string[]): Promise<Run> {
    return this.cdktfAs({}, ...args);
  }

  /** Runs the real `cdktf …` with this added to the environment. */
  cdktfAs(own: NodeJS.ProcessEnv, ...args: string[]): Promise<Run> {
    return this.execute([process.execPath, path.join(PROJECT, "node_modules", ".bin", "cdktf"), ...args], own).ended;
  }

  /** Runs a shell's command line with this added to the environment. */
  shellAs(own: NodeJS.ProcessEnv, command: string): Promise<Run> {
    return this.execute(["sh", "-c", command], own).ended;
  }

  private get environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      GITLAB_TOKEN: this.sandbox.adminToken,
      ...this.sandbox.environment,
      TMPDIR: this.temporary,
      NO_COLOR: "1",
      CI: "true",
      CHECKPOINT_DISABLE: "1",
      DISABLE_VERSION_CHECK: "1",
      CDKTF_HOME: path.join(this.folder, "cdktf"),
      TF_CLI_CONFIG_FILE: undefined,
    };
  }

  private execute([program, ...args]: readonly [string, ...string[]], own: NodeJS.ProcessEnv): Started {
    const env = { ...this.environment, ...own };
    let child!: ChildProcess;
    const ended = new Promise<Run>((resolve) => {
      child = execFile(program, args, { cwd: this.root, env }, (error, stdout, stderr) => {
        this.printed += stdout + stderr;
        resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
      });
    });
    return { child, ended };
  }

  /** Values that nobody but GitLab and Terraform's state may have. */
  secrets(): string[] {
    const found = readdirSync(this.file(".state")).flatMap((name) =>
      secretsIn(readFileSync(this.file(".state", name), "utf8")),
    );
    return [...new Set([...found, this.sandbox.adminToken])];
  }

  /** Every file but the state, by name; links are not followed. */
  files(): [string, string][] {
    const all = readdirSync(this.folder, { recursive: true, withFileTypes: true });
    return all
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .filter((file) => path.basename(path.dirname(file)) !== ".state")
      .map((file) => [file, readFileSync(file, "latin1")]);
  }
}
