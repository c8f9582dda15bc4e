import { absencesOf, within } from "./absence";
import { GitLab } from "./gitlab";
import { daysFromNow, withOpsRepository } from "./ops-repository";
import { OpsStack } from "./ops-stack";
import { print } from "./print";
import { type Attempt, Prober } from "./prober";
import { showProgress } from "./progress";
import { withSandbox } from "./sandbox";

const PROJECT = "xlink/gitops";
const EXPIRES = daysFromNow(100);
const ROUNDS = 5;
/** The push level that each round gives the rule of main: none of it ever lets a developer in. The first makes it, on the protected default branch. */
const LEVELS = ["maintainer", "no one", "maintainer", "no one"] as const;
const CHANGES = ROUNDS * LEVELS.length;
/** Delays of GitLab's answers to calls about protected branches, in milliseconds. */
const LATENCIES = [0, 50];

type Level = (typeof LEVELS)[number];

interface Outcome {
  readonly absentMilliseconds: number;
  readonly attempts: readonly Attempt[];
  /** Attempts that were under way while the rule was away. */
  readonly inTime: number;
  readonly looks: number;
  readonly unprotected: number;
}

/** Pushes that a branch lets in while its rule is made or changed, with the guard and without. */
export async function openMoment(): Promise<void> {
  print(`
open-moment: ${CHANGES} changes of main's rule (creations on the protected default branch, push level maintainer to no one and back), each
  applied while a developer's token tries to push and to force-push, and looks whether the branch is protected, as fast as it can.
  latency: what a call about protected branches takes longer, on a real GitLab tens of milliseconds.`);
  print(
    "  guard     latency   rule away   attempts  while away  accepted pushes  accepted force-pushes   looks  saw it unprotected",
  );
  for (const latency of LATENCIES) {
    for (const guard of [true, false]) {
      const outcome = await probed(guard, latency);
      print(`  ${(guard ? "with" : "without").padEnd(8)}  ${`${latency} ms`.padStart(7)}   ${columns(outcome)}`);
    }
  }
  print(
    `  rule away: from GitLab's answer to the DELETE to that to the POST, all ${CHANGES} summed. Goal: with the guard 0 accepted.`,
  );
}

function columns({ absentMilliseconds, attempts, inTime, looks, unprotected }: Outcome): string {
  const accepted = (kind: Attempt["kind"]) => attempts.filter((each) => each.kind === kind && each.accepted).length;
  return [
    `${absentMilliseconds} ms`.padStart(9),
    String(attempts.length).padStart(9),
    String(inTime).padStart(10),
    String(accepted("push")).padStart(15),
    String(accepted("force")).padStart(21),
    String(looks).padStart(6),
    String(unprotected).padStart(18),
  ].join("  ");
}

function probed(guard: boolean, latency: number): Promise<Outcome> {
  return withSandbox((env) => withOpsRepository({}, (folder) => changes(guard, latency, folder, env)), {
    seed: "bench/seed.yaml",
  });
}

async function changes(guard: boolean, latency: number, folder: string, env: NodeJS.ProcessEnv): Promise<Outcome> {
  const stack = await OpsStack.of(folder, env);
  await stack.deploy(inventory(guard));
  const gitlab = new GitLab(env);
  const token = await gitlab.personalToken("ann", ["write_repository", "read_api"]);
  const prober = new Prober(gitlab, { project: PROJECT, branch: "main", token });
  await gitlab.hold("protected_branches", latency);
  await gitlab.forgetCalls();
  for (let change = 0; change < CHANGES; change++) {
    showProgress(`  ${guard ? "with" : "without"} the guard, ${latency} ms: change ${change + 1} of ${CHANGES}`);
    // A rule whose pusher gives it up stays in GitLab, which is what makes the next round begin with a creation.
    if (change > 0 && change % LEVELS.length === 0) await stack.deploy(inventory(guard));
    await stack.synthesize(inventory(guard, LEVELS[change % LEVELS.length]));
    await prober.during(() => stack.apply());
  }
  showProgress("");
  return outcomeOf(prober, absencesOf(await gitlab.calls(), "main"));
}

function outcomeOf({ attempts, looks }: Prober, absences: ReturnType<typeof absencesOf>): Outcome {
  // Without the moment there would be nothing to see, guard or no guard.
  if (absences.length !== CHANGES) {
    throw new Error(`expected the rule of main to be away ${CHANGES} times; got ${absences.length}`);
  }
  return {
    absentMilliseconds: absences.reduce((sum, { from, to }) => sum + to - from, 0),
    attempts,
    inTime: attempts.filter(({ sent, answered }) => within(absences, sent, answered)).length,
    looks: looks.length,
    unprotected: looks.filter(({ unprotected }) => unprotected).length,
  };
}

/** A pusher to release branches that manages the rule of main as well, or does not. */
function inventory(guard: boolean, level?: Level): object {
  const main = level ? { main: { push: level, merge: "maintainer", guard } } : {};
  const branches = { "release/*": { push: "maintainer" }, ...main };
  return {
    edition: "free",
    pushers: { gitops: { target: PROJECT, token: { role: "maintainer", expires: EXPIRES }, branches } },
  };
}
