import * as path from "node:path";
import { Annotations, type TerraformBackend, type TerraformResource, TerraformStack } from "cdktf";
import type { Construct, IConstruct } from "constructs";
import { DEFAULT_LIFETIME_LIMIT } from "../gitlab/expiry-date";
import { DEFAULT_PROVIDER, type ProviderMajor } from "../gitlab/provider-major";
import { DeployedState } from "../state/deployed-state";
import { hiddenStateWarning } from "../state/hidden-state";
import { LEFT_OUT } from "../state/left-out-states";
import type { OtherState } from "../state/other-states";
import type { StackState } from "../state/stack-state";
import { forgetValidation, validateApp } from "./app-validation";
import { protectFromDeletion } from "./deletion-protection";
import { adviseOnDoneImports } from "./done-imports";
import type { Fleet } from "./fleet";
import { literal } from "./literal";
import { LiteralResources } from "./literal-resources";
import { movesOf } from "./moves";
import { STACK_MARK, type Stack, stackOf } from "./stack";
import { addBackend, givenBackend, runsIn } from "./stack-backend";
import {
  addressProblem,
  type Edition,
  editionProblem,
  lifetimeProblem,
  nameProblem,
  type Package,
  packageProblem,
} from "./stack-checks";
import { prepareFolders } from "./stack-folder";
import { addProvider } from "./stack-provider";
import type { Thing, ToldThing } from "./thing";
import { check } from "./validation";

export interface PusherStackProps {
  /** @default "free" */
  readonly edition?: Edition;
  /**
   * The package of GitLab that is installed, whatever its licence. Provider 19 takes rules of branches in another form for each.
   * @default "ee"
   */
  readonly package?: Package;
  /**
   * The major version of GitLab's Terraform provider. The move from 18 to 19 changes no address; there is a way back (docs/provider.md).
   * @default 18
   */
  readonly provider?: ProviderMajor;
  /**
   * The name the stack was first deployed under, when it has been renamed since. It stays: its state is kept under that name, and the
   * descriptions of its tokens bear it.
   * @default - its id
   */
  readonly was?: string;
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
   * The state, as `readStackStates` found it before the app was declared: where Terraform keeps it, and what the checks look at.
   * @default - the backend that is added to the stack, else the file `.state/<stack>.tfstate`; neither is looked into
   */
  readonly state?: StackState;
  /** The instant all dates are checked against. @default - the machine's clock */
  readonly now?: Date;
  /** Tells where a construct was written (`file:line`), by its path below the stack; for messages. @default - the construct path alone */
  readonly locate?: (path: readonly string[]) => string | undefined;
}

/**
 * A stack of pushers: the provider with its version range, the state, and the checks that need every pusher at once.
 *
 * The provider's release is the one in the working directory's `.terraform.lock.hcl`, where there is such a file.
 *
 * The operator's token is not part of it: the provider reads `GITLAB_TOKEN` and `GITLAB_BASE_URL` when Terraform runs.
 */
export class PusherStack extends TerraformStack implements Stack {
  readonly [STACK_MARK] = true;
  readonly edition: Edition;
  readonly package: Package;
  readonly provider: ProviderMajor;
  /** The name it was first deployed under. */
  readonly mark: string;
  readonly lifetimeLimit: number;
  readonly deletionProtection: boolean;
  readonly now: Date;
  readonly locate: NonNullable<PusherStackProps["locate"]>;
  /** All that the constructs of this stack declare, in the order of declaration. */
  readonly fleet: Fleet = { tokens: [], variables: [], rules: [], tags: [] };
  /** Tells whether the synth looks into the state. Where it was told not to, the stack is only compared with another, or not planned. */
  readonly readsState: boolean;
  /** The things that the last deploy left, as far as the state tells. */
  readonly deployed: DeployedState;
  /** The ids that renamed pushers had, by those they have. */
  readonly formerIds = new Map<string, string>();
  /** States beside its own that {@link findOwners} read. */
  others: readonly OtherState[] = [];
  private readonly state: StackState;
  private ownBackend: TerraformBackend | undefined;
  private readonly literals = new LiteralResources();
  private readonly adopted: { to: string; id: string }[] = [];

  constructor(scope: Construct, id: string, props: PusherStackProps = {}) {
    super(scope, id);
    this.edition = props.edition ?? "free";
    this.package = props.package ?? "ee";
    this.provider = props.provider ?? DEFAULT_PROVIDER;
    this.mark = props.was ?? id;
    this.lifetimeLimit = props.lifetimeLimit ?? DEFAULT_LIFETIME_LIMIT;
    this.deletionProtection = props.deletionProtection ?? true;
    this.now = props.now ?? new Date();
    this.locate = props.locate ?? (() => undefined);
    this.state = props.state ?? unknownState(this.mark);
    this.readsState = this.state.hidden !== LEFT_OUT;
    this.deployed = this.state.deployed;
    for (const notice of this.state.notices ?? []) Annotations.of(this).addWarning(notice);

    const { synthesizer } = this;
    this.synthesizer = {
      synthesize: (session) => {
        synthesizer.synthesize(session);
        const { backend } = this.state;
        prepareFolders(runsIn(this), backend.kind === "local" && this.ownBackend ? backend.file : undefined);
      },
    };
    addProvider(this, this.provider);
    check(this, nameProblem(id) ?? nameProblem(this.mark));
    check(this, lifetimeProblem(this.lifetimeLimit));
    check(this, addressProblem(props.baseUrl) ?? editionProblem(this.edition, props.baseUrl));
    check(this, packageProblem(this.edition, this.package));
  }

  /** The stack a construct belongs to. @throws ValidationError when it is not a PusherStack. */
  static override of(construct: IConstruct): PusherStack {
    return stackOf(construct) as PusherStack;
  }

  /** Tells whether a synth cannot know what Terraform manages. To be asked once the stack is complete. */
  get hidesState(): boolean {
    return this.hiddenBecause !== undefined;
  }

  private get hiddenBecause(): string | undefined {
    if (this.readsState && givenBackend(this, this.ownBackend)) return "the stack has a backend of its own";
    return this.state.hidden ?? (this.deployed.encrypted ? "the state is encrypted" : undefined);
  }

  /** The address under which the state has this now: its own, or an earlier one. Undefined when the state does not have it. */
  deployedAt({ address, identity }: Thing): string | undefined {
    return this.deployed.addresses.has(address) ? address : this.deployed.addressOf(identity);
  }

  /** Adopts what exists in GitLab under `id`. What the state has under another address moves instead. */
  adopt(thing: Thing, id: string): void {
    const { address: to } = thing;
    if ((this.deployedAt(thing) ?? to) !== to) return;
    this.adopted.push({ to, id: literal(id) });
    this.addOverride("import", this.adopted);
  }

  /** Lists what is declared and neither known to the state nor adopted, after a deploy was begun: what one may have left unnoted. */
  unrecorded(): readonly ToldThing[] {
    if (!this.deployed.begun || this.hidesState) return [];
    const adopted = new Set(this.adopted.map(({ to }) => to));
    const { variables, rules } = this.fleet;
    const declared = [...variables.map((variable) => variable.declared()), ...rules.flatMap((rule) => rule.declared())];
    return declared.filter(
      (each) =>
        !this.deployedAt(each) &&
        !adopted.has(each.address) &&
        (each.after === undefined || this.deployedAt(each.after)),
    );
  }

  /** Takes over the rendering of a resource: its texts are data, see {@link LiteralResources}. */
  renderLiterally(resource: TerraformResource): void {
    this.literals.add(resource);
  }

  override toTerraform(): Record<string, unknown> {
    return this.literals.addTo(super.toTerraform());
  }

  override prepareStack(): void {
    forgetValidation(this.node.root);
    const moved = movesOf(this);
    if (moved.length > 0) this.addOverride("moved", moved);
    if (this.deletionProtection) protectFromDeletion(this, new Set(moved.map(({ from }) => from)));
    this.adviseOnHiddenState();
    adviseOnDoneImports(this);
    super.prepareStack();
  }

  override ensureBackendExists(): TerraformBackend {
    const backend = givenBackend(this, this.ownBackend) ?? this.ownBackend;
    if (backend) return backend;
    this.ownBackend = addBackend(this, this.state);
    return this.ownBackend;
  }

  override runAllValidations(): void {
    validateApp(this);
  }

  private adviseOnHiddenState(): void {
    const hidden = this.hiddenBecause;
    if (hidden === undefined) return;
    const unprotected = this.deletionProtection
      ? "a rule taken out here is deleted in GitLab, and its branch left open; "
      : "";
    const unchecked = `${unprotected}a rotation that cuts running jobs is not refused; what a deploy that broke off left is not adopted`;
    Annotations.of(this).addWarning(hiddenStateWarning(hidden, unchecked));
  }
}

/** The state of a stack whose app looked into none. */
function unknownState(stack: string): StackState {
  const backend = { kind: "local", file: path.resolve(".state", `${stack}.tfstate`) } as const;
  const hidden = "no state was handed to the stack (`readStackStates` reads it)";
  return { backend, deployed: DeployedState.nothing(), hidden };
}
