import { copyFileSync } from "node:fs";
import * as path from "node:path";
import { GitLab } from "./gitlab";
import { Load } from "./load";
import { daysFromNow, withFolder, withOpsRepository } from "./ops-repository";
import { OpsStack } from "./ops-stack";
import { print } from "./print";
import { showProgress } from "./progress";
import { cutsOf, type PushTally, tallyOf } from "./push-tally";
import { withSandbox } from "./sandbox";
import { Terraform } from "./terraform";

const PROJECT = "xlink/gitops";
const KEY = "GITLAB_PUSHER_TOKEN";
const BRANCHES = ["env/dev", "env/staging", "env/production"];
const ROTATIONS = 20;
/** Jobs that end between two rotations, at least: 20 × 26 = 520 of them in all. */
const JOBS_BETWEEN = 26;
const JOBS_AT_A_TIME = 6;
/** Scaled down: minutes in a pipeline, seconds here. */
const WORK_MS = [100, 2_000] as const;
/** Days from today to the date that the first token has. Every rotation goes one day further. */
const FIRST_DAY = 100;

/** A way to keep and rotate tokens. */
interface Way {
  readonly name: string;
  /** Deploys the beginning, and hands `use` what deploys the n-th rotation, from 1. */
  readonly deployed: (env: NodeJS.ProcessEnv, use: (rotate: Rotate) => Promise<Outcome>) => Promise<Outcome>;
  /** Tells whether a rotation waits until every job has ended that began before the one before was deployed. */
  readonly patient: boolean;
}

type Rotate = (rotation: number) => Promise<string>;

interface Outcome extends PushTally {
  /** Between the beginnings of two rotations, on average. */
  readonly pace: number;
}

/** The slots take turns: the earlier date goes beyond the later one. */
const twoSlots = {
  deployed: throughInventory((n, day) => (n % 2 === 1 ? [day(n), day(n - 1)] : [day(n - 1), day(n)])),
};

const WAYS: readonly Way[] = [
  { name: "two slots", patient: true, ...twoSlots },
  { name: "one slot", patient: true, deployed: throughInventory((n, day) => [day(n)]) },
  { name: "the plain resource, create_before_destroy", patient: true, deployed: throughPlainProvider },
  { name: "two slots, rotations without a pause", patient: false, ...twoSlots },
];

/** Pushes that rotations cost: jobs that push in a loop while a token is rotated again and again. */
export async function rotation(): Promise<void> {
  const [shortest, longest] = WORK_MS.map((ms) => ms / 1000);
  print(`
rotation: ${ROTATIONS} rotations, one after another, while ${JOBS_AT_A_TIME} jobs at a time read the variable, work ${shortest} to ${longest} s (minutes in
  a pipeline), clone, commit and push to ${BRANCHES.length} branches. A rotation waits for ${JOBS_BETWEEN} jobs, and until every job has ended that began
  before the rotation before it was deployed: a job may span one rotation, which is what two slots promise. The last line does not wait.`);
  print(
    `  ${"".padEnd(42)}   jobs  pushed  refused  seconds refused  spanning  lost races  longest job  a rotation every`,
  );
  for (const way of WAYS) print(`  ${way.name.padEnd(42)}   ${columns(await underLoad(way))}`);
  print(`  refused: for the credential, at clone or push. seconds refused: from a refusal to the next push that goes through, summed.
  spanning: began before a token was rotated or revoked, pushed after it. lost races: pushed again after a rebase, no refusal.
  Goal: two slots 0 refused of at least 500.`);
}

const columns = (out: Outcome): string =>
  [
    String(out.jobs).padStart(4),
    String(out.pushed).padStart(6),
    String(out.refused).padStart(7),
    out.refusedSeconds.toFixed(1).padStart(15),
    String(out.spanning).padStart(8),
    String(out.lostRaces).padStart(10),
    `${out.longestSeconds.toFixed(1)} s`.padStart(11),
    `${out.pace.toFixed(1)} s`.padStart(16),
  ].join("  ");

function underLoad({ name, deployed, patient }: Way): Promise<Outcome> {
  return withSandbox(
    (env) =>
      withFolder((folder) =>
        deployed(env, async (rotate) => {
          const gitlab = new GitLab(env);
          const what = { project: PROJECT, key: KEY, branches: BRANCHES, folder };
          const load = new Load(gitlab, { ...what, jobs: JOBS_AT_A_TIME, work: WORK_MS });
          try {
            return await rotations(name, rotate, patient, load, gitlab);
          } finally {
            await load.stop().catch(() => undefined);
          }
        }),
      ),
    { seed: "bench/seed.yaml" },
  );
}

async function rotations(name: string, rotate: Rotate, patient: boolean, load: Load, gitlab: GitLab): Promise<Outcome> {
  await load.settle(JOBS_AT_A_TIME, 0);
  const begun = Date.now();
  let deployed = begun;
  for (let n = 1; n <= ROTATIONS; n++) {
    showProgress(`  ${name}: rotation ${n} of ${ROTATIONS}, ${load.endedJobs} jobs`);
    if (patient) await load.settle(JOBS_BETWEEN, deployed);
    await rotate(n);
    deployed = Date.now();
  }
  const pace = (deployed - begun) / 1000 / ROTATIONS;
  // The last one counts as well: the jobs that it met must have ended.
  await load.settle(JOBS_AT_A_TIME, deployed);
  const records = await load.stop();
  showProgress("");
  return { ...tallyOf(records, cutsOf(await gitlab.calls())), pace };
}

/** @param dates the dates of the slots after the n-th rotation; `day` gives days in their order */
function throughInventory(dates: (rotation: number, day: (n: number) => string) => string[]): Way["deployed"] {
  return (env, use) => {
    const day = calendar();
    const inventory = (n: number) => {
      const pusher = {
        target: PROJECT,
        token: { expires: dates(n, day) },
        branches: { "env/*": { push: "developer" } },
      };
      return { edition: "free", pushers: { gitops: pusher } };
    };
    return withOpsRepository(inventory(0), async (folder) => {
      const stack = await OpsStack.of(folder, env);
      await stack.deploy(inventory(0));
      return use((n) => stack.deploy(inventory(n)).then(expecting("0 added, 2 changed, 0 destroyed")));
    });
  };
}

function throughPlainProvider(env: NodeJS.ProcessEnv, use: (rotate: Rotate) => Promise<Outcome>): Promise<Outcome> {
  return withFolder(async (folder) => {
    copyFileSync(path.join(__dirname, "plain-provider", "main.tf"), path.join(folder, "main.tf"));
    const terraform = await Terraform.in(folder, env);
    await terraform.init();
    const expires_at = calendar()(0);
    const generation = (n: number) => terraform.apply({ generation: n, expires_at });
    await generation(0);
    return use((n) => generation(n).then(expecting("1 added, 1 changed, 1 destroyed")));
  });
}

/** The n-th day from {@link FIRST_DAY} on; the same even when midnight passes. */
function calendar(): (n: number) => string {
  const days = Array.from({ length: ROTATIONS + 2 }, (_, i) => daysFromNow(FIRST_DAY - 1 + i));
  return (n) => days[n + 1]!;
}

/** A rotation that rotates nothing would make a fine figure. */
const expecting =
  (resources: string) =>
  (said: string): string => {
    if (said.includes(resources)) return said;
    throw new Error(`expected a rotation (${resources}); got: ${said}`);
  };
