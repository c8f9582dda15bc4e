import * as path from "node:path";
import { isShallow } from "../../inventory/former-files";
import type { GoneStack } from "../../state/gone-stacks";
import { isLeftOutWarning } from "../../state/left-out-states";
import { CommandError } from "../exit-code";
import { during } from "../progress";
import { baseOf, synthesizeBase } from "./base";
import { codeChanges } from "./code-changes";
import { goneIn } from "./gone";
import { type InventoryChanges, inventoryChanges, stacksIn } from "./inventory-changes";
import { isPlainApp } from "./plain-app";
import { inShard, type Shard } from "./shard";
import { type SynthesizedStack, synthesize } from "./synthesis";
import type { Way } from "./way";

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

/** The stacks that are planned. */
export interface Choice {
  readonly chosen: readonly SynthesizedStack[];
  /** All of the project. */
  readonly stacks: readonly SynthesizedStack[];
  /** The stacks that the project no longer has, and whose states still have something, or cannot be read. */
  readonly gone: readonly GoneStack[];
  /** {@link codeChanges} since the base. Nothing where there is none. */
  readonly code: readonly string[];
  /** Sentences on how it was chosen, for people. */
  readonly notes: readonly string[];
}

/**
 * Synthesizes the project and chooses the stacks in the scope. They are chosen by what they declare, without a look into any other state, so
 * that a large fleet costs no more calls than a small one. Where files do not tell which ones differ, the base is synthesized too; and the
 * project once more, with a look into the states of those that only this has shown.
 * @throws CommandError when the project cannot be synthesized, or has no such stack or base
 */
export async function choose(project: string, scope: Scope, way: Way): Promise<Choice> {
  const { folder, environment, signal } = way;
  const base = isCompared(scope) ? await baseOf(project, scope.base, way) : undefined;
  const code = base ? await codeChanges(project, base) : [];
  const files = base && (await inventoryChanges(path.join(project, "pushers"), base, folder));
  const isTold = base !== undefined && files?.gone.length === 0 && (await isPlainApp(project, base, code));
  const readStates = likely(project, scope, files);
  const head = synthesize(project, { out: path.join(folder, "head"), environment, readStates, signal });
  const old = base && !isTold ? during("Synthesizing the base", synthesizeBase(project, base, way)) : undefined;
  const [stacks, before] = await both(during("Synthesizing", head), old);
  const difference = base && { commit: base.commit, names: differing(stacks, files, isTold ? stacks : before) };
  const { chosen, notes } = ofShard(inScope(stacks, difference, scope), stacks, scope.shard);
  const looks = looksForGone(scope);
  const gone = looks ? await goneIn(project, stacks, before ?? [], environment) : [];
  const blind = looks && (await isShallow(project)) ? [SHALLOW] : [];
  return {
    chosen: await withStates(chosen, stacks, project, way),
    stacks,
    gone,
    code: looks ? code : [],
    notes: [...notes, ...blind],
  };
}

/** Tells whether to look for stacks that are gone: who names stacks asks for no other. Of several shards one tells. */
const looksForGone = ({ stacks: names = [], shard }: Scope): boolean => names.length === 0 && (shard?.index ?? 1) === 1;

/** GitLab's name for the commit before the first one of a branch, and before a pipeline that nobody pushed for. */
const NOTHING_BEFORE = /^0{40}(0{24})?$/;

const isCompared = ({ stacks: names = [], all = false, base = "" }: Scope): boolean =>
  names.length === 0 && !all && !NOTHING_BEFORE.test(base);

/** The names of the stacks that are planned, undefined for all; as far as can be told before a synth. */
function likely(project: string, scope: Scope, files: InventoryChanges | undefined): readonly string[] | undefined {
  const { stacks: names = [], shard } = scope;
  if (isCompared(scope)) return shareOf(files?.different ?? [], shard);
  if (names.length > 0) return shareOf(names, shard);
  return isPart(shard) ? shareOf(stacksIn(path.join(project, "pushers")), shard) : undefined;
}

/** Those of a shard, as stacks that depend on nothing. */
const shareOf = (names: readonly string[], shard: Shard | undefined): readonly string[] =>
  isPart(shard)
    ? inShard(
        names.map((name) => ({ name, dependencies: [] })),
        shard,
      ).map(({ name }) => name)
    : names;

const isPart = (shard: Shard | undefined): shard is Shard => shard !== undefined && shard.total > 1;

/**
 * The names of the stacks that are not what they were: by their files, and by their configurations, which tell nothing of those whose states
 * were looked into. Undefined where the base cannot be synthesized.
 */
function differing(
  stacks: readonly SynthesizedStack[],
  files: InventoryChanges | undefined,
  before: readonly SynthesizedStack[] | undefined,
): ReadonlySet<string> | undefined {
  if (!before) return undefined;
  const old = new Map(before.map(({ name, configuration }) => [name, configuration]));
  const others = stacks.filter(({ name, configuration }) => old.get(name) !== configuration).map(({ name }) => name);
  return new Set([...(files?.different ?? []), ...others]);
}

/** Two works side by side. Both have ended when one has failed: they write into a folder that is removed then. */
async function both<A, B>(one: Promise<A>, other: Promise<B> | undefined): Promise<[A, B | undefined]> {
  await Promise.allSettled([one, other]);
  return [await one, await other];
}

const SHALLOW =
  "This clone has a part of its history only: stacks whose files were taken out before are not seen (GIT_DEPTH: 0 in a pipeline).";

/** The stacks that differ from a commit. */
interface Difference {
  readonly commit: string;
  /** Undefined where they are not known. */
  readonly names: ReadonlySet<string> | undefined;
}

/** The part of a choice that the stacks of the project tell. */
type Chosen = Pick<Choice, "chosen" | "notes">;

function inScope(stacks: readonly SynthesizedStack[], difference: Difference | undefined, scope: Scope): Chosen {
  const { stacks: names = [], all } = scope;
  const every = (...notes: string[]): Chosen => ({ chosen: stacks, notes });
  if (names.length > 0) return { chosen: named(stacks, names), notes: [] };
  if (all) return every();
  if (!difference) return every("There is no commit to compare with: every stack was planned.");
  const commit = difference.commit.slice(0, 12);
  if (!difference.names) return every(`The base ${commit} cannot be synthesized any more: every stack was planned.`);
  const chosen = stacks.filter(({ name }) => difference.names?.has(name));
  return { chosen, notes: [`${chosen.length} of ${stacks.length} stacks differ from ${commit}.`] };
}

function ofShard(choice: Chosen, stacks: readonly SynthesizedStack[], shard: Shard | undefined): Chosen {
  if (!isPart(shard)) return choice;
  const { chosen, notes } = choice;
  const own = new Set(inShard(stacks, shard).map(({ name }) => name));
  const mine = chosen.filter(({ name }) => own.has(name));
  const note = `Shard ${shard.index} of ${shard.total}: ${mine.length} of these ${chosen.length} stacks.`;
  return { chosen: mine, notes: [...notes, note] };
}

/** The chosen stacks, synthesized once more with a look into their states, where that was left out. */
async function withStates(
  chosen: readonly SynthesizedStack[],
  stacks: readonly SynthesizedStack[],
  project: string,
  { folder, environment, signal }: Way,
): Promise<readonly SynthesizedStack[]> {
  if (!chosen.some(isLeftOut)) return chosen;
  const names = chosen.map(({ name }) => name);
  // The names of a whole large fleet are more than Linux takes as one environment variable.
  const readStates = chosen.length === stacks.length ? undefined : names;
  const seen = synthesize(project, { out: path.join(folder, "seen"), environment, readStates, signal });
  return named(await during("Looking into the states", seen), names);
}

/** An app of one's own may read every state, whatever it is told. */
const isLeftOut = ({ warnings }: SynthesizedStack): boolean => warnings.some(isLeftOutWarning);

function named(stacks: readonly SynthesizedStack[], names: readonly string[]): SynthesizedStack[] {
  return [...new Set(names)].map((name) => {
    const stack = stacks.find((each) => each.name === name);
    if (stack) return stack;
    throw new CommandError({
      got: `the stack ${JSON.stringify(name)}`,
      allowed: stacks.map((each) => each.name).join(", "),
      fix: "correct the name",
    });
  });
}
