import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import * as path from "node:path";
import { GitlabProvider } from "@cdktf/provider-gitlab/lib/provider";
import {
  Annotations,
  App,
  TerraformBackend as Backend,
  HttpBackend,
  LocalBackend,
  type TerraformBackend,
  TerraformResource,
  TerraformStack,
} from "cdktf";
import type { Construct, IConstruct } from "constructs";
import { DEFAULT_LIFETIME_LIMIT, EXTENDED_LIFETIME_LIMIT, MAX_EXPIRIES_A_DAY } from "../gitlab/expiry-date";
import { guardsAmong } from "../gitlab/guard";
import { describe, withoutTokens } from "../gitlab/problem";
import { restoreCutOffState } from "../state/cut-off-state";
import { DeployedState } from "../state/deployed-state";
import type { RemoteState } from "../state/gitlab-state";
import { hiddenStateWarning } from "../state/hidden-state";
import { initializedBackend } from "../state/initialized-backend";
import { LEFT_OUT, statesToRead } from "../state/read-states";
import type { Declared } from "./leftovers";
import { type Fleet, policyProblems } from "./policies";
import type { PushToken } from "./push-token";
import { check, ValidationError } from "./validation";

/**
 * The provider releases this project is written for, in place of the 18.6.1 the bindings pin: before 18.8 each rotation deletes and
 * re-creates the variable and may fail half-way, 18.11 fails to rotate an expired token, and 19 has another branch protection.
 */
export const PROVIDER_VERSION = ">= 18.8.2, < 18.11.0";

/** Import blocks and `removed` blocks that forget a resource without destroying it. */
export const TERRAFORM_VERSION = ">= 1.7.0";

const RULE = /^gitlab_branch_protection\./;

/** Where Terraform notes the release and the checksums of each provider: beside cdktf.json under version control, and where it runs. */
const PROVIDER_LOCK = ".terraform.lock.hcl";

/** What the provider talks to when `GITLAB_BASE_URL` is unset. */
const GITLAB_COM = "https://gitlab.com";

/** What shapes are allowed: `free` has no users in branch rules and no environment scopes in groups. */
export type Edition = "free" | "premium";

export interface PusherStackProps {
  /** @default "free" */
  readonly edition?: Edition;
  /**
   * The GitLab this stack is for, as in `GITLAB_BASE_URL`. For checks only: it is never synthesized.
   * @default "https://gitlab.com"
   */
  readonly baseUrl?: string;
  /**
   * Longest life of a token in days, from today. GitLab's limit is 365, or 400 where the instance allows it (GitLab 17.6 and later).
   * @default 365
   */
  readonly lifetimeLimit?: number;
  /**
   * Rules outlive their pushers: a rule whose pusher is taken out stays in GitLab and is only forgotten, and `cdktf destroy` is
   * refused. Without it both take the rules away, which leaves the branches open to everybody who may push.
   * @default true
   */
  readonly deletionProtection?: boolean;
  /**
   * Folder of the local state file `<stack>.tfstate`, relative to the working directory. Unused when the stack has a backend.
   * @default ".state"
   */
  readonly stateDirectory?: string;
  /** The state in GitLab, as it was read before. @default - a local state file, or the backend that is added to the stack */
  readonly state?: RemoteState;
  /** The instant all dates are checked against. @default - the machine's clock */
  readonly now?: Date;
  /** Where a construct was written (`file:line`), by its path below the stack; for messages. @default - the construct path alone */
  readonly locate?: (path: readonly string[]) => string | undefined;
}

/**
 * A stack of pushers: the provider with its version range, the state, and the checks that need every pusher at once.
 *
 * The provider's release is the one in the working directory's `.terraform.lock.hcl`, where there is such a file.
 *
 * The operator's token is not part of it: the provider reads `GITLAB_TOKEN` and `GITLAB_BASE_URL` when Terraform runs.
 */
export class PusherStack extends TerraformStack {
  readonly edition: Edition;
  readonly lifetimeLimit: number;
  readonly deletionProtection: boolean;
  readonly now: Date;
  /** What the constructs of this stack declare, in the order of declaration. */
  readonly fleet: Fleet = { tokens: [], variables: [], rules: [] };
  private readonly stateFile: string;
  private readonly remote: RemoteState | undefined;
  /** Whether the synth looks into the state. Where it was told not to, the stack is only compared with another, or not planned. */
  readonly readsState: boolean;
  /** What the last deploy left, as far as the state tells. */
  readonly deployed: DeployedState;
  private ownBackend: TerraformBackend | undefined;
  private readonly locate: NonNullable<PusherStackProps["locate"]>;
  private readonly plain: TerraformResource[] = [];
  private readonly adopted: { to: string; id: string }[] = [];

  constructor(scope: Construct, id: string, props: PusherStackProps = {}) {
    super(scope, id);
    this.edition = props.edition ?? "free";
    this.lifetimeLimit = props.lifetimeLimit ?? DEFAULT_LIFETIME_LIMIT;
    this.deletionProtection = props.deletionProtection ?? true;
    this.now = props.now ?? new Date();
    this.locate = props.locate ?? (() => undefined);
    this.stateFile = path.resolve(props.stateDirectory ?? ".state", `${id}.tfstate`);

    this.remote = props.state;
    this.readsState = statesToRead(this.node.getAllContext())?.includes(id) ?? true;
    this.deployed = this.lastDeployed();

    const { synthesizer } = this;
    this.synthesizer = {
      synthesize: (session) => {
        synthesizer.synthesize(session);
        this.copyProviderLock();
      },
    };

    // An id that no pusher can have.
    new GitlabProvider(this, "Provider", {});
    this.addOverride("terraform.required_providers.gitlab.version", PROVIDER_VERSION);
    this.addOverride("terraform.required_version", TERRAFORM_VERSION);
    check(this, this.nameProblem());
    check(this, this.lifetimeProblem());
    check(this, addressProblem(props.baseUrl) ?? this.editionProblem(props.baseUrl));
  }

  /** The stack a construct belongs to. @throws Error when it is not a PusherStack. */
  static override of(construct: IConstruct): PusherStack {
    const stack = TerraformStack.of(construct);
    if (stack instanceof PusherStack) return stack;
    throw new Error(
      `[${construct.node.path}] got a ${stack.constructor.name} as its stack; allowed: a PusherStack; fix: declare pushers in \`new PusherStack(app, "name")\``,
    );
  }

  /** Whether a synth cannot know what Terraform manages. To be asked once the stack is complete. */
  get hidesState(): boolean {
    return this.hiddenBecause !== undefined;
  }

  private get hiddenBecause(): string | undefined {
    if (!this.readsState) return LEFT_OUT;
    if (this.givenBackend()) return "the stack has a backend of its own";
    if (this.remote?.hidden) return this.remote.hidden;
    return this.deployed.encrypted ? "the state is encrypted" : undefined;
  }

  private lastDeployed(): DeployedState {
    if (!this.readsState) return DeployedState.nothing();
    return this.remote ? this.deployedRemotely(this.remote) : this.deployedLocally();
  }

  private deployedLocally(): DeployedState {
    if (restoreCutOffState(this.stateFile)) {
      Annotations.of(this).addWarning(
        `the last deploy was killed while it wrote ${this.stateFile}; the state before that deploy was put back from its backup`,
      );
    }
    return DeployedState.read(this.stateFile);
  }

  /** What is about to move to GitLab is looked at where it still is. */
  private deployedRemotely({ deployed, hidden }: RemoteState): DeployedState {
    const left = hidden === undefined && !deployed.written ? DeployedState.known(this.stateFile) : undefined;
    if (!left || left.addresses.size === 0) return deployed;
    if (initializedBackend(this.runsIn) === "local") {
      Annotations.of(this).addWarning(
        `the state is still in ${this.stateFile}: \`npx cdktf deploy ${this.node.id} --migrate-state\` moves it to GitLab (docs/state.md)`,
      );
    } else check(this, this.forgottenStateProblem());
    return left;
  }

  /** Terraform would not miss a state it does not know of, and make everything a second time. */
  private forgottenStateProblem(): string {
    return describe({
      got: `a state in ${this.stateFile}, none in GitLab, and no Terraform in ${this.runsIn} that knows of the file and could move it`,
      allowed: "one state, because a deploy from an empty one makes every token a second time",
      fix: `set state to "local" in cdktf.json, run \`npx cdktf diff ${this.node.id}\`, set it to "gitlab" again, and run \`npx cdktf deploy ${this.node.id} --migrate-state\`; or delete the file if it is out of date`,
    });
  }

  /** Where the cdktf command line runs Terraform. */
  private get runsIn(): string {
    return path.resolve(App.of(this).outdir, "stacks", this.node.id);
  }

  /** Adopts what exists in GitLab under `id` as the resource at `address`. */
  adopt(address: string, id: string): void {
    this.adopted.push({ to: address, id });
    this.addOverride("import", this.adopted);
  }

  /** What is declared and neither known to the state nor adopted, after a deploy was begun: what one may have left unnoted. */
  unrecorded(): readonly Declared[] {
    const { addresses, begun } = this.deployed;
    if (!begun) return [];
    const adopted = new Set(this.adopted.map(({ to }) => to));
    const { variables, rules } = this.fleet;
    const declared = [...variables.map((variable) => variable.declared()), ...rules.flatMap((rule) => rule.declared())];
    return declared.filter(
      ({ address, after }) =>
        !addresses.has(address) && !adopted.has(address) && (after === undefined || addresses.has(after)),
    );
  }

  /**
   * Takes over the rendering of a resource made of plain values and expressions only: nothing in it needs cdktf's token resolving,
   * and without the `//` metadata, from which the cdktf command line compiles a pattern for every line of Terraform's log, a deploy
   * of a large stack is many times faster.
   */
  renderPlainly(resource: TerraformResource): void {
    this.plain.push(resource);
    resource.toTerraform = () => ({});
  }

  override toTerraform(): Record<string, unknown> {
    const config = super.toTerraform();
    const resources: Record<string, Record<string, { "//"?: unknown }>> = config.resource ?? {};
    for (const resource of this.plain) {
      const { resource: rendered } = TerraformResource.prototype.toTerraform.call(resource);
      for (const [type, named] of Object.entries(rendered))
        resources[type] = Object.assign(resources[type] ?? {}, named);
    }
    for (const named of Object.values(resources)) {
      for (const attributes of Object.values(named)) delete attributes["//"];
    }
    // Terraform takes an empty `resource` for a block without its label.
    return Object.keys(resources).length > 0 ? { ...config, resource: resources } : config;
  }

  override prepareStack(): void {
    validated.delete(this.node.root);
    if (this.deletionProtection) this.protectFromDeletion();
    this.advise();
    super.prepareStack();
  }

  /**
   * The backend the stack was given; or GitLab, without credentials, which Terraform takes from the environment; or a state file under
   * an ignored folder of the project, by a path that names no machine.
   */
  override ensureBackendExists(): TerraformBackend {
    const given = this.givenBackend() ?? this.ownBackend;
    if (given) return given;
    this.ownBackend = this.remote ? new HttpBackend(this, this.remote.backend) : this.localBackend();
    return this.ownBackend;
  }

  private localBackend(): LocalBackend {
    // What is in there can push: nobody but its owner may read it.
    mkdirSync(path.dirname(this.stateFile), { recursive: true, mode: 0o700 });
    return new LocalBackend(this, { path: path.relative(this.runsIn, this.stateFile) });
  }

  /** What is under version control decides, not what an earlier run left in the ignored folder. */
  private copyProviderLock(): void {
    if (existsSync(PROVIDER_LOCK)) copyFileSync(PROVIDER_LOCK, path.join(this.runsIn, PROVIDER_LOCK));
  }

  private givenBackend(): TerraformBackend | undefined {
    const isGiven = (child: IConstruct) => Backend.isBackend(child) && child !== this.ownBackend;
    return this.node.children.find(isGiven) as TerraformBackend | undefined;
  }

  /** Checks every pusher stack of the app at the first of them, so that one synth walks the app once and reports every problem. */
  override runAllValidations(): void {
    const { root } = this.node;
    if (validated.has(root)) return;
    const stacks = root.node.findAll().filter((node) => node instanceof PusherStack);
    this.adviseOnCrowdedDays(stacks.flatMap(({ fleet }) => fleet.tokens));
    const problems = stacks.flatMap((stack) => stack.problems());
    problems.push(
      ...policyProblems(stacks.map(({ fleet }) => fleet)).map((found) =>
        PusherStack.of(found.at).report(found.at, found.message),
      ),
    );
    if (problems.length > 0) {
      throw new ValidationError(
        `${problems.length} problem${problems.length === 1 ? "" : "s"}, nothing was changed:\n  ${problems.join("\n  ")}\n`,
      );
    }
    validated.add(root);
  }

  private problems(): string[] {
    return this.node.findAll().flatMap((node) => node.node.validate().map((message) => this.report(node, message)));
  }

  private report(node: IConstruct, message: string): string {
    const where = this.locate(node.node.path.split("/").slice(1));
    return withoutTokens(`${where ? `${where}: ` : ""}[${node.node.path}] ${message}`);
  }

  /**
   * A rule outlives its pusher. What the state knows and the stack no longer declares is forgotten, not destroyed; and a destroy of
   * the whole stack fails at its first step, the only one that every other one waits for. (`prevent_destroy` would do as much, but
   * the cdktf command line does not show why a plan failed.)
   */
  private protectFromDeletion(): void {
    const declared = new Set(this.fleet.rules.flatMap(({ address, guardAddress }) => [address, guardAddress]));
    const guards = this.deployedGuards();
    const removed = [...this.deployed.addresses].filter(
      (address) => RULE.test(address) && !declared.has(address) && !guards.has(address),
    );
    if (removed.length > 0) {
      this.addOverride(
        "removed",
        removed.map((from) => ({ from, lifecycle: { destroy: false } })),
      );
    }
    if (declared.size === 0) return;
    const { tokens, variables, rules } = this.fleet;
    this.addOverride("resource.terraform_data.deletion_protection", {
      depends_on: [...tokens, ...variables, ...rules.filter(({ deferred }) => !deferred)].map(({ address }) => address),
      provisioner: { "local-exec": { when: "destroy", quiet: true, command: `echo ${this.refusal()} && exit 1` } },
    });
  }

  /** Addresses of the guards: those go away with their rules. */
  private deployedGuards(): Set<string> {
    const rules = [...this.deployed.addresses].flatMap((name) => {
      const rule = this.deployed.rule(name);
      return rule ? [{ name, ...rule, closed: rule.push === "no one" && rule.merge === "no one" }] : [];
    });
    return new Set([...guardsAmong(rules).keys()].map(({ name }) => name));
  }

  private refusal(): string {
    return `${this.node.id} is protected from deletion, because its branches would be left open. Nothing was destroyed. Fix: set deletion_protection to false in pushers/${this.node.id}.yaml, then destroy again.`;
  }

  private advise(): void {
    const hidden = this.hiddenBecause;
    if (hidden !== undefined) {
      Annotations.of(this).addWarning(
        hiddenStateWarning(
          hidden,
          `${this.deletionProtection ? "a rule taken out here is deleted in GitLab, and its branch left open; " : ""}a rotation that cuts running jobs is not refused; what a deploy that broke off left is not adopted`,
        ),
      );
    }
  }

  private adviseOnCrowdedDays(tokens: readonly PushToken[]): void {
    const crowded = crowdedDays(tokens);
    if (crowded.length === 0) return;
    Annotations.of(this).addWarning(
      `more than ${MAX_EXPIRIES_A_DAY} tokens expire on ${crowded.slice(0, 5).join(", ")}${crowded.length > 5 ? ` and ${crowded.length - 5} more days` : ""}: one forgotten deploy stops them all; \`pusher rotate\` staggers dates`,
    );
  }

  /** The name stands in file names, addresses and the refusal's command. */
  private nameProblem(): string | undefined {
    if (/^[A-Za-z0-9][\w.-]*$/.test(this.node.id)) return undefined;
    return `got the stack name ${JSON.stringify(this.node.id)}; allowed: letters, digits, and - _ . after the first; fix: rename the stack`;
  }

  private lifetimeProblem(): string | undefined {
    const days = this.lifetimeLimit;
    if (Number.isInteger(days) && days >= 1 && days <= EXTENDED_LIFETIME_LIMIT) return undefined;
    return `got a lifetime limit of ${days} days; allowed: 1 to ${EXTENDED_LIFETIME_LIMIT}; fix: leave it out for GitLab's ${DEFAULT_LIFETIME_LIMIT}`;
  }

  private editionProblem(baseUrl: string | undefined): string | undefined {
    if (this.edition === "premium" || !isGitLabCom(baseUrl || GITLAB_COM)) return undefined;
    return (
      `got edition free on ${baseUrl ? "gitlab.com" : "gitlab.com, which is what the provider uses while GITLAB_BASE_URL is unset"}; ` +
      "allowed: premium there, any edition on another GitLab: on GitLab.com's Free tier project access tokens do not exist; " +
      "fix: set GITLAB_BASE_URL to your own GitLab; or set edition: premium if the namespace has Premium or Ultimate; " +
      "or do without a token: for pushes to the same project that need no follow-up pipeline, turn on the project setting " +
      "`Allow Git push requests to the repository` for job tokens (GitLab 18.4); or use a deploy key with write access"
    );
  }
}

/** Trees whose checks have passed since they were last prepared. */
const validated = new WeakSet<IConstruct>();

/** Why the provider could not use an address, or undefined when it could, or there is none. */
function addressProblem(baseUrl: string | undefined): string | undefined {
  if (!baseUrl || /^https?:\/\/[^/]/.test(baseUrl)) return undefined;
  return `got GITLAB_BASE_URL ${JSON.stringify(baseUrl)}; allowed: an address with http:// or https://; fix: write ${JSON.stringify(`https://${baseUrl}`)}`;
}

const isGitLabCom = (baseUrl: string): boolean => /(^|\.)gitlab\.com$/i.test(new URL(baseUrl).hostname);

/** Days on which too many tokens die, with their number: `2030-06-01 (12)`. */
function crowdedDays(tokens: readonly PushToken[]): string[] {
  const days = new Map<string, number>();
  for (const { expires } of tokens) if (expires) days.set(expires.text, (days.get(expires.text) ?? 0) + 1);
  const crowded = [...days].filter(([, count]) => count > MAX_EXPIRIES_A_DAY).sort();
  return crowded.map(([day, count]) => `${day} (${count})`);
}
