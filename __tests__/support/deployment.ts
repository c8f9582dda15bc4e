import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { App } from "cdktf";
import { adoptLeftovers } from "../../constructs";
import { ApiClient as GitLabApi } from "../../gitlab/api-client";
import { declareStack, loadInventory } from "../../inventory";
import { ProviderServer, type ProviderServerOptions } from "../../sandbox/provider/provider-server";
import type { ProviderVersion } from "../../sandbox/provider/resource";
import { Sandbox, type SandboxOptions } from "../../sandbox/sandbox";
import { readStackStates } from "../../state/stack-states";
import { stateSettings } from "../../state/state-settings";
import { ApiClient } from "./api-client";
import { GitClient, type GitRun, type WorkingCopy } from "./git-client";
import { type TerraformPlan, type TerraformResult, type TerraformRun, TerraformWorkspace } from "./terraform-workspace";
import { TODAY } from "./today";

export { TODAY };

/** A job as a runner would start it. */
export interface Job {
  readonly id: number;
  readonly pipeline_id: number;
  readonly token: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** Target and source projects, both with `main`; ann is a developer of both, mia a maintainer. */
const SEED: SandboxOptions["seed"] = {
  users: [{ username: "ann" }, { username: "mia" }],
  projects: ["xlink/gitops", "xlink/shop"].map((project) => ({
    path: project,
    visibility: "private" as const,
    files: { "README.md": "GitOps\n", ".gitlab-ci.yml": "job: {script: ['true']}\n" },
    branches: ["feature", "release/1.0"],
    members: { ann: "developer" as const, mia: "maintainer" as const },
  })),
};

/** An inventory, deployed by real Terraform into a sandbox of its own, and the real `git` to try it. */
export class Deployment {
  private pushes = 0;
  private provider: ProviderServer | undefined;
  private stateProject: string | undefined;

  private constructor(
    readonly sandbox: Sandbox,
    readonly api: ApiClient,
    readonly git: GitClient,
    private workspace: TerraformWorkspace,
    private readonly folder: string,
    private version: ProviderVersion,
  ) {}

  static async start(options: SandboxOptions = {}): Promise<Deployment> {
    const sandbox = await Sandbox.start({ seed: SEED, now: () => new Date(`${TODAY}T12:00:00Z`), ...options });
    const workspace = await TerraformWorkspace.create({ ...sandbox.environment, ...stateCredentials(sandbox) });
    const folder = mkdtempSync(path.join(tmpdir(), "gitlab-ci-pusher-deployment-"));
    return new Deployment(
      sandbox,
      ApiClient.admin(sandbox),
      new GitClient(),
      workspace,
      folder,
      options.providerVersion ?? 18,
    );
  }

  /** Deploys with this operator's token from now on, from an empty state; `way` leads to the sandbox or knows how to wait. */
  async operateWith(
    token: string,
    way: Partial<Pick<ProviderServerOptions, "baseUrl" | "backoff">> = {},
  ): Promise<void> {
    await this.provider?.stop();
    await this.workspace.remove();
    this.provider = await ProviderServer.start({ baseUrl: this.sandbox.url, token, version: this.version, ...way });
    this.workspace = await TerraformWorkspace.create({
      TF_REATTACH_PROVIDERS: this.provider.reattach,
      ...stateCredentials(this.sandbox),
    });
  }

  /** Synthesizes for this major version of the provider, and runs it, from now on. */
  async useProvider(version: ProviderVersion): Promise<void> {
    await this.provider?.stop();
    this.version = version;
    const { url: baseUrl, adminToken: token } = this.sandbox;
    const now = () => new Date(`${TODAY}T12:00:00Z`);
    this.provider = await ProviderServer.start({ baseUrl, token, version, now });
    this.workspace.attach(this.provider.reattach);
  }

  /** Synthesizes for a state in this project from now on; without one for a local state. Moving what there is, is up to the test. */
  keepStateIn(project?: string): void {
    this.stateProject = project;
  }

  /** Runs any subcommand of Terraform where the stack is. */
  terraform(subcommand: string, ...options: string[]): Promise<TerraformResult> {
    return this.workspace.run(subcommand, ...options);
  }

  /** Where Terraform runs. */
  get directory(): string {
    return this.workspace.directory;
  }

  async stop(): Promise<void> {
    await this.provider?.stop();
    rmSync(this.folder, { recursive: true, force: true });
    await this.workspace.remove();
    await this.git.remove();
    await this.sandbox.stop();
  }

  /** Synthesizes an inventory file `ops.yaml`, as main.ts would on `today`. */
  async synth(inventory: string, today = TODAY): Promise<Record<string, unknown>> {
    const pushers = path.join(this.folder, "pushers");
    mkdirSync(pushers, { recursive: true });
    writeFileSync(path.join(pushers, "ops.yaml"), inventory);
    const app = new App({ outdir: this.terraformSeenFromSynth(), stackTraces: false });
    const settings = stateSettings(
      this.stateProject === undefined ? {} : { state: "gitlab", stateProject: this.stateProject },
      { GITLAB_BASE_URL: this.sandbox.url, ...stateCredentials(this.sandbox) },
    );
    const files = loadInventory(pushers);
    const states = await readStackStates(settings, files, { directory: this.workspace.directory, outdir: app.outdir });
    const stack = declareStack(app, files[0]!, {
      baseUrl: this.sandbox.url,
      provider: this.version,
      now: new Date(`${today}T12:00:00Z`),
      state: states.get("ops"),
    });
    const gitlab = new GitLabApi({ baseUrl: this.sandbox.url, token: this.sandbox.adminToken });
    await adoptLeftovers(stack, () => gitlab);
    app.synth();
    const config = JSON.parse(readFileSync(path.join(this.folder, "cdktf.out/stacks/ops/cdk.tf.json"), "utf8"));
    if (config.terraform.backend.local) config.terraform.backend.local.path = "ops.tfstate";
    await this.workspace.write(config);
    await this.init();
    return config;
  }

  /** Terraform runs in a folder of its own: a synth finds what Terraform knows there where the cdktf command line would leave it. */
  private terraformSeenFromSynth(): string {
    const outdir = path.join(this.folder, "cdktf.out");
    const link = path.join(outdir, "stacks/ops/.terraform");
    mkdirSync(path.dirname(link), { recursive: true });
    rmSync(link, { force: true });
    symlinkSync(path.join(this.workspace.directory, ".terraform"), link);
    return outdir;
  }

  /** Once for each working directory: the providers never change, and a test that changes the backend moves the state itself. */
  private async init(): Promise<void> {
    if (existsSync(path.join(this.workspace.directory, ".terraform"))) return;
    const init = await this.workspace.initOnce();
    if (init.exitCode !== 0) throw new Error(init.stderr);
  }

  async plan(inventory: string, today = TODAY): Promise<TerraformPlan> {
    await this.synth(inventory, today);
    return this.workspace.plan();
  }

  /** Deploys an inventory, whatever comes of it. */
  async tryDeploy(inventory: string, today = TODAY): Promise<TerraformResult> {
    await this.synth(inventory, today);
    return this.workspace.apply();
  }

  /** Starts to deploy an inventory. */
  async startDeploy(inventory: string, today = TODAY): Promise<TerraformRun> {
    await this.synth(inventory, today);
    return this.workspace.start("apply", "-input=false", "-auto-approve");
  }

  /** Deploys an inventory, which must succeed, and gives what Terraform printed. */
  async deploy(inventory: string, today = TODAY): Promise<string> {
    const { exitCode, stdout, stderr } = await this.tryDeploy(inventory, today);
    if (exitCode !== 0) throw new Error(`${stdout}\n${stderr}`);
    return stdout;
  }

  destroy(): Promise<TerraformResult> {
    return this.workspace.destroy();
  }

  /** Where Terraform keeps the state. */
  get stateFile(): string {
    return path.join(this.workspace.directory, "ops.tfstate");
  }

  state(): string {
    return readFileSync(this.stateFile, "utf8");
  }

  /** What a resource is in the state. */
  async resource(prefix: string): Promise<Record<string, unknown>> {
    const found = Object.entries(await this.workspace.state()).filter(([address]) => address.includes(prefix));
    if (found.length !== 1) throw new Error(`${found.length} resources are like ${prefix}`);
    return found[0]![1];
  }

  async job(project: string, ref = "main", user = "ann"): Promise<Job> {
    const { status, body } = await this.api.control("POST", "jobs", { project, ref, user });
    if (status >= 300) throw new Error(`no job of ${project} on ${ref}: ${status} ${JSON.stringify(body)}`);
    return body as Job;
  }

  /** Sets the sandbox's day. */
  async setDay(day: string): Promise<void> {
    await this.api.control("PUT", "clock", { now: `${day}T12:00:00Z` });
  }

  /** The API calls since {@link forgetCalls}, `METHOD path` each. */
  async calls(): Promise<string[]> {
    const { body } = await this.api.control("GET", "requests");
    return (body as { method: string; path: string }[]).map(
      (call) => `${call.method} ${decodeURIComponent(call.path)}`,
    );
  }

  async forgetCalls(): Promise<void> {
    await this.api.control("DELETE", "requests");
  }

  /** The rules of a project: name and who may push. */
  async rules(project = "xlink/gitops"): Promise<Record<string, string>> {
    const { body } = await this.api.get(`/projects/${encodeURIComponent(project)}/protected_branches`);
    type Level = { access_level: number | null; access_level_description: string };
    const rules = body as { name: string; push_access_levels: Level[]; allow_force_push: boolean }[];
    const who = (levels: Level[]) => levels.map((level) => level.access_level_description).join(", ");
    return Object.fromEntries(
      rules.map((rule) => [rule.name, `${who(rule.push_access_levels)}${rule.allow_force_push ? " (force)" : ""}`]),
    );
  }

  /** The address of a repository for a token, as the articles write it. */
  url(token: string, project = "xlink/gitops", user = "gitlab-ci-token"): string {
    return `${this.sandbox.url.replace("//", `//${user}:${token}@`)}/${project}.git`;
  }

  /** Where the sandbox has a project's repository: a clone from there costs a third of one over HTTP. */
  async repository(project: string): Promise<string> {
    const { body } = await this.api.get(`/projects/${encodeURIComponent(project)}`);
    return path.join(this.sandbox.directory, "repositories", `${body.id}.git`);
  }

  /** A clone, made past the server, whose `origin` is then that of `token`. */
  async clone(token: string, ref = "main", project = "xlink/gitops"): Promise<WorkingCopy> {
    const copy = await this.git.clone(await this.repository(project), "--branch", ref);
    await copy.must("remote", "set-url", "origin", this.url(token, project));
    return copy;
  }

  /** Clones past the server, commits and pushes `HEAD:<branch>` as a job does. */
  async push(token: string, branch = "main", ...options: string[]): Promise<GitRun> {
    const repository = await this.repository("xlink/gitops");
    const pushUrl = `remote.origin.pushurl=${this.url(token)}`;
    const copy = await this.git.clone(repository, "--branch", "main", "--config", pushUrl);
    if (branch !== "main") {
      const known = await copy.run("fetch", "--quiet", "origin", branch);
      if (known.code === 0) await copy.must("reset", "--quiet", "--hard", "FETCH_HEAD");
    }
    this.pushes += 1;
    await copy.commit(`[auto ci] change ${this.pushes}`, `${this.pushes}\n`, "image.txt");
    return copy.run("push", ...options, "origin", `HEAD:refs/heads/${branch}`);
  }
}

/** The administrator's way to states in the sandbox. */
const stateCredentials = ({ adminToken }: Sandbox) => ({ TF_HTTP_USERNAME: "root", TF_HTTP_PASSWORD: adminToken });

/** An inventory of one pusher with these parts, as an operator writes it. */
export function inventory(
  parts: { edition?: string; head?: string; token?: string; variable?: string; branches?: string; tags?: string } = {},
): string {
  const {
    edition = "free",
    head = "",
    token = "{expires: 2100-06-01}",
    variable = "{in: [xlink/shop, xlink/gitops]}",
    branches = "{main: {push: developer}}",
    tags,
  } = parts;
  return `edition: ${edition}\n${head}pushers:\n  gitops:\n    target: xlink/gitops\n    token: ${token}\n    variable: ${variable}\n    branches: ${branches}\n${tags === undefined ? "" : `    tags: ${tags}\n`}`;
}
