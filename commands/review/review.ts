import type { GoneStack } from "../../state/gone-stacks";
import { isHiddenStateWarning } from "../../state/hidden-state";
import { goneFix, leftBehind } from "../../state/left-behind";
import type { Releases } from "../../terraform/provider-lock";
import type { CommandContext } from "../context";
import { during } from "../progress";
import { choose, type Scope } from "../stacks/choice";
import { callsOfEach, eachStack, valuesOf } from "../stacks/each-stack";
import { checkGitLab } from "../stacks/gitlab-fit";
import { asNotes, initialize } from "../stacks/initialization";
import { checkOperatorToken } from "../stacks/operator-token";
import { emptyPlan, isEmpty, type Plan } from "../stacks/plan";
import type { SynthesizedStack } from "../stacks/synthesis";
import { Terraform } from "../stacks/terraform";
import { withTerraform } from "../stacks/terraform-program";
import type { Way } from "../stacks/way";
import { type Access, accessOf } from "./access/access";
import { openedEffects } from "./access/opened";
import { digestOf } from "./digest";
import { NO_DRIFT, readDrift } from "./drift/read-drift";
import type { Undeclared } from "./drift/undeclared";
import { code } from "./effects/change-in-words";
import type { Effect } from "./effects/effect";
import { effectsOf } from "./effects/effects-of";
import type { Existing } from "./existing/existing";
import { readExisting } from "./existing/read-existing";
import { inventoryOf } from "./existing/way-out";
import { failure } from "./failing";
import { type TerraformReport, terraformReport } from "./terraform-report";

/** One stack, planned. */
export interface PlannedStack {
  readonly stack: SynthesizedStack;
  readonly plan: Plan;
  readonly terraform: Terraform;
}

/** Everything that a deploy of the stacks in the scope would do. */
export interface Review {
  readonly planned: readonly PlannedStack[];
  readonly effects: readonly Effect[];
  /** Those who gain and who lose push, as far as GitLab showed the rules. */
  readonly access: readonly Access[];
  /** Things that GitLab holds in the targets and nobody declared; nothing where nobody asked for it. It is no part of what a deploy does. */
  readonly undeclared: readonly Undeclared[];
  /**
   * Files beside the inventory that the change touches. They are no part of the digest: what they do to the plan is in it already, and two
   * reviews of one change may be held against other commits.
   */
  readonly code: readonly string[];
  /** The effects that a deploy would certainly fail on, or that keep one from beginning. */
  readonly fails: readonly string[];
  /** Names of what happens and is not reviewed, with their stacks: only `cdktf deploy` does such things. */
  readonly foreign: readonly string[];
  /** {@link digestOf} all plans, and the stacks that are gone. */
  readonly digest: string;
  /** {@link digestOf} each plan that does something, and each stack that is gone, by stack. */
  readonly digests: Readonly<Record<string, string>>;
  readonly report: TerraformReport;
  /** Stacks whose state the synth could not look into, so that it did not make its checks. */
  readonly unchecked: readonly string[];
  /** Sentences that people should know about the review itself. */
  readonly notes: readonly string[];
}

export interface ReviewOptions extends Way, Pick<CommandContext, "now"> {
  /** As Terraform's. @default - plans take no lock */
  readonly lockTimeout?: string;
  /** Also looks for what nobody declared. @default false */
  readonly drift?: boolean;
}

/**
 * Synthesizes the project and plans the stacks in the scope, all in `folder`, which must be private and is the caller's to remove.
 * @throws CommandError when the synth or a plan fails
 */
export async function review(
  project: string,
  scope: Scope,
  { lockTimeout, drift = false, now, ...given }: ReviewOptions,
): Promise<Review> {
  checkOperatorToken(given.environment);
  const way = { ...given, environment: await withTerraform(given.environment) };
  const { environment, signal } = way;
  const { chosen, stacks, gone, code: files, notes } = await choose(project, scope, way);
  await checkGitLab(chosen, environment);
  const terraforms = chosen.map(
    (stack) => new Terraform(stack, environment, signal, callsOfEach(chosen.length), lockTimeout),
  );
  const anew = await during("Initializing Terraform", initialize(terraforms));
  const { planned, chosen: late } = await planAll(terraforms, drift);
  const plans = planned.map(({ plan }) => plan);
  const existing = await during("Comparing with GitLab", readExisting(plans, environment));
  const isFirst = (scope.shard?.index ?? 1) === 1;
  const source = { stacks, plans, inventory: drift ? inventoryOf(project) : [], isFirst };
  const besides = drift
    ? await during("Looking for what nobody declared", readDrift(source, environment, now()))
    : NO_DRIFT;
  const beside = { existing, inventory: () => inventoryOf(project) };
  const effects = [
    ...gone.map(takenOut),
    ...plans.flatMap((plan) => [...effectsOf(plan, beside), ...openedEffects(plan, existing)]),
  ];
  const names = gone.map(({ name }) => name);
  const acting = planned.filter(({ plan }) => !isEmpty(plan));
  return {
    planned,
    effects,
    access: plans.flatMap((plan) => accessOf(plan, existing)),
    undeclared: besides.undeclared,
    code: files,
    fails: effects.filter((effect) => effect.fails).map(failure),
    foreign: plans.flatMap(({ stack, foreign }) => foreign.map(({ address }) => `${code(address)} of ${stack}`)),
    digest: digestOf(plans, names),
    digests: Object.fromEntries([
      ...names.map((name) => [name, digestOf([], [name])]),
      ...acting.map(({ plan }) => [plan.stack, digestOf([plan])]),
    ]),
    report: terraformReport(plans),
    unchecked: chosen.filter(({ warnings }) => warnings.some(isHiddenStateWarning)).map(({ name }) => name),
    notes: [
      ...warningsOf(acting.map(({ stack }) => stack)),
      ...asNotes({ ...anew, ...late }),
      ...holes(existing),
      ...besides.notes,
      ...notes,
    ],
  };
}

/** A sentence on what GitLab did not tell, so that it is not known whether a deploy would meet something there. */
function holes({ silent, notSeen }: Existing): string[] {
  if (silent !== undefined) return [`GitLab was not compared with (${silent}): what it has already is not known.`];
  const told = notSeen.slice(0, HOLES_TOLD).map(({ what, reason }) => `${what} (${reason})`);
  const rest = notSeen.length - told.length;
  if (told.length === 0) return [];
  return [
    `GitLab did not show ${told.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}: what it has already there is not known.`,
  ];
}

const HOLES_TOLD = 5;

/** The warnings of the synth, once for all stacks with the same words. */
function warningsOf(stacks: readonly SynthesizedStack[]): string[] {
  const warned = new Map<string, string[]>();
  for (const { name, warnings } of stacks)
    for (const warning of warnings) warned.set(warning, [...(warned.get(warning) ?? []), name]);
  return [...warned].map(([warning, names]) => {
    const rest = names.length - NAMES_TOLD;
    return `Warning of ${names.slice(0, NAMES_TOLD).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}: ${warning}.`;
  });
}

const NAMES_TOLD = 3;

/**
 * Plans stacks side by side, and gives them in their order. Where nothing happens at all, the plans are not read: that takes as long as the
 * plan of a small stack. Otherwise those that do nothing are, too: they tell whose bots there are.
 * @param readsAll reads them in any case
 */
async function planAll(terraforms: readonly Terraform[], readsAll: boolean): Promise<PlannedAll> {
  const plan = (terraform: Terraform) => during(`Planning ${terraform.stack.name}`, terraform.plan());
  const ends = valuesOf(await eachStack(terraforms, plan));
  const left = terraforms.filter((_, i) => ends[i] === "uninitialized");
  let chosen: Releases = {};
  for (const terraform of left) chosen = { ...chosen, ...(await terraform.init()) };
  const again = valuesOf(await eachStack(left, plan));
  const isQuiet = !readsAll && [...ends, ...again].every((end) => end !== "changes");
  const read = async (terraform: Terraform): Promise<PlannedStack> => {
    const { stack } = terraform;
    return { stack, terraform, plan: isQuiet ? emptyPlan(stack.name) : await terraform.read() };
  };
  return { planned: valuesOf(await eachStack(terraforms, read)), chosen };
}

/** Plans, and the releases that were chosen for them anew. */
interface PlannedAll {
  readonly planned: readonly PlannedStack[];
  readonly chosen: Releases;
}

/** No plan shows it: Terraform does not know of a stack that the app no longer has. */
const takenOut = (gone: GoneStack): Effect => ({
  stack: gone.name,
  pusher: null,
  kind: "forgotten",
  what: leftBehind(gone),
  danger: `stack taken out: nothing of it is destroyed, its tokens live on, and nobody looks after them (${goneFix(gone.name)})`,
});
