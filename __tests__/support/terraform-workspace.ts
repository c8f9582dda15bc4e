import { type ChildProcessByStdio, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Readable } from "node:stream";
import { TERRAFORM } from "./tested-terraform";

/** How a `terraform` call ended. */
export interface TerraformResult {
  readonly stdout: string;
  readonly stderr: string;
  /** `stderr` on one line, without the boxes and breaks that Terraform draws: what assertions look into. */
  readonly errors: string;
  readonly exitCode: number;
}

/** One entry of a plan's `resource_changes`, in Terraform's JSON form. */
export interface ResourceChange {
  readonly address: string;
  readonly type: string;
  readonly name: string;
  /** `["no-op"]`, `["create"]`, `["update"]`, `["delete", "create"]`, … */
  readonly actions: readonly string[];
  readonly before: Record<string, unknown> | null;
  readonly after: Record<string, unknown> | null;
  /** True at what is known after apply only. */
  readonly afterUnknown: Record<string, unknown>;
  /** What forces a replacement. */
  readonly replacePaths: readonly (readonly (string | number)[])[];
}

/** A plan, parsed from `terraform show -json`. */
export interface TerraformPlan extends TerraformResult {
  readonly changes: readonly ResourceChange[];
  /** `resource_drift`: what a refresh found changed outside Terraform. */
  readonly drift: readonly ResourceChange[];
  /** The change of one address; throws when the plan has none. */
  readonly change: (address: string) => ResourceChange;
  /** True when the plan would change nothing. */
  readonly isEmpty: boolean;
}

/** A run under way. */
export interface TerraformRun {
  readonly result: Promise<TerraformResult>;
  /** SIGINT is Ctrl-C: Terraform asks its providers to stop and ends the run. @default SIGINT */
  interrupt(signal?: NodeJS.Signals): void;
}

/** Terraform's state file, as far as tests change it. */
export interface StateFile {
  readonly serial: number;
  readonly resources: readonly StateFileResource[];
}

export interface StateFileResource {
  readonly type: string;
  readonly name: string;
  readonly instances: readonly { readonly schema_version: number; readonly attributes: Record<string, unknown> }[];
}

/** A state's resources by address: the attribute values, in clear. */
export type TerraformState = Readonly<Record<string, Record<string, unknown>>>;

const PROVIDER_SOURCE = "gitlabhq/gitlab";

/** What `terraform init` leaves, by the settings that it was run with: which backend there is. Reattached providers leave nothing. */
const initialized = new Map<string, string>();

/**
 * Real Terraform in a directory of its own, thrown away by {@link remove}.
 *
 * `write` takes Terraform's JSON syntax; the `gitlab` provider requirement is added when the configuration has none.
 */
export class TerraformWorkspace {
  private constructor(
    readonly directory: string,
    private environment: Readonly<Record<string, string>>,
  ) {}

  /** Runs with another provider from now on, on the same state. @param reattach value of `TF_REATTACH_PROVIDERS` */
  attach(reattach: string): void {
    this.environment = { ...this.environment, TF_REATTACH_PROVIDERS: reattach };
  }

  /** @param environment added to the process's own, e.g. `TF_REATTACH_PROVIDERS`, `GITLAB_BASE_URL`, `GITLAB_TOKEN` */
  static async create(environment: Readonly<Record<string, string>> = {}): Promise<TerraformWorkspace> {
    return new TerraformWorkspace(await mkdtemp(path.join(tmpdir(), "terraform-workspace-")), environment);
  }

  async write(configuration: Readonly<Record<string, unknown>>): Promise<void> {
    const terraform = { required_providers: { gitlab: { source: PROVIDER_SOURCE } } };
    await writeFile(
      path.join(this.directory, "main.tf.json"),
      JSON.stringify({ terraform, ...configuration }, null, 2),
    );
  }

  init(): Promise<TerraformResult> {
    return this.run("init", "-input=false");
  }

  /** As {@link init}; where it was done for the same settings before, what it left then is put there instead. */
  async initOnce(): Promise<TerraformResult> {
    const { terraform } = JSON.parse(await readFile(path.join(this.directory, "main.tf.json"), "utf8"));
    const settings = JSON.stringify([terraform, process.env.TERRAFORM_BINARY_NAME]);
    const left = path.join(this.directory, ".terraform/terraform.tfstate");
    const known = initialized.get(settings);
    if (known !== undefined) {
      await mkdir(path.dirname(left));
      await writeFile(left, known);
      return { stdout: "", stderr: "", errors: "", exitCode: 0 };
    }
    const result = await this.init();
    if (result.exitCode === 0 && existsSync(left)) initialized.set(settings, await readFile(left, "utf8"));
    return result;
  }

  validate(): Promise<TerraformResult> {
    return this.run("validate");
  }

  /** Plans into a file and parses it; a failed plan has no changes and a non-zero exit code. */
  async plan(...options: string[]): Promise<TerraformPlan> {
    const file = path.join(this.directory, "plan.bin");
    const result = await this.run("plan", "-input=false", "-lock=false", `-out=${file}`, ...options);
    if (result.exitCode !== 0) return parsedPlan(result, {});
    const shown = await this.run("show", "-json", file);
    return parsedPlan(result, JSON.parse(shown.stdout) as PlanJson);
  }

  apply(...options: string[]): Promise<TerraformResult> {
    return this.run("apply", "-input=false", "-auto-approve", ...options);
  }

  /** Applies the file that {@link plan} left, without planning anew. */
  applyPlanned(): Promise<TerraformResult> {
    return this.run("apply", "-input=false", path.join(this.directory, "plan.bin"));
  }

  destroy(...options: string[]): Promise<TerraformResult> {
    return this.run("destroy", "-input=false", "-auto-approve", ...options);
  }

  import(address: string, id: string): Promise<TerraformResult> {
    return this.run("import", "-input=false", address, id);
  }

  /** The present state; empty before the first apply. */
  async state(): Promise<TerraformState> {
    const shown = await this.run("show", "-json");
    const resources = (JSON.parse(shown.stdout) as StateJson).values?.root_module?.resources ?? [];
    return Object.fromEntries(resources.map(({ address, values }) => [address, values]));
  }

  /** Changes the state file on the disk, e.g. to what an older provider would have left. */
  async rewriteState(change: (file: StateFile) => StateFile): Promise<void> {
    const file = path.join(this.directory, "terraform.tfstate");
    const state = JSON.parse(await readFile(file, "utf8")) as StateFile;
    await writeFile(file, JSON.stringify({ ...change(state), serial: state.serial + 1 }));
  }

  /** Runs any subcommand to its end. */
  run(subcommand: string, ...options: string[]): Promise<TerraformResult> {
    return this.start(subcommand, ...options).result;
  }

  /** Starts any subcommand, without colours, version checks or a CLI configuration file. */
  start(subcommand: string, ...options: string[]): TerraformRun {
    const withoutColor = ["version", "state"].includes(subcommand) ? [] : ["-no-color"];
    const child = spawn(TERRAFORM, [subcommand, ...withoutColor, ...options], {
      cwd: this.directory,
      env: this.childEnvironment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    return { result: resultOf(child), interrupt: (signal = "SIGINT") => child.kill(signal) };
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  private childEnvironment(): NodeJS.ProcessEnv {
    const environment: NodeJS.ProcessEnv = { ...process.env, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1" };
    for (const name of ["TF_CLI_CONFIG_FILE", "TF_LOG", "TF_CLI_ARGS", "TF_DATA_DIR", "TF_WORKSPACE"]) {
      delete environment[name];
    }
    return { ...environment, ...this.environment };
  }
}

function resultOf(child: ChildProcessByStdio<null, Readable, Readable>): Promise<TerraformResult> {
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      output[stream] += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) => {
      const errors = output.stderr.replace(/[│╷╵\s]+/g, " ").trim();
      resolve({ ...output, errors, exitCode: exitCode ?? 1 });
    });
  });
}

interface ChangeJson {
  address: string;
  type: string;
  name: string;
  change: {
    actions: string[];
    before: Record<string, unknown> | null;
    after: Record<string, unknown> | null;
    after_unknown?: Record<string, unknown>;
    replace_paths?: (string | number)[][];
  };
}

interface PlanJson {
  resource_changes?: ChangeJson[];
  resource_drift?: ChangeJson[];
}

interface StateJson {
  values?: { root_module?: { resources?: { address: string; values: Record<string, unknown> }[] } };
}

function parsedPlan(result: TerraformResult, json: PlanJson): TerraformPlan {
  const changes = (json.resource_changes ?? []).map(resourceChange);
  return {
    ...result,
    changes,
    drift: (json.resource_drift ?? []).map(resourceChange),
    isEmpty: result.exitCode === 0 && changes.every(({ actions }) => actions.join() === "no-op"),
    change: (address) => {
      const found = changes.find((each) => each.address === address);
      if (!found)
        throw new Error(`the plan has no ${address}, it has ${changes.map((each) => each.address)}\n${result.stderr}`);
      return found;
    },
  };
}

function resourceChange({ address, type, name, change }: ChangeJson): ResourceChange {
  return {
    address,
    type,
    name,
    actions: change.actions,
    before: change.before,
    after: change.after,
    afterUnknown: change.after_unknown ?? {},
    replacePaths: change.replace_paths ?? [],
  };
}
