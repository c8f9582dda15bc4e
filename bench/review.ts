import { stripVTControlCharacters } from "node:util";
import { DeployedFleet, type Observed, type StateKind } from "./deployed-fleet";
import { print } from "./print";
import { showProgress } from "./progress";

export interface ReviewOptions {
  /** Stacks of each fleet. */
  readonly sizes: readonly number[];
  readonly state: StateKind;
  /** Runs `cdktf diff` of every stack of every fleet. @default - of {@link SAMPLE} stacks where there are more than {@link MOST} */
  readonly full?: boolean;
}

const TIMES = 3;
/** More stacks than these are not all looked at with `cdktf diff`: at some seconds each they take the afternoon. */
const MOST = 100;
const SAMPLE = 20;

/** The cost of a look at a change. */
interface Cost {
  /** Calls to GitLab, without those for states. */
  readonly calls: number;
  /** Calls to GitLab for states. */
  readonly stateCalls: number;
  readonly seconds: number;
  /** At the largest moment, of all processes together. */
  readonly megabytes: number;
}

/** The cost of `gitlab-ci-pusher review` of a one-line change in fleets of many stacks, beside looking at every stack with `cdktf diff`. */
export async function review({ sizes, state, full = false }: ReviewOptions): Promise<void> {
  print(`
review: one date bumped in a deployed fleet, one pusher a stack; states ${state === "local" ? "in local files" : "in GitLab"}. gitlab-ci-pusher review: best of ${TIMES}. cdktf diff
  takes one stack (\`cdktf diff '*'\` is "Could not find stack"), so: one cdktf synth, then cdktf diff --skip-synth of each stack, one after
  another, one run${full ? "" : `; from ${MOST + 1} stacks on (~) of ${SAMPLE} of them, extrapolated (all: --full)`}. calls: to GitLab's API, those for states apart. MB: all processes together.`);
  print(`${" ".repeat(10)}${"gitlab-ci-pusher review".padEnd(39)}cdktf diff`);
  print(`  stacks  ${HEAD.padEnd(39)}${HEAD}`);
  let told: string | undefined;
  for (const size of sizes) {
    showProgress(`  ${size} stacks: deploying`);
    const { ours, theirs, summary } = await DeployedFleet.with(size, state, (fleet) => measured(fleet, full));
    told ??= summary;
    if (summary !== told)
      throw new Error(`expected one summary in all sizes; got\n${told}\nand, of ${size}\n${summary}`);
    const isSample = size > MOST && !full;
    print(`  ${String(size).padStart(6)}  ${columns(ours).padEnd(39)}${columns(theirs, isSample ? "~" : "")}`);
  }
  print(
    "  goal: calls and seconds of gitlab-ci-pusher review grow with the change, not with the fleet; what grows is the synth, by about 1 ms a stack, which reads no more states",
  );
}

const HEAD = ["calls", "states", "seconds", "MB"].map((name) => name.padStart(8)).join(" ");

const columns = ({ calls, stateCalls, seconds, megabytes }: Cost, mark = ""): string =>
  [calls, stateCalls, seconds.toFixed(1), megabytes.toFixed(0)].map((each) => `${mark}${each}`.padStart(8)).join(" ");

async function measured(fleet: DeployedFleet, full: boolean): Promise<{ ours: Cost; theirs: Cost; summary: string }> {
  await fleet.bump();
  let best: Observed | undefined;
  for (let i = 0; i < TIMES; i++) {
    showProgress(`  ${fleet.stacks.length} stacks: gitlab-ci-pusher review, run ${i + 1} of ${TIMES}`);
    const next = await fleet.review();
    if (!best || next.seconds < best.seconds) best = next;
  }
  const theirs = await diffs(fleet, full);
  showProgress("");
  return { ours: costOf(best!), theirs, summary: summaryOf(best!.output) };
}

async function diffs(fleet: DeployedFleet, full: boolean): Promise<Cost> {
  const { stacks } = fleet;
  const looked = stacks.length > MOST && !full ? stacks.slice(0, SAMPLE) : stacks;
  const synth = costOf(await fleet.synth());
  const each: Cost[] = [];
  for (const [i, stack] of looked.entries()) {
    showProgress(`  ${stacks.length} stacks: cdktf diff ${i + 1} of ${looked.length}`);
    const ran = await fleet.diff(stack);
    expectDiff(ran.output, stack === stacks[0]);
    each.push(costOf(ran));
  }
  const sum = (key: keyof Cost) => each.reduce((total, cost) => total + cost[key], 0);
  const ofAll = (key: keyof Cost) => synth[key] + (sum(key) * stacks.length) / looked.length;
  return {
    calls: Math.round(ofAll("calls")),
    stateCalls: Math.round(ofAll("stateCalls")),
    seconds: ofAll("seconds"),
    megabytes: Math.max(synth.megabytes, ...each.map(({ megabytes }) => megabytes)),
  };
}

function costOf({ calls, seconds, treeMegabytes }: Observed): Cost {
  const stateCalls = calls.filter(({ path }) => path.includes("/terraform/state/")).length;
  return { calls: calls.length - stateCalls, stateCalls, seconds, megabytes: treeMegabytes };
}

/** The words of a review, but for the number of stacks. */
function summaryOf(output: string): string {
  const line = output.split("\n").find((each) => each.startsWith("{"));
  // Each size has a GitLab of its own, and so a digest of its own.
  const { notes, digest, stacks, ...said } = JSON.parse(line ?? "{}") as {
    notes?: string[];
    digest?: string;
    stacks?: object;
    effects?: { kind: string }[];
  };
  if (!said.effects?.some(({ kind }) => kind === "rotated") || !notes?.some((note) => /^1 of \d+ stacks /.test(note))) {
    throw new Error(`expected the review of one rotation in one stack; got:\n${output.slice(-4000)}`);
  }
  return JSON.stringify(said);
}

/** A look at the wrong thing would make a fine figure. */
function expectDiff(output: string, isChanged: boolean): void {
  const text = stripVTControlCharacters(output);
  const wanted = isChanged ? /Plan: \d+ to add, [1-9]\d* to change/ : /No changes\./;
  if (!wanted.test(text)) throw new Error(`expected ${wanted}; got:\n${text.slice(-4000)}`);
}
