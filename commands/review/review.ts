import { mkdirSync } from "node:fs";
import * as path from "node:path";
import { isHiddenStateWarning } from "../../state/hidden-state";
import { CommandError } from "../exit-code";
import { during } from "../progress";
import { synthesizeBase } from "./base";
import { digestOf } from "./digest";
import { eachStack, valuesOf } from "./each-stack";
import { type Effect, effectsOf } from "./effect";
import { asNotes, initialize } from "./initialization";
import { checkOperatorToken } from "./operator-token";
import { isEmpty, type Plan } from "./plan";
import { inShard, type Shard } from "./shard";
import { type SynthesizedStack, synthesize } from "./synthesis";
import { Terraform } from "./terraform";
import { type TerraformReport, terraformReport } from "./terraform-report";

export interface Scope {
  /** Names of the stacks to plan. @default - all that the base is different in */
  readonly stacks?: readonly string[];
  /** Plans every stack. @default false */
  readonly all?: boolean;
  /** @default - where HEAD left the default branch of origin */
  readonly base?: string;
  /** Only the stacks of this shard. @default - all */
  readonly shard?: Shard;
}

/** One stack, planned. */
export interface PlannedStack {
  readonly stack: SynthesizedStack;
  readonly plan: Plan;
  readonly terraform: Terraform;
}

/** What the stacks in the scope would do. */
export interface Review {
  readonly planned: readonly PlannedStack[];
  readonly effects: readonly Effect[];
  /** {@link digestOf} all plans. */
  readonly digest: string;
  /** {@link digestOf} each plan that does something, by stack. */
  readonly digests: Readonly<Record<string, string>>;
  readonly report: TerraformReport;
  /** Stacks whose state the synth could not look into, so that it did not make its checks. */
  readonly unchecked: readonly string[];
  /** What people should know about the review itself. */
  readonly notes: readonly string[];
}

/**
 * Synthesizes the project and plans the stacks in the scope, all in `folder`, which must be private and is the caller's to remove.
 * @param lockTimeout as Terraform's
 * @throws CommandError when the synth or a plan fails
 */
export async function review(
  project: string,
  scope: Scope,
  {
    folder,
    lockTimeout,
    signal,
  }: { readonly folder: string; readonly lockTimeout?: string; readonly signal: AbortSignal },
): Promise<Review> {
  checkOperatorToken(process.env);
  const out = path.join(folder, "head");
  mkdirSync(out);
  const stacks = await during("Synthesizing", synthesize(project, out, signal));
  const { chosen, gone, notes } = await choose(stacks, project, scope, { folder, signal });
  const terraforms = chosen.map((stack) => new Terraform(stack, signal, lockTimeout));
  const anew = await during("Initializing Terraform", initialize(terraforms));
  const planned = await planAll(terraforms);
  const plans = planned.map(({ plan }) => plan);
  const acting = planned.filter(({ plan }) => !isEmpty(plan));
  return {
    planned,
    effects: [...gone.map(takenOut), ...plans.flatMap(effectsOf)],
    digest: digestOf(plans),
    digests: Object.fromEntries(acting.map(({ plan }) => [plan.stack, digestOf([plan])])),
    report: terraformReport(plans),
    unchecked: chosen.filter(({ warnings }) => warnings.some(isHiddenStateWarning)).map(({ name }) => name),
    notes: [...warningsOf(acting.map(({ stack }) => stack)), ...asNotes(anew), ...notes],
  };
}

/** What the synth warned of, once for all stacks with the same words. */
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

/** Plans stacks side by side, and gives them in their order. */
async function planAll(terraforms: readonly Terraform[]): Promise<PlannedStack[]> {
  const plan = async (terraform: Terraform): Promise<PlannedStack> => {
    const { stack } = terraform;
    return { stack, terraform, plan: await during(`Planning ${stack.name}`, terraform.plan()) };
  };
  return valuesOf(await eachStack(terraforms, plan));
}

interface Choice {
  readonly chosen: readonly SynthesizedStack[];
  /** Names of the stacks that the base has and the project has not. */
  readonly gone: readonly string[];
  readonly notes: readonly string[];
}

async function choose(
  stacks: readonly SynthesizedStack[],
  project: string,
  scope: Scope,
  way: { readonly folder: string; readonly signal: AbortSignal },
): Promise<Choice> {
  const choice = await inScope(stacks, project, scope, way);
  const { chosen, notes } = choice;
  const { shard } = scope;
  if (!shard || shard.total === 1) return choice;
  const own = new Set(inShard(stacks, shard).map(({ name }) => name));
  const mine = chosen.filter(({ name }) => own.has(name));
  const note = `Shard ${shard.index} of ${shard.total}: ${mine.length} of these ${chosen.length} stacks.`;
  const gone = shard.index === 1 ? choice.gone : [];
  return { chosen: mine, gone, notes: [...notes, note] };
}

async function inScope(
  stacks: readonly SynthesizedStack[],
  project: string,
  { stacks: names = [], all, base }: Scope,
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
): Promise<Choice> {
  if (names.length > 0) return { chosen: named(stacks, names), gone: [], notes: [] };
  if (all) return { chosen: stacks, gone: [], notes: [] };
  if (base !== undefined && NOTHING_BEFORE.test(base)) {
    return { chosen: stacks, gone: [], notes: ["There is no commit to compare with: every stack was planned."] };
  }
  const before = await during("Synthesizing the base", synthesizeBase(project, { revision: base, folder, signal }));
  const commit = before.commit.slice(0, 12);
  if (!before.stacks) {
    return {
      chosen: stacks,
      gone: [],
      notes: [`The base ${commit} cannot be synthesized any more: every stack was planned.`],
    };
  }
  const old = new Map(before.stacks.map(({ name, configuration }) => [name, configuration]));
  const chosen = stacks.filter(({ name, configuration }) => old.get(name) !== configuration);
  const gone = [...old.keys()].filter((name) => !stacks.some((stack) => stack.name === name));
  return { chosen, gone, notes: [`${chosen.length} of ${stacks.length} stacks differ from ${commit}.`] };
}

/** No plan shows it: Terraform does not know of a stack that the app no longer has. */
const takenOut = (stack: string): Effect => ({
  stack,
  pusher: null,
  kind: "forgotten",
  what: "nothing of it is destroyed. Empty it with a deploy before its file goes",
  danger: "stack taken out: its tokens live on, and nobody looks after them",
});

/** What GitLab calls the commit before the first one of a branch, and before a pipeline that nobody pushed for. */
const NOTHING_BEFORE = /^0{40}(0{24})?$/;

function named(stacks: readonly SynthesizedStack[], names: readonly string[]): SynthesizedStack[] {
  return [...new Set(names)].map((name) => {
    const stack = stacks.find((each) => each.name === name);
    if (stack) return stack;
    throw new CommandError(
      `got the stack ${JSON.stringify(name)}; allowed: ${stacks.map((each) => each.name).join(", ")}; fix: correct the name`,
    );
  });
}
