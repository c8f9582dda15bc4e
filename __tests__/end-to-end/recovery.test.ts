import { copyFileSync, existsSync, rmSync, statSync, truncateSync } from "node:fs";
import { Deployment, inventory } from "../support/deployment";
import { type Fate, Gate } from "../support/gate";
import type { TerraformResult } from "../support/terraform-workspace";

const KEY = "GITLAB_PUSHER_TOKEN";
const TOKENS = "/projects/xlink%2Fgitops/access_tokens";
/** Terraform's own handling of a signal, before the provider gives up the call it waits for. */
const NOTICE = 150;

/** A pusher with these slots into two source projects, with one rule on the default branch and one on others. */
const pusher = (expires: string, push = "developer") =>
  inventory({
    token: `{role: maintainer, expires: [${expires}]}`,
    branches: `{main: {push: ${push}}, release/*: {push: ${push}}}`,
  });
const TWO_SLOTS = pusher("2100-06-01, 2100-12-01");
const ROTATED = pusher("2101-01-05, 2100-12-01");
const ONE_SLOT = pusher("2100-06-01");

let deployment: Deployment;
let gate: Gate;

beforeEach(async () => {
  deployment = await Deployment.start();
  gate = await Gate.start(deployment.sandbox.url);
  await deployment.operateWith(deployment.sandbox.adminToken, {
    baseUrl: gate.url,
    backoff: { serverError: [1, 2], rateLimit: 1 },
  });
});
afterEach(async () => {
  await gate.close();
  await deployment.stop();
});

/** The value a job gets that starts now; undefined when there is no variable. */
const value = async (project = "xlink/gitops"): Promise<string | undefined> =>
  (await deployment.job(project)).variables[KEY];

/** What becomes of a job's push to main with this value. */
async function push(token: string | undefined): Promise<"no variable" | "accepted" | "branch closed" | "dead token"> {
  if (token === undefined) return "no variable";
  const { code, stderr } = await deployment.push(token);
  if (code === 0) return "accepted";
  return stderr.includes("protected branches") ? "branch closed" : "dead token";
}

const isProtected = async (branch: string): Promise<boolean> =>
  (await deployment.api.get(`/projects/xlink%2Fgitops/repository/branches/${encodeURIComponent(branch)}`)).body
    .protected;

/** Living tokens with our mark that the state does not know: what `gitlab-ci-pusher status` calls orphans. */
async function orphans(): Promise<string[]> {
  const living = (await deployment.api.get(`${TOKENS}?state=active`)).body as { id: number; description: string }[];
  const known = [...deployment.state().matchAll(/"id": ?"xlink\/gitops:(\d+)"/g)].map((match) => Number(match[1]));
  return living.filter(({ id }) => !known.includes(id)).map(({ description }) => description);
}

/** What Terraform says of a deploy that must fail. */
async function failure(declared: string): Promise<string> {
  const { exitCode, errors } = await deployment.tryDeploy(declared);
  expect(exitCode).toBe(1);
  return errors;
}

/** What `gitlab-ci-pusher state restore` does, where Terraform was killed over the state. */
function restoreState(): void {
  const backup = `${deployment.stateFile}.backup`;
  if (statSync(deployment.stateFile, { throwIfNoEntry: false })?.size === 0 && existsSync(backup)) {
    copyFileSync(backup, deployment.stateFile);
  }
}

/** Deploys until it succeeds, at most twice, and checks that all is as declared. @returns how many deploys it took */
async function heal(declared: string): Promise<number> {
  restoreState();
  const first = await deployment.tryDeploy(declared);
  const deploys = first.exitCode === 0 ? 1 : 2;
  if (deploys === 2) await deployment.deploy(declared);
  expect(await deployment.deploy(declared)).toContain("0 added, 0 changed, 0 destroyed");
  const level = declared.includes("push: maintainer") ? "Maintainers" : "Developers + Maintainers";
  expect(await deployment.rules()).toEqual({
    main: level,
    "mai*n": "No one",
    "release/*": level,
    "release/**": "No one",
  });
  const now = await value();
  expect(await value("xlink/shop")).toBe(now);
  expect(await push(now)).toBe("accepted");
  return deploys;
}

/** Starts a deploy and ends Terraform by a signal when GitLab has done the n-th changing call and nobody has heard of it. */
async function stopAfter(
  call: number,
  signal: NodeJS.Signals,
  declared: string,
): Promise<{ last: string; result: TerraformResult }> {
  const reached = gate.stopAt(call, "held");
  const run = await deployment.startDeploy(declared);
  const last = await Promise.race([
    reached,
    run.result.then(({ stdout, stderr }) =>
      Promise.reject(new Error(`ended before call ${call}:\n${stdout}\n${stderr}`)),
    ),
  ]);
  run.interrupt(signal);
  // The real provider gives a call up as soon as Terraform tells it to stop: what GitLab answered is lost.
  if (signal === "SIGINT") await new Promise((resolve) => setTimeout(resolve, NOTICE));
  else await run.result;
  gate.cut();
  return { last, result: await run.result };
}

/** What a stop after each call of a deploy leads to. */
interface Interrupted {
  readonly name: string;
  readonly before?: string;
  readonly next: string;
  /** How many changing calls the deploy makes. */
  readonly calls: number;
  /** What becomes of the push of a job that started before. */
  readonly held: RegExp;
  /** What becomes of the push of a job that starts meanwhile, when it gets another value. */
  readonly fresh: RegExp;
}

const INTERRUPTED: readonly Interrupted[] = [
  {
    name: "the first deploy",
    next: TWO_SLOTS,
    calls: 9,
    held: /^no variable$/,
    fresh: /^(no variable|accepted|branch closed)$/,
  },
  {
    name: "a rotation of two slots",
    before: TWO_SLOTS,
    next: ROTATED,
    calls: 3,
    held: /^accepted$/,
    fresh: /^accepted$/,
  },
  {
    name: "a change of levels",
    before: TWO_SLOTS,
    next: pusher("2100-06-01, 2100-12-01", "maintainer"),
    calls: 4,
    held: /^(accepted|branch closed)$/,
    fresh: /^(accepted|branch closed)$/,
  },
];

describe.each(INTERRUPTED)("$name, stopped", ({ before, next, calls, held, fresh }) => {
  const stops = (["SIGINT", "SIGKILL"] as const).flatMap((signal) =>
    Array.from({ length: calls }, (_, i) => ({ signal, call: i + 1 })),
  );

  test.each(stops)(
    "by $signal after its call $call: pushes and branches meanwhile, and the next deploy heals",
    async ({ signal, call }) => {
      if (before) await deployment.deploy(before);
      const running = before && (await value());
      const { last, result } = await stopAfter(call, signal, next);
      expect(result.exitCode).toBe(1);

      // THEN no branch is open and no credential is dead
      const open = !(await isProtected("main")) || (before !== undefined && !(await isProtected("release/1.0")));
      expect({ last, open }).toEqual({ last, open: false });
      expect(await push(running)).toMatch(held);
      const now = await value();
      if (now !== running) expect(await push(now)).toMatch(fresh);

      // and the next deploy, or the one after when Terraform was killed over its first state, puts everything right
      const cutOff = statSync(deployment.stateFile, { throwIfNoEntry: false })?.size === 0;
      const deploys = await heal(next);
      expect(deploys).toBeLessThanOrEqual(before === undefined && cutOff ? 2 : 1);
      expect(await push(running)).toMatch(/^(no variable|accepted)$/);

      // and what lives unknown to the state bears our mark: the token whose answer was lost; killed, Terraform may not have noted others
      const left = await orphans();
      if (signal === "SIGINT") expect(left).toHaveLength(last.includes("access_tokens") ? 1 : 0);
      else expect(left.length).toBeLessThanOrEqual(2);
      for (const description of left) expect(description).toMatch(/^gitlab-ci-pusher ops\/gitops\/Token/);
    },
  );

  test(`makes ${calls} changing calls`, async () => {
    if (before) await deployment.deploy(before);
    void gate.stopAt(calls + 1, "held");
    await deployment.deploy(next);
    expect(gate.calls).toHaveLength(calls);
  });
});

/** One call of a deploy whose answer does not come as it should. */
interface Unanswered {
  readonly name: string;
  readonly before?: string;
  readonly next: string;
  /** Which changing calls GitLab gets before it. */
  readonly call: RegExp;
  readonly fate: Extract<Fate, "lost" | "doubtful">;
  /** What Terraform says; undefined when the deploy succeeds. */
  readonly says: RegExp | undefined;
  /** What becomes of the pushes of jobs that started before, and of those that start before the next deploy. */
  readonly pushes: readonly [running: string, fresh: string];
  readonly orphans: number;
}

const CREATED = /^POST .*access_tokens$/;
const ROTATION = /^POST .*rotate$/;
const LONGER_SLOT = pusher("2100-12-01");

const UNANSWERED: readonly Unanswered[] = [
  {
    name: "the answer to a creation is lost",
    next: ONE_SLOT,
    call: CREATED,
    fate: "lost",
    says: /Could not create GitLab ProjectAccessToken/,
    pushes: ["no variable", "no variable"],
    orphans: 1,
  },
  {
    name: "a creation is answered with 502, and the provider repeats it",
    next: TWO_SLOTS,
    call: CREATED,
    fate: "doubtful",
    says: undefined,
    pushes: ["no variable", "accepted"],
    orphans: 1,
  },
  {
    name: "the answer to the rotation of one of two slots is lost",
    before: TWO_SLOTS,
    next: ROTATED,
    call: ROTATION,
    fate: "lost",
    says: /Could not rotate GitLab ProjectAccessToken/,
    pushes: ["accepted", "accepted"],
    orphans: 1,
  },
  {
    name: "the rotation of one of two slots is answered with 502, and repeated",
    before: TWO_SLOTS,
    next: ROTATED,
    call: ROTATION,
    fate: "doubtful",
    says: /Token already revoked/,
    pushes: ["accepted", "accepted"],
    orphans: 1,
  },
  {
    name: "the answer to the rotation of the only slot is lost",
    before: ONE_SLOT,
    next: LONGER_SLOT,
    call: ROTATION,
    fate: "lost",
    says: /Could not rotate GitLab ProjectAccessToken/,
    pushes: ["dead token", "dead token"],
    orphans: 1,
  },
  {
    name: "the making of a variable is answered with 502, and repeated",
    next: TWO_SLOTS,
    call: /^POST .*variables$/,
    fate: "doubtful",
    says: /has already been taken/,
    pushes: ["no variable", "accepted"],
    orphans: 0,
  },
  {
    name: "the making of a rule is answered with 502, and repeated",
    next: TWO_SLOTS,
    call: /^POST .*protected_branches$/,
    fate: "doubtful",
    says: /already exists/,
    pushes: ["no variable", "accepted"],
    orphans: 0,
  },
];

test.each(UNANSWERED)("$name: what pipelines see, and the next deploy heals", async (row) => {
  if (row.before) await deployment.deploy(row.before);
  const running = row.before && (await value());
  const met = gate.stopAt(row.call, row.fate);
  if (row.says) expect(await failure(row.next)).toMatch(row.says);
  else await deployment.deploy(row.next);
  await met;
  expect([await push(running), await push(await value())]).toEqual(row.pushes);
  expect(await heal(row.next)).toBe(1);
  expect(await orphans()).toHaveLength(row.orphans);
});

describe("the variable's update is refused for longer than the provider tries", () => {
  const refuse = (project: string) =>
    deployment.api.control("POST", "faults", { method: "PUT", path: `${project}/variables`, times: 100, status: 500 });
  const stopRefusing = () => deployment.api.control("DELETE", "faults");

  test("two slots: CI keeps the other, living token, and the next deploy switches it", async () => {
    await deployment.deploy(TWO_SLOTS);
    const before = await value();
    await refuse("xlink/.*");
    expect(await failure(ROTATED)).toMatch(/500/);
    expect(await value()).toBe(before);
    expect(await push(before)).toBe("accepted");
    await stopRefusing();
    expect(await heal(ROTATED)).toBe(1);
    expect(await value()).not.toBe(before);
    expect([await push(before), await orphans()]).toEqual(["accepted", []]);
  });

  test.each([
    ["xlink/.*", "both variables"],
    ["xlink/shop", "one of two variables"],
  ])(
    "in %s (%s): the slot that CI holds still cannot be rotated before the variables are switched",
    async (project) => {
      await deployment.deploy(TWO_SLOTS);
      const before = await value("xlink/shop");
      await refuse(project);
      await failure(ROTATED);
      await stopRefusing();
      await expect(deployment.synth(pusher("2101-01-05, 2101-01-09"))).rejects.toThrow(
        /the variable carries slot 2 \(2100-12-01\).*the last deploy did not switch every variable to slot 1/,
      );
      await deployment.deploy(ROTATED);
      await deployment.deploy(pusher("2101-01-05, 2101-01-09"));
      expect(await push(before)).toBe("dead token");
      expect(await push(await value("xlink/shop"))).toBe("accepted");
    },
  );

  test("one slot: CI holds a dead token until the next deploy", async () => {
    await deployment.deploy(ONE_SLOT);
    await refuse("xlink/.*");
    await failure(LONGER_SLOT);
    expect(await push(await value())).toBe("dead token");
    await stopRefusing();
    expect(await heal(LONGER_SLOT)).toBe(1);
    expect(await orphans()).toEqual([]);
  });
});

describe("a state that Terraform was killed over", () => {
  test("is refused until it is put back from its backup: nothing is made twice but the token that only the lost state knew", async () => {
    await deployment.deploy(TWO_SLOTS);
    const running = await value();
    await deployment.deploy(ROTATED);
    truncateSync(deployment.stateFile, 0);
    await expect(deployment.synth(ROTATED)).rejects.toThrow(
      /ops\.tfstate, which is empty: .*; fix: npx gitlab-ci-pusher state restore ops/,
    );
    expect(deployment.state()).toBe("");
    expect(await heal(ROTATED)).toBe(1);
    expect(await push(running)).toBe("accepted");
    expect(await orphans()).toEqual(["gitlab-ci-pusher ops/gitops/Token"]);
  });

  test("has no backup at the first deploy: rules and variables are adopted, tokens made anew, in two deploys", async () => {
    await deployment.deploy(TWO_SLOTS);
    const running = await value();
    truncateSync(deployment.stateFile, 0);
    rmSync(`${deployment.stateFile}.backup`, { force: true });
    expect(await heal(TWO_SLOTS)).toBe(2);
    expect(await push(running)).toBe("accepted");
    expect((await orphans()).sort()).toEqual([
      "gitlab-ci-pusher ops/gitops/Token",
      "gitlab-ci-pusher ops/gitops/TokenB",
    ]);
  });
});

test("two deploys at once: the second is refused by the state's lock and changes nothing, the first goes on", async () => {
  const reached = gate.stopAt(1, "held");
  const first = await deployment.startDeploy(TWO_SLOTS);
  await reached;
  expect(await failure(TWO_SLOTS)).toMatch(/Error acquiring the state lock/);
  gate.open();
  expect(await first.result).toMatchObject({ exitCode: 0 });
  expect(await heal(TWO_SLOTS)).toBe(1);
  expect(await orphans()).toEqual([]);
});

test("a state that is gone with its backup: the first deploy fails, the next two adopt what there is", async () => {
  await deployment.deploy(TWO_SLOTS);
  const running = await value();
  for (const file of [deployment.stateFile, `${deployment.stateFile}.backup`]) rmSync(file, { force: true });
  expect(await failure(TWO_SLOTS)).toMatch(/already exists/);
  expect(await push(running)).toBe("accepted");
  expect(await heal(TWO_SLOTS)).toBe(2);
  expect([await push(running), (await orphans()).length]).toEqual(["accepted", 2]);
});

test("a token leaked and was revoked by hand, where a rule names the bots (premium): the rule lets the new bot in", async () => {
  const premium = await Deployment.start({ edition: "premium" });
  const named = inventory({
    edition: "premium",
    token: "{expires: [2100-12-01, 2100-06-01]}",
    branches: "{main: {push: bot}}",
  });
  try {
    await premium.deploy(named);
    const tokens = (await premium.api.get(TOKENS)).body as { id: number; expires_at: string }[];
    const carried = tokens.find(({ expires_at }) => expires_at === "2100-12-01")!;
    await premium.api.delete(`${TOKENS}/${carried.id}`);
    await premium.deploy(named);
    const { code } = await premium.push((await premium.job("xlink/gitops")).variables[KEY]!);
    expect(code).toBe(0);
  } finally {
    await premium.stop();
  }
});

test("both tokens leaked with the state, and were revoked by hand: one deploy makes new ones and switches the variables", async () => {
  await deployment.deploy(TWO_SLOTS);
  const leaked = await value();
  const living = (await deployment.api.get(`${TOKENS}?state=active`)).body as { id: number }[];
  for (const { id } of living) await deployment.api.delete(`${TOKENS}/${id}`);
  expect(await push(leaked)).toBe("dead token");
  expect(await heal(TWO_SLOTS)).toBe(1);
  expect([await push(leaked), await orphans()]).toEqual(["dead token", []]);
});
