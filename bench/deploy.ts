import { copyFileSync, symlinkSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { must } from "./command";
import { STATE_PROJECT, type StateKind } from "./deployed-fleet";
import { daysFromNow, ROOT, withFolder, writeInventory } from "./ops-repository";
import { commandIn, initialize, install } from "./packaged";
import { print } from "./print";
import { showProgress } from "./progress";
import { withSandbox } from "./sandbox";
import { terraformBinary } from "./terraform";
import { type Times, timed } from "./timed";

export interface DeployOptions {
  /** Pushers in all: each a token, a variable and a rule. */
  readonly pushers: number;
}

/** Pushers of each stack where there are many stacks. */
const A_STACK = 10;

/** The latency of the second half of each table, in milliseconds. */
const FAR = 50;

/** As they are titled. */
const STATES: readonly (readonly [StateKind, string])[] = [
  ["gitlab", "states in GitLab"],
  ["local", "states in local files"],
];

const TIMES = 3;

interface Pusher {
  readonly target: string;
  readonly source: string;
  readonly expires: string;
}

/** The same fleet, written and deployed in one way. */
interface Way {
  readonly name: string;
  /** Writes the files, and does what is done once in a repository's life. */
  readonly prepare: (place: Place, pushers: readonly Pusher[]) => Promise<unknown> | undefined;
  readonly deploy: readonly string[];
  readonly noOp: readonly string[];
}

interface Place {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly state: StateKind;
}

const CDKTF = [process.execPath, path.join(ROOT, "node_modules/cdktf-cli/bundle/bin/cdktf")];

/** @param modules the folder that the package is installed in */
const waysWith = (terraform: string, modules: string, stacks: number): readonly Way[] => [
  {
    name: "plain HCL",
    prepare: ({ cwd, env, state }, pushers) => {
      copyFileSync(path.join(__dirname, "plain-fleet/main.tf"), path.join(cwd, "main.tf"));
      writeFileSync(path.join(cwd, "pushers.json"), JSON.stringify(Object.fromEntries(pushers.entries())));
      const backend = state === "local" ? {} : { terraform: { backend: { http: inGitLab(env) } } };
      writeFileSync(path.join(cwd, "backend.tf.json"), JSON.stringify(backend));
      return must([terraform, "init", "-input=false"], { cwd, env });
    },
    deploy: [terraform, "apply", "-input=false", "-auto-approve"],
    // It fails where there is a change.
    noOp: [terraform, "plan", "-input=false", "-detailed-exitcode"],
  },
  {
    name: "one stack",
    prepare: (place, pushers) => write(place, modules, [pushers]),
    deploy: [process.execPath, commandIn(modules), "deploy"],
    noOp: [process.execPath, commandIn(modules), "deploy"],
  },
  {
    name: "cdktf deploy",
    prepare: (place, pushers) => write(place, modules, [pushers]),
    deploy: [...CDKTF, "deploy", "stack-0", "--auto-approve"],
    noOp: [...CDKTF, "diff", "stack-0"],
  },
  {
    name: `${stacks} stacks`,
    prepare: (place, pushers) =>
      write(
        place,
        modules,
        Array.from({ length: stacks }, (_, i) => pushers.slice(i * A_STACK, (i + 1) * A_STACK)),
      ),
    deploy: [process.execPath, commandIn(modules), "deploy"],
    noOp: [process.execPath, commandIn(modules), "deploy"],
  },
];

/** The http backend as GitLab documents it; who asks is in TF_HTTP_USERNAME and TF_HTTP_PASSWORD. */
function inGitLab({ GITLAB_BASE_URL: base }: NodeJS.ProcessEnv): object {
  const address = `${base}/api/v4/projects/${encodeURIComponent(STATE_PROJECT)}/terraform/state/fleet`;
  const lock = `${address}/lock`;
  return { address, lock_address: lock, unlock_address: lock, lock_method: "POST", unlock_method: "DELETE" };
}

/** The time of a first deploy, and of one with nothing to do, by the ways to write the same fleet. */
export function deploy({ pushers: count }: DeployOptions): Promise<void> {
  return withFolder(async (folder) => {
    const modules = path.join(folder, "node_modules");
    await install(modules);
    await compare(waysWith(await terraformBinary(), modules, Math.ceil(count / A_STACK)), count);
  });
}

async function compare(ways: readonly Way[], count: number): Promise<void> {
  print(`
deploy: ${count} pushers of a token, a variable and a rule each, ${3 * count} resources, on a fresh sandbox. Seconds on the clock, and
  of the processor by the command itself (the sandbox and the provider's stand-in apart). plain HCL: for_each, terraform apply and terraform plan.
  one stack, and ${ways.at(-1)!.name} of ${A_STACK} pushers: gitlab-ci-pusher deploy; a no-op is that again, which plans all, finds nothing and says so; compiled, as npm installs it.
  cdktf deploy: the one stack; a no-op is cdktf diff. A deploy runs once, a no-op is the best of ${TIMES}. gitlabform is not here: it makes no tokens.`);
  for (const [state, title] of STATES) {
    print(`  ${title.padEnd(24)}${ways.map(({ name }) => name.padStart(17)).join("")}`);
    for (const latency of [0, FAR]) {
      const columns: { deploy: Times; noOp: Times }[] = [];
      for (const way of ways) columns.push(await measured(way, { count, state, latency }));
      const suffix = latency === 0 ? "" : `, calls ${latency} ms later`;
      for (const [row, key] of [
        [`deploy${suffix}`, "deploy"],
        [`no-op${suffix}`, "noOp"],
      ] as const) {
        print(`  ${row.padEnd(24)}${columns.map((times) => cell(times[key], columns[0]![key])).join("")}`);
      }
    }
  }
  print("  goal: one stack takes no longer than plain HCL (1.0), many stacks less");
}

/** Seconds, those of the processor, and how often as long as the first column that is. */
const cell = ({ seconds, cpuSeconds }: Times, first: Times): string =>
  `${seconds.toFixed(1)} (${cpuSeconds.toFixed(1)}) ${(seconds / first.seconds).toFixed(2)}`.padStart(17);

interface Conditions {
  readonly count: number;
  readonly state: StateKind;
  readonly latency: number;
}

function measured(way: Way, { count, state, latency }: Conditions): Promise<{ deploy: Times; noOp: Times }> {
  const pushers = Array.from({ length: count }, (_, i) => pusherOf(i));
  return withFolder((folder) => {
    const seed = path.join(folder, "seed.json");
    const paths = [STATE_PROJECT, ...pushers.flatMap(({ target, source }) => [target, source])];
    const projects = paths.map((each) => ({ path: each }));
    writeFileSync(seed, JSON.stringify({ projects }));
    return withSandbox(
      (sandbox) =>
        withFolder(async (cwd) => {
          const asked = { TF_HTTP_USERNAME: "root", TF_HTTP_PASSWORD: sandbox.GITLAB_TOKEN };
          const env = { ...process.env, ...sandbox, ...asked, CHECKPOINT_DISABLE: "1", CI: "true" };
          const place = { cwd, env, state };
          await way.prepare(place, pushers);
          const said = (what: string) =>
            showProgress(`  ${way.name}${latency === 0 ? "" : `, calls ${latency} ms later`}: ${what}`);
          said("deploy");
          const first = await timed(way.deploy, place);
          let best: Times | undefined;
          for (let i = 0; i < TIMES; i++) {
            said(`no-op ${i + 1} of ${TIMES}`);
            const next = await timed(way.noOp, place);
            expectNothing(next.output);
            if (!best || next.seconds < best.seconds) best = next;
          }
          showProgress("");
          return { deploy: first, noOp: best! };
        }),
      { seed, latency },
    );
  });
}

/** A look at the wrong thing would make a fine figure. */
function expectNothing(output: string): void {
  if (!/No changes\.|^Nothing to deploy\.$/m.test(output))
    throw new Error(`expected no change; got:\n${output.slice(-4000)}`);
}

/** Few tokens of one day, so that no plan is full of warnings. */
const pusherOf = (i: number): Pusher => ({
  target: `group-${i % 100}/target-${i}`,
  source: `group-${i % 100}/source-${i}`,
  expires: daysFromNow(60 + (i % 300)),
});

async function write(
  { cwd: folder, state }: Place,
  modules: string,
  stacks: readonly (readonly Pusher[])[],
): Promise<void> {
  await initialize(folder, state === "local" ? state : STATE_PROJECT);
  symlinkSync(modules, path.join(folder, "node_modules"));
  for (const [number, pushers] of stacks.entries()) {
    writeInventory(folder, `stack-${number}`, {
      edition: "free",
      pushers: Object.fromEntries(pushers.map((pusher, i) => [`pusher-${i}`, declared(pusher)])),
    });
  }
}

/** A wildcard that is no default branch needs no guard. */
const declared = ({ target, source, expires }: Pusher): object => ({
  target,
  token: { expires },
  variable: { in: [source] },
  branches: { "release/*": { push: "developer", merge: "maintainer", guard: false } },
});
