import { existsSync } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { type Document, parseDocument } from "yaml";
import { type Commands, type Finished, UnexpectedEnd } from "./command";
import { exampleInventory } from "./example";

const PROJECT = path.join(__dirname, "..");
const MS_PER_DAY = 86_400_000;

/** Files that an ops repository shares with this project; Node resolves the links, so little is copied. */
const LINKED = ["main.ts", "tsconfig.json", "package.json", "node_modules", "inventory", "bin"];

/** The programs of the ops repository, by the names they are typed under. */
const PROGRAMS = { cdktf: "node_modules/.bin/cdktf", "gitlab-ci-pusher": "bin/gitlab-ci-pusher.js" } as const;

/** The date some days from today, UTC, as the inventory writes it. */
export const inDays = (days: number): string => new Date(Date.now() + days * MS_PER_DAY).toISOString().slice(0, 10);

/** The files of an operator, for the stack `example`. */
export interface OpsFiles {
  /** Text of its inventory file. @default - README's */
  readonly inventory?: string;
  /** Of cdktf.json. @default {} */
  readonly context?: object;
}

/** An inventory of one stack, on which the real commands run. Local state and output stay in its folder. */
export class OpsRepository {
  private constructor(
    readonly directory: string,
    private readonly commands: Commands,
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  /** @param environment what `cdktf` is told: which GitLab, whose token, which Terraform */
  static async create(
    directory: string,
    commands: Commands,
    environment: Readonly<Record<string, string>>,
    { inventory = exampleInventory(), context = {} }: OpsFiles = {},
  ): Promise<OpsRepository> {
    await mkdir(path.join(directory, "pushers"), { recursive: true });
    await writeFile(path.join(directory, "pushers", "example.yaml"), inventory);
    for (const name of LINKED) await symlink(path.join(PROJECT, name), path.join(directory, name));
    const cdktf = JSON.parse(await readFile(path.join(PROJECT, "cdktf.json"), "utf8"));
    // Wherever this project's own states are.
    await writeFile(path.join(directory, "cdktf.json"), JSON.stringify({ ...cdktf, context }));
    return new OpsRepository(directory, commands, environment);
  }

  /** Changes the inventory as an operator would in an editor: comments and the rest stay as they are. */
  async edit(change: (inventory: Document) => void): Promise<void> {
    const file = path.join(this.directory, "pushers", "example.yaml");
    const inventory = parseDocument(await readFile(file, "utf8"));
    change(inventory);
    await writeFile(file, inventory.toString({ lineWidth: 0 }));
  }

  /** Sets the day on which a slot's token dies. @param pusher the one that it is of */
  setExpiry(slot: 0 | 1, date: string, pusher = "gitops"): Promise<void> {
    return this.edit((inventory) => inventory.setIn(["pushers", pusher, "token", "expires", slot], date));
  }

  /** Runs `npx cdktf <command> …`, whatever comes of it. */
  run(command: string, ...args: string[]): Promise<Finished> {
    return this.npx("cdktf", command, ...args);
  }

  /** Runs `npx cdktf <command> …`, which must succeed, and returns what it printed. */
  async cdktf(command: string, ...args: string[]): Promise<string> {
    const finished = await this.run(command, ...args);
    if (finished.code === 0) return finished.output;
    throw new UnexpectedEnd(`success (Terraform itself says below why not)`, {
      ...finished,
      output: `${finished.output}\n${await this.planned()}`,
    });
  }

  /** Runs `npx gitlab-ci-pusher <command> …`, which must end with an exit code, and returns what it printed. */
  async pusher(code: number, command: string, ...args: string[]): Promise<string> {
    const finished = await this.npx("gitlab-ci-pusher", command, ...args);
    if (finished.code === code) return finished.output;
    throw new UnexpectedEnd(`exit code ${code}`, finished);
  }

  /** Runs the program that npx would start, whatever comes of it; npx itself would look for newer releases of npm. */
  npx(name: keyof typeof PROGRAMS, ...args: string[]): Promise<Finished> {
    return this.commands.run([PROGRAMS[name], ...args], { cwd: this.directory, environment: this.environment });
  }

  /** Terraform's words on the plan; none when the synth failed, as its folder does not exist then. */
  private async planned(): Promise<string> {
    return existsSync(path.join(this.directory, "cdktf.out", "stacks", "example")) ? this.terraform("plan") : "";
  }

  /**
   * Terraform's own words in the stack's folder. When it fails, cdktf may lose the end of its output, which is the error:
   * it stops listening as soon as Terraform has ended.
   */
  async terraform(...args: [string, ...string[]]): Promise<string> {
    const { TERRAFORM_BINARY_NAME = "terraform" } = this.environment;
    const cwd = path.join(this.directory, "cdktf.out", "stacks", "example");
    const argv = [TERRAFORM_BINARY_NAME, ...args, "-no-color", "-input=false"] as const;
    return (await this.commands.run(argv, { cwd, environment: this.environment })).output;
  }
}
