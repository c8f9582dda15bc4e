import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { initializedBackend } from "../../state/initialized-backend";
import { lineageOf } from "../../state/state-form";
import { CommandError } from "../exit-code";
import { runTerraform, type TerraformRun } from "../stacks/terraform-program";
import type { Way } from "../stacks/way";
import { resourcesIn } from "./content";

/** The place where the state of a stack is kept. */
export interface StatePlace {
  /** The name it is kept under, mostly the stack's. */
  readonly name: string;
  /** For people. */
  readonly where: string;
  /** Terraform's backend by its type, such as `{local: {path: "/…"}}`. */
  readonly backend: Readonly<Record<string, object>>;
  /**
   * Makes sure that somebody answers there: Terraform waits for a server that is silent without an end, and for half a minute says nothing of one
   * that is away. @throws ApiError @default - there is nobody to answer
   */
  readonly mustAnswer?: (signal: AbortSignal) => Promise<void>;
}

/** Somebody else holds the lock of a state. */
export class StateLocked extends CommandError {}

/**
 * The state of a stack where it is kept, read and written by Terraform itself, in a folder that has nothing but the backend: locks and
 * encryption are Terraform's, and it refuses a state that does not come after the one it would replace.
 */
export class StoredState {
  private constructor(
    readonly place: StatePlace,
    private readonly cwd: string,
    private readonly options: Way,
  ) {}

  /** @throws CommandError when Terraform does not take the backend; ApiError when nobody answers there */
  static async at(place: StatePlace, options: Way): Promise<StoredState> {
    await place.mustAnswer?.(options.signal);
    const cwd = mkdtempSync(path.join(options.folder, "state-"));
    writeFileSync(path.join(cwd, "main.tf.json"), JSON.stringify({ terraform: { backend: place.backend } }));
    const nothing = path.join(cwd, "providers");
    mkdirSync(nothing);
    const stored = new StoredState(place, cwd, options);
    // Terraform looks here for the providers that the state names, and fails when there are none. Nobody needs them: the backend is ready.
    const ran = await stored.terraform("init", "-no-color", "-input=false", `-plugin-dir=${nothing}`);
    if (ran.code === 0 || initializedBackend(cwd) !== undefined) return stored;
    throw stored.failure("init", ran);
  }

  /** The state in clear; undefined where there is none. @throws CommandError */
  async read(): Promise<string | undefined> {
    const ran = await this.terraform("state", "pull", "-no-color");
    if (ran.code !== 0) throw this.failure("state pull", ran);
    return isNothing(ran.stdout) ? undefined : ran.stdout;
  }

  /** The state in a file, in clear. OpenTofu stores no encrypted one; but it reads it where it keeps states. */
  async decrypted(file: string): Promise<string | undefined> {
    const copy = path.join(mkdtempSync(path.join(this.options.folder, "state-")), "copy.tfstate");
    writeFileSync(copy, readFileSync(file), { mode: 0o600 });
    const place = { name: this.place.name, where: file, backend: { local: { path: copy } } };
    return (await StoredState.at(place, this.options)).read();
  }

  /** Stores a state that is in clear. @throws CommandError when Terraform refuses it; StateLocked */
  async write(text: string): Promise<void> {
    const file = path.join(this.cwd, "new.tfstate");
    writeFileSync(file, text, { mode: 0o600 });
    const ran = await this.terraform("state", "push", "-no-color", file);
    if (ran.code !== 0) throw this.failure("state push", ran);
  }

  /** Takes the lock and gives it back. @throws StateLocked; CommandError when there is no asking */
  async mustBeFree(): Promise<void> {
    const ran = await this.terraform("state", "rm", "-no-color", "-dry-run", "terraform_data.none");
    // It fails for want of such a resource, once it has the lock.
    if (ran.said.includes(LOCKED)) throw this.failure("state rm", ran);
  }

  private async terraform(...args: string[]): Promise<TerraformRun> {
    const { environment, signal } = this.options;
    const ran = await runTerraform(args, { cwd: this.cwd, environment, signal });
    signal.throwIfAborted();
    return ran;
  }

  private failure(command: string, { program, said, stdout }: TerraformRun): CommandError {
    const { name, where } = this.place;
    // What is on standard output may be a state.
    const told = command === "state pull" && stdout !== "" ? "" : `:\n${said.trim()}`;
    const message = `${program} ${command} of ${name} (${where}) failed${told}`;
    return said.includes(LOCKED) ? new StateLocked(message) : new CommandError(message);
  }
}

/** Tells whether Terraform printed no state: nothing, or one that was never stored. */
const isNothing = (text: string): boolean =>
  text.trim() === "" || (lineageOf(text).lineage === undefined && resourcesIn(text) === 0);

const LOCKED = "Error acquiring the state lock";
