import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { execute, type Finished } from "./command";
import { GitLab } from "./gitlab";
import { daysFromNow, linkProject, ROOT, withFolder, writeInventory } from "./ops-repository";
import { print } from "./print";
import { showProgress } from "./progress";
import { withSandbox } from "./sandbox";
import { terraformBinary } from "./terraform";

const STATE_PROJECT = "ops/pushers";
const PUSHER = path.join(ROOT, "bin/gitlab-ci-pusher.js");
const RUNS = 20;
/** Side by side: a run mostly waits, as the provider repeats a call that GitLab fails for some 44 seconds. */
const AT_ONCE = 5;

/** The outcome of one first deploy. */
interface Outcome {
  /** The call from which on GitLab failed, counted from the deploy's first change. */
  readonly from: number;
  /** Living tokens afterwards. */
  readonly living: number;
  /** Tells whether the state was stored by the deploy itself, or kept in a file. */
  readonly rescued: boolean;
  /** Living tokens that neither GitLab's state nor that file knows. */
  readonly orphans: number;
  /** Deploys until nothing was left to do, once GitLab was well again. */
  readonly deploys: number;
  /** Living tokens that the state does not know then. */
  readonly orphansThen: number;
}

/** Tokens that no state knows, when GitLab answers 500 from some call of a first deploy on. */
export async function faults(): Promise<void> {
  print(`
faults: ${RUNS} first deploys of two pushers with two slots each (gitlab-ci-pusher deploy, the state in the same GitLab), in which GitLab answers
  500 to everything from the deploy's first change on, or from the 1st, 2nd, … call after it, until Terraform has given up.`);
  const before = await callsBeforeTheFirstChange();
  const queue = Array.from({ length: RUNS }, (_, i) => i);
  const outcomes: Outcome[] = [];
  const work = async (): Promise<void> => {
    for (let from = queue.shift(); from !== undefined; from = queue.shift()) {
      outcomes.push(await failing(before, from));
      showProgress(`  ${outcomes.length} of ${RUNS} runs`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  showProgress("");
  print("  from call   living tokens   state kept in a file   unknown to any   deploys to heal   unknown then");
  for (const each of outcomes.sort((a, b) => a.from - b.from)) print(columns(each));
  const sum = (key: "living" | "orphans" | "orphansThen") => outcomes.reduce((total, each) => total + each[key], 0);
  print(
    `  in all: ${sum("living")} living tokens, ${outcomes.filter(({ rescued }) => rescued).length} states kept, ${sum("orphans")} tokens unknown to any state, ${sum("orphansThen")} when healed. Goal: 0 and 0.`,
  );
}

const columns = ({ from, living, rescued, orphans, deploys, orphansThen }: Outcome): string =>
  [
    String(from).padStart(11),
    String(living).padStart(15),
    (rescued ? "yes" : "no").padStart(22),
    String(orphans).padStart(16),
    String(deploys).padStart(17),
    String(orphansThen).padStart(14),
  ].join(" ");

/** In a deploy that nothing happens to. */
const callsBeforeTheFirstChange = (): Promise<number> =>
  withStack(async ({ gitlab, pusher }) => {
    await gitlab.forgetCalls();
    const { code, stderr } = await pusher("deploy");
    if (code !== 0) throw new Error(`expected a deploy; got:\n${stderr.slice(-4000)}`);
    const calls = await gitlab.calls();
    return calls.findIndex(({ method, path: called }) => method !== "GET" && !called.includes("/terraform/state/"));
  });

const failing = (before: number, from: number): Promise<Outcome> =>
  withStack(async (stack) => {
    const { gitlab, pusher } = stack;
    await gitlab.fail(before + from);
    await pusher("deploy", "--store-timeout", "1s");
    await gitlab.fail();
    const { living, orphans } = await tokensOf(stack);
    const rescued = existsSync(stack.rescue);
    if (rescued) await stored(stack);
    else
      await gitlab
        .api(`DELETE projects/${encodeURIComponent(STATE_PROJECT)}/terraform/state/fleet/lock`)
        .catch(() => 0);
    const deploys = await deploysUntilNothingIsLeft(stack);
    return { from, living, rescued, orphans, deploys, orphansThen: (await tokensOf(stack)).orphans };
  });

/** One ops repository whose states a GitLab of its own keeps. */
interface Stack {
  readonly gitlab: GitLab;
  /** Runs `pusher …`, whatever comes of it. */
  readonly pusher: (...args: string[]) => Promise<Finished>;
  readonly rescue: string;
}

const TARGETS = ["xlink/gitops", "xlink/charts"];

function withStack<T>(use: (stack: Stack) => Promise<T>): Promise<T> {
  return withSandbox(
    (sandbox) =>
      withFolder(async (folder) => {
        linkProject(folder, { state: "gitlab", stateProject: STATE_PROJECT });
        const token = { role: "maintainer", expires: [daysFromNow(100), daysFromNow(200)] };
        const pusherOf = (target: string) => ({ target, token, branches: { main: { push: "maintainer" } } });
        const pushers = Object.fromEntries(TARGETS.map((target, i) => [`pusher-${i}`, pusherOf(target)]));
        writeInventory(folder, "fleet", { edition: "free", pushers });
        const env = {
          ...process.env,
          ...sandbox,
          TERRAFORM_BINARY_NAME: await terraformBinary(),
          TF_CLI_CONFIG_FILE: undefined,
          TF_HTTP_USERNAME: "root",
          TF_HTTP_PASSWORD: sandbox.GITLAB_TOKEN,
          TF_HTTP_RETRY_MAX: "0",
        };
        const pusher = (...args: string[]) => execute([process.execPath, PUSHER, ...args], { cwd: folder, env });
        const rescue = path.join(folder, ".state/fleet.errored.tfstate");
        return use({ gitlab: new GitLab(sandbox), pusher, rescue });
      }),
    { seed: "bench/faults.yaml" },
  );
}

async function tokensOf({ gitlab, rescue }: Stack): Promise<{ living: number; orphans: number }> {
  const route = `GET projects/${encodeURIComponent(STATE_PROJECT)}/terraform/state/fleet`;
  const state = await gitlab.api<object>(route).catch(() => ({}));
  const known = JSON.stringify(state) + (existsSync(rescue) ? readFileSync(rescue, "utf8") : "");
  const living = await Promise.all(
    TARGETS.map(async (target) => {
      const found = `GET projects/${encodeURIComponent(target)}/access_tokens?state=active`;
      return (await gitlab.api<{ id: number }[]>(found)).map(({ id }) => `"${target}:${id}"`);
    }),
  );
  const all = living.flat();
  return { living: all.length, orphans: all.filter((id) => !known.includes(id)).length };
}

/** `gitlab-ci-pusher state push`, with the lock that it names. */
async function stored({ pusher }: Stack): Promise<void> {
  const first = await pusher("state", "push", "fleet");
  const [, lock] = /--unlock (\S+)$/m.exec(first.stderr) ?? [];
  const last = lock === undefined ? first : await pusher("state", "push", "fleet", "--unlock", lock);
  if (last.code !== 0) throw new Error(`expected a state that is stored; got:\n${last.stderr.slice(-4000)}`);
}

async function deploysUntilNothingIsLeft({ pusher }: Stack): Promise<number> {
  let told = "";
  for (let deploys = 0; deploys < 4; deploys++) {
    const { stdout, stderr } = await pusher("deploy");
    if (stdout.includes("Nothing to deploy.")) return deploys;
    told = stderr;
  }
  throw new Error(`expected a deploy that heals; got:\n${told.slice(-4000)}`);
}
