import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { baseUrlIn } from "../../gitlab/base-url";
import type { ExpectedError } from "../../gitlab/expected-error";
import { PROVIDER_LOCK, type Releases, readProviderLock, releasesIn } from "../../terraform/provider-lock";
import { CommandError, ExitCode } from "../exit-code";
import { withBaseUrl } from "./gitlab-environment";
import { linkFolder } from "./linked-folder";
import { refusedLock } from "./lock-refusal";
import { type Plan, planOf } from "./plan";
import type { ProgramRun } from "./program";
import type { SynthesizedStack } from "./synthesis";
import { runTerraform, type TerraformRun } from "./terraform-program";

const PLAN_FILE = "reviewed.tfplan";

/**
 * The end of a plan. `uninitialized`: the folder has to be initialized by {@link Terraform.init}, for the state has something that the
 * configuration has no more, and whose provider is not there.
 */
export type PlanEnd = "nothing" | "changes" | "uninitialized";

/** Runs Terraform in the folder of one synthesized stack, which must be private: the plan file in it holds tokens. */
export class Terraform {
  /** The same for stacks that need the same providers. */
  readonly requirements: string;
  /** The stack that its folder is linked to, instead of being initialized. */
  private linked: SynthesizedStack | undefined;
  /** The lock file that the app wrote, where that of another stack takes its place. */
  private ownLock: string | undefined;

  constructor(
    readonly stack: SynthesizedStack,
    private readonly environment: NodeJS.ProcessEnv,
    private readonly signal: AbortSignal,
    /** Calls to GitLab that it may make at the same time. */
    private readonly callsAtOnce: number,
    /** The time to wait for the lock of the state, as Terraform writes it. @default - a plan takes no lock: who only reads may not */
    private readonly lockTimeout?: string,
  ) {
    this.requirements = JSON.stringify(stack.providers);
  }

  /**
   * Prepares the folder, and installs the providers in the releases that the lock file in it names, with the checksums there. Nothing
   * else may run meanwhile that shares a plugin cache.
   * @returns the releases that were chosen because there is no lock file
   * @throws CommandError with what Terraform said; and for a provider that the lock file lacks
   */
  async init(): Promise<Releases> {
    const lock = readProviderLock(this.stack.folder);
    const ran = await this.terraform(INIT);
    this.signal.throwIfAborted();
    if (ran.code !== 0) throw this.failure("init", ran, withFix(ran));
    const chosen = releasesIn(readProviderLock(this.stack.folder) ?? "");
    if (lock === undefined) return chosen;
    this.mustBeLocked(Object.keys(chosen), releasesIn(lock), ran.program);
    return {};
  }

  /**
   * As {@link init}, with the providers that were installed for another stack and no others: by links, without fetching or caching any.
   * @returns whether these were all that it takes; otherwise the folder is to be initialized by {@link init}
   */
  async initLike({ stack: other }: Terraform): Promise<boolean> {
    const { folder } = this.stack;
    this.ownLock = readProviderLock(folder);
    // It has the checksums of what was installed there.
    if (readProviderLock(other.folder) !== undefined) {
      copyFileSync(path.join(other.folder, PROVIDER_LOCK), path.join(folder, PROVIDER_LOCK));
    }
    this.linked = linkFolder(folder, other.folder) ? other : undefined;
    return this.linked !== undefined || this.initWith(other);
  }

  /** @returns whether the providers of another stack were all that it takes */
  private async initWith(other: SynthesizedStack): Promise<boolean> {
    const { folder } = this.stack;
    // Where all providers are attached, none was installed.
    const installed = path.join(other.folder, ".terraform", "providers");
    mkdirSync(installed, { recursive: true });
    const ran = await this.terraform([...INIT, `-plugin-dir=${installed}`]);
    this.signal.throwIfAborted();
    if (ran.code === 0) return true;
    if (this.ownLock === undefined) rmSync(path.join(folder, PROVIDER_LOCK), { force: true });
    else writeFileSync(path.join(folder, PROVIDER_LOCK), this.ownLock);
    return false;
  }

  /**
   * Plans into a file that {@link read} and {@link apply} take, in a folder that is initialized.
   * @throws CommandError with what Terraform said, or who holds the lock
   */
  async plan(): Promise<PlanEnd> {
    const lock = this.lockTimeout === undefined ? "-lock=false" : this.lockWait;
    const args = ["-no-color", "-input=false", "-detailed-exitcode", lock, this.calls, `-out=${PLAN_FILE}`];
    const ran = await this.terraform(["plan", ...args]);
    this.signal.throwIfAborted();
    if (ran.code === 0 || ran.code === CHANGES) return ran.code === 0 ? "nothing" : "changes";
    if (this.linked && ASKS_FOR_INIT.test(inWords(ran))) {
      const other = this.linked;
      this.linked = undefined;
      rmSync(path.join(this.stack.folder, ".terraform"), { recursive: true });
      return (await this.initWith(other)) ? this.plan() : "uninitialized";
    }
    throw this.failure("plan", ran, (await refusedLock(this.stack, ran.said, this.environment)) ?? withFix(ran));
  }

  /** Reads that plan. @throws CommandError when it cannot be read */
  async read(): Promise<Plan> {
    const ran = await this.terraform(["show", "-json", PLAN_FILE]);
    this.signal.throwIfAborted();
    if (ran.code !== 0) throw this.failure("show", ran);
    const [configuration] = JSON.parse(this.stack.configuration);
    return planOf(this.stack.name, ran.stdout, { configuration, gitlab: baseUrlIn(this.environment) });
  }

  /** Applies that plan and no other: Terraform refuses it once the state has changed. */
  async apply(onLine: (line: string) => void): Promise<ProgramRun> {
    const ran = await this.terraform(
      ["apply", "-no-color", "-input=false", this.lockWait, this.calls, PLAN_FILE],
      onLine,
    );
    const refused = ran.code === 0 ? undefined : await refusedLock(this.stack, ran.said, this.environment);
    for (const line of refused?.message.split("\n") ?? []) onLine(line);
    return ran;
  }

  private get calls(): string {
    return `-parallelism=${this.callsAtOnce}`;
  }

  private get lockWait(): string {
    return `-lock-timeout=${this.lockTimeout ?? "0s"}`;
  }

  /**
   * Terraform's own `-lockfile=readonly` would refuse more: a lock file that names a provider of another stack. So it may add to the
   * lock file here, where nobody keeps it, and what it added is refused.
   */
  private mustBeLocked(chosen: readonly string[], locked: Releases, program: string): void {
    const missing = chosen.filter((address) => !(address in locked));
    if (missing.length === 0) return;
    throw new CommandError({
      got: `${missing.join(", ")} in ${this.stack.name}, not in ${PROVIDER_LOCK}`,
      allowed: "providers whose release is locked there",
      fix: fixOfTofu(missing, chosen, { program, stack: this.stack.name }) ?? LOCK_FIX,
    });
  }

  /** @param why @default - what Terraform said */
  private failure(
    command: string,
    { program, said }: TerraformRun,
    why: ExpectedError | string = said.trimEnd(),
  ): CommandError {
    const [words, parts] = typeof why === "string" ? [why] : [why.message, why.parts];
    // What `show` prints on standard output is the plan.
    const told = command === "show" ? "" : `:\n${words}`;
    const message = `${program} ${command} of ${this.stack.name} failed, nothing was changed${told}`;
    return new CommandError(message, ExitCode.usage, parts);
  }

  private terraform(args: readonly string[], onLine?: (line: string) => void): Promise<TerraformRun> {
    return runTerraform(args, {
      cwd: this.stack.folder,
      environment: withBaseUrl(this.environment),
      signal: this.signal,
      onLine,
    });
  }
}

/** The exit code of a plan that does something. */
const CHANGES = 2;

const INIT = ["init", "-no-color", "-input=false"];

const LOCK_FIX = `run \`npx gitlab-ci-pusher providers lock\` (with --upgrade when the locked release is no longer allowed), review and commit ${PROVIDER_LOCK}`;

/**
 * The cure where nothing is missing but what a state asks for that OpenTofu wrote, beside the same of Terraform's registry: no lock file is
 * made from a state.
 */
function fixOfTofu(
  missing: readonly string[],
  chosen: readonly string[],
  { program, stack }: { readonly program: string; readonly stack: string },
): string | undefined {
  const replaced = missing.flatMap((address) => {
    const own = address.replace("registry.opentofu.org/", "registry.terraform.io/");
    return own !== address && chosen.includes(own) ? [`${address} ${own}`] : [];
  });
  if (replaced.length < missing.length) return undefined;
  const commands = ["init", ...replaced.map((each) => `state replace-provider ${each}`)];
  const typed = commands.map((each) => `\`${program} ${each}\``).join(", ");
  return `OpenTofu wrote the state: after \`npx cdktf synth\`, in cdktf.out/stacks/${stack}, ${typed}`;
}

const STATE_FIX = "export TF_HTTP_USERNAME and TF_HTTP_PASSWORD, and check GITLAB_BASE_URL (docs/state.md)";

const PROVIDER_FIX = `let ${PROVIDER_LOCK} be the one that the state was written with, or write "provider": 19 into the context of cdktf.json; the way back to 18: docs/provider.md`;

/** The words of a Terraform in a folder that is not as it wants it; OpenTofu 1.10 to 1.12 names what is not installed, and no command. */
const ASKS_FOR_INIT = /\b(?:terraform|tofu) init\b|\bunavailable provider\b/;

/** Terraform breaks its lines anywhere. */
const inWords = ({ said }: ProgramRun): string => said.replace(/[│\s]+/g, " ");

function withFix(ran: ProgramRun): string {
  const text = inWords(ran);
  const [, fix] = FIXES.find(([sign]) => sign.test(text)) ?? [];
  return fix === undefined ? ran.said.trimEnd() : `${ran.said.trimEnd()}\nFix: ${fix}`;
}

/** Cures, by Terraform's words. */
const FIXES: readonly (readonly [sign: RegExp, fix: string])[] = [
  [/lock file|locked provider/, LOCK_FIX],
  [/managed by newer provider version/, PROVIDER_FIX],
  [/Error refreshing state: (HTTP remote state|Failed to get state)/, STATE_FIX],
];
