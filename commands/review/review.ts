import { mkdirSync } from "node:fs";
import * as path from "node:path";
import { Limiter } from "../../gitlab/limiter";
import { CommandError } from "../exit-code";
import { during } from "../progress";
import { synthesizeBase } from "./base";
import { digestOf } from "./digest";
import { type Effect, effectsOf } from "./effect";
import { isEmpty, type Plan } from "./plan";
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
}

/** One stack, planned. */
export interface PlannedStack {
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
  /** What people should know about the review itself. */
  readonly notes: readonly string[];
}

/**
 * Synthesizes the project and plans the stacks in the scope, all in `folder`, which must be private and is the caller's to remove.
 * @throws CommandError when the synth or a plan fails
 */
export async function review(
  project: string,
  scope: Scope,
  { folder, lock, signal }: { readonly folder: string; readonly lock: boolean; readonly signal: AbortSignal },
): Promise<Review> {
  const out = path.join(folder, "head");
  mkdirSync(out);
  const stacks = await during("Synthesizing", synthesize(project, out, signal));
  const { chosen, notes } = await choose(stacks, project, scope, { folder, signal });
  const planned = await planAll(chosen, lock, signal);
  const plans = planned.map(({ plan }) => plan);
  const acting = plans.filter((plan) => !isEmpty(plan));
  return {
    planned,
    effects: plans.flatMap(effectsOf),
    digest: digestOf(plans),
    digests: Object.fromEntries(acting.map((plan) => [plan.stack, digestOf([plan])])),
    report: terraformReport(plans),
    notes,
  };
}

/** Stacks that are planned at once: each is a Terraform and a provider of some 100 MB, and GitLab limits calls. */
const AT_ONCE = 4;

/** Plans stacks side by side, and gives them in their order. After a failure it waits for those that run: their folders go away. */
async function planAll(
  stacks: readonly SynthesizedStack[],
  lock: boolean,
  signal: AbortSignal,
): Promise<PlannedStack[]> {
  const limiter = new Limiter(AT_ONCE);
  let failed = false;
  const plan = async (stack: SynthesizedStack): Promise<PlannedStack[]> => {
    if (failed) return [];
    const terraform = new Terraform(stack, signal);
    try {
      return [{ terraform, plan: await during(`Planning ${stack.name}`, terraform.plan({ lock })) }];
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  const ended = await Promise.allSettled(stacks.map((stack) => limiter.run(() => plan(stack))));
  return ended.flatMap((each) => {
    if (each.status === "rejected") throw each.reason;
    return each.value;
  });
}

interface Choice {
  readonly chosen: readonly SynthesizedStack[];
  readonly notes: readonly string[];
}

async function choose(
  stacks: readonly SynthesizedStack[],
  project: string,
  { stacks: names = [], all, base }: Scope,
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
): Promise<Choice> {
  if (names.length > 0) return { chosen: named(stacks, names), notes: [] };
  if (all) return { chosen: stacks, notes: [] };
  const before = await during("Synthesizing the base", synthesizeBase(project, { revision: base, folder, signal }));
  const commit = before.commit.slice(0, 12);
  if (!before.stacks) {
    return { chosen: stacks, notes: [`The base ${commit} cannot be synthesized any more: every stack was planned.`] };
  }
  const old = new Map(before.stacks.map(({ name, configuration }) => [name, configuration]));
  const chosen = stacks.filter(({ name, configuration }) => old.get(name) !== configuration);
  const gone = [...old.keys()].filter((name) => !stacks.some((stack) => stack.name === name));
  return {
    chosen,
    notes: [
      ...gone.map(
        (name) =>
          `The stack ${name} is taken out: nothing of it is destroyed, and its tokens live on. Empty it with a deploy before its file goes.`,
      ),
      `${chosen.length} of ${stacks.length} stacks differ from ${commit}.`,
    ],
  };
}

function named(stacks: readonly SynthesizedStack[], names: readonly string[]): SynthesizedStack[] {
  return [...new Set(names)].map((name) => {
    const stack = stacks.find((each) => each.name === name);
    if (stack) return stack;
    throw new CommandError(
      `got the stack ${JSON.stringify(name)}; allowed: ${stacks.map((each) => each.name).join(", ")}; fix: correct the name`,
    );
  });
}
