import type { Problem } from "../../gitlab/problem";
import type { SlotIndex } from "../../gitlab/slot";
import type { DeclaredPusher, Slot } from "../../inventory/pushers";
import type { DeployedState } from "../../state/deployed-state";
import { type LineAge, lineAges } from "./line-ages";
import { slotBeside } from "./pair-of-slots";

/** Jobs that run longer than this are not reckoned with. GitLab ends a job after an hour, unless it is told otherwise. */
export const LONGEST_JOB_HOURS = 24;

/** Tokens that one deploy makes are not made in the same instant. */
const ONE_DEPLOY_SECONDS = 60;

/** The knowledge of a pusher's last bump when a slot is to be bumped. */
export type LastBump =
  /** It was deployed, and the jobs that held this slot's token are over. */
  | { readonly kind: "settled" }
  /** Bumping now would rotate both slots in one deploy, or the token that running jobs hold. */
  | { readonly kind: "waiting"; readonly reason: string; readonly slots: readonly SlotIndex[] }
  /** Nobody can tell. */
  | { readonly kind: "unknown"; readonly reason: Problem };

const SETTLED: LastBump = { kind: "settled" };

/** Tells whether a pusher's last bump has reached its running jobs: from Terraform's state, else from Git's history. */
export class LastBumps {
  private readonly histories = new Map<string, Promise<readonly LineAge[] | undefined>>();

  constructor(
    /** The states of the last deploys, by stack. */
    private readonly states: ReadonlyMap<string, DeployedState>,
    private readonly now: Date,
    /** Of Git. */
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  async of(pusher: DeclaredPusher, slot: SlotIndex): Promise<LastBump> {
    const state = this.states.get(pusher.stack);
    return state ? this.fromState(state, pusher, slot) : this.fromHistory(pusher);
  }

  private fromState(state: DeployedState, pusher: DeclaredPusher, slot: SlotIndex): LastBump {
    const token = (of: SlotIndex) => state.tokens.get(pusher.slots[of]!.path);
    const waiting = pusher.slots.filter((each) => token(each.slot)?.expires !== each.expires.text);
    if (waiting.length > 0) {
      return { kind: "waiting", slots: waiting.map((each) => each.slot), reason: notDeployed(pusher, waiting) };
    }
    const other = slotBeside(pusher, slot);
    if (other === undefined) return SETTLED;
    const [own, carrier] = [token(slot), token(other)];
    if (own?.carried) return { kind: "waiting", slots: [], reason: notSwitched(pusher, slot) };
    if (!own?.made || !carrier?.made) return SETTLED;
    const apart = carrier.made.getTime() - own.made.getTime();
    if (apart < ONE_DEPLOY_SECONDS * 1000 || !this.isRecent(carrier.made)) return SETTLED;
    return { kind: "waiting", slots: [], reason: justDeployed(carrier.made) };
  }

  /** Git tells when a date was written, not whether it was deployed: a day is given to both, the deploy and the jobs. */
  private async fromHistory(pusher: DeclaredPusher): Promise<LastBump> {
    const ages = await this.history(pusher.file);
    if (!ages) return { kind: "unknown", reason: unknowable(pusher) };
    for (const slot of pusher.slots) {
      const { since, atLeast } = ages[lineOf(slot) - 1] ?? {};
      if (since && !this.isRecent(since)) continue;
      return { kind: "waiting", slots: [], reason: since ? justWritten(since, atLeast) : NOT_COMMITTED };
    }
    return SETTLED;
  }

  private isRecent(instant: Date): boolean {
    return this.now.getTime() - instant.getTime() < LONGEST_JOB_HOURS * 3_600_000;
  }

  private history(file: string): Promise<readonly LineAge[] | undefined> {
    const known = this.histories.get(file) ?? lineAges(file, this.environment);
    this.histories.set(file, known);
    return known;
  }
}

/** The line of a slot's date, from 1. */
const lineOf = ({ locate }: Slot): number => Number(locate().split(":").at(-2));

const notDeployed = ({ stack }: DeclaredPusher, slots: readonly Slot[]): string =>
  `${slots.map(({ expires }) => expires.text).join(" and ")} ${slots.length === 1 ? "is" : "are"} not deployed yet: run \`cdktf deploy ${stack}\` first`;

const notSwitched = ({ stack, slots }: DeclaredPusher, slot: SlotIndex): string =>
  `variables still carry the token of ${slots[slot]?.expires.text}, as the last deploy broke off before it switched them all: run \`cdktf deploy ${stack}\` first`;

const minute = (instant: Date): string => `${instant.toISOString().slice(0, 16).replace("T", " ")} UTC`;

const justDeployed = (made: Date): string =>
  `the variable's token was made at ${minute(made)}: jobs that began before may hold the other one for ${LONGEST_JOB_HOURS} hours`;

const NOT_COMMITTED = "its dates are not committed yet: review and deploy them first";

const justWritten = (since: Date, atLeast: boolean | undefined): string =>
  `its dates came to the branch at ${minute(since)}${atLeast ? ", or before, as far as this shallow clone tells" : ""}: ${LONGEST_JOB_HOURS} hours are given to the deploy and to the jobs that run`;

const unknowable = ({ stack }: DeclaredPusher): Problem => ({
  got: `neither a state file of ${stack} nor a Git repository`,
  allowed:
    "one of them, since it tells whether the last bump was deployed, and a second one before that cuts running jobs",
  fix: "run the command where the stack is deployed, or in a clone; or add --force",
});
