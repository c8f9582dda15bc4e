import { readdirSync, writeFileSync } from "node:fs";
import { ProviderServer } from "../../sandbox/provider/provider-server";
import { Sandbox } from "../../sandbox/sandbox";
import { ApiClient } from "../support/api-client";
import { OpsRepository, type Run, type Started } from "../support/ops-repository";
import { processesWith } from "../support/processes";
import { formsOf } from "../support/secret-forms";
import { secretsIn } from "../support/state-text";
import { PROGRAM, TERRAFORM } from "../support/tested-terraform";

const TIMEOUT = 240_000;
const STATES = "/projects/ops%2Fpushers/terraform/state";
const TARGETS = ["one", "two"].map((name) => `xlink/${name}`);

/** A date some days from now: here the app runs by the machine's clock. */
const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const [SOON, LATER, LATEST] = [day(100), day(200), day(300)];

const stack = (id: string, expires = `${SOON}, ${LATER}`): string =>
  `edition: free\npushers:\n  ${id}:\n    target: xlink/${id}\n    token: {role: maintainer, expires: [${expires}]}\n    branches: {main: {push: maintainer}}\n`;

/** Somebody, or somebody's job: what their commands find in the environment. */
type Persona = NodeJS.ProcessEnv;

let sandbox: Sandbox;
let ops: OpsRepository;
let providers: ProviderServer[];
/** Maintainer of all projects, with a token of scope `api`. */
let olga: Persona;
/** Developer of the project that keeps the states; the read token is Maintainer's where the plan looks. */
let reviewer: Persona;

beforeEach(async () => {
  const files = { "README.md": "x\n" };
  sandbox = await Sandbox.start({
    seed: {
      users: ["olga", "dora", "reader"].map((username) => ({ username })),
      projects: [
        {
          path: "ops/pushers",
          visibility: "private",
          files,
          members: { olga: "maintainer", dora: "developer", reader: "developer" },
        },
        ...TARGETS.map((path) => ({
          path,
          visibility: "private" as const,
          files,
          members: { olga: "maintainer" as const, reader: "maintainer" as const },
        })),
      ],
    },
  });
  providers = [];
  ops = new OpsRepository(sandbox, { state: "gitlab" });
  ops.write({ one: stack("one"), two: stack("two") });
  ops.commit("main");
  ops.git("remote", "set-head", "origin", "main");
  olga = await persona("olga", ["api"], "olga");
  reviewer = await persona("reader", ["read_api"], "dora");
}, TIMEOUT);
afterEach(async () => {
  for (const provider of providers) await provider.stop();
  await sandbox.stop();
});

const api = () => ApiClient.admin(sandbox);

/** A job of the ops repository that `starter` started, with a token of `owner` and a provider that uses it. */
async function persona(owner: string, scopes: readonly string[], starter: string): Promise<Persona> {
  const [user] = (await api().get(`/users?username=${owner}`)).body as { id: number }[];
  const made = await api().post(`/users/${user!.id}/personal_access_tokens`, { name: "pipeline", scopes });
  const { token } = made.body as { token: string };
  const started = await api().control("POST", "jobs", { project: "ops/pushers", user: starter });
  const job = started.body as { token: string; variables: Record<string, string> };
  const provider = await ProviderServer.start({ baseUrl: sandbox.url, token });
  providers.push(provider);
  return {
    GITLAB_TOKEN: token,
    TF_REATTACH_PROVIDERS: provider.reattach,
    TF_HTTP_USERNAME: "gitlab-ci-token",
    TF_HTTP_PASSWORD: job.token,
    CI_API_V4_URL: job.variables.CI_API_V4_URL,
    CI_PROJECT_ID: job.variables.CI_PROJECT_ID,
  };
}

const pusher = (who: Persona, ...args: string[]): Promise<Run> => ops.startAs(who, ...args).ended;

async function deployed(...args: string[]): Promise<void> {
  const run = await pusher(olga, "deploy", ...args);
  expect({ ...run, stderr: "" }).toEqual({ code: 0, stdout: expect.stringMatching(/^Deployed /), stderr: "" });
}

async function expectNothingLeft(...stacks: string[]): Promise<void> {
  expect(await pusher(olga, "deploy", ...stacks)).toMatchObject({ code: 0, stdout: "Nothing to deploy.\n" });
}

/** What GitLab is asked to do, for the states and for everything else. */
async function writes(): Promise<string[]> {
  const { body } = await api().control("GET", "requests");
  const calls = body as { method: string; path: string }[];
  return calls.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);
}

/** Calls for the states, by stack. */
async function stateCalls(): Promise<Record<string, number>> {
  const { body } = await api().control("GET", "requests");
  const names = (body as { path: string }[]).flatMap(({ path }) => /\/terraform\/state\/(\w+)/.exec(path)?.[1] ?? []);
  return Object.fromEntries([...new Set(names)].map((name) => [name, names.filter((each) => each === name).length]));
}

const livingTokens = async (project: string): Promise<number> =>
  ((await api().get(`/projects/${encodeURIComponent(project)}/access_tokens?state=active`)).body as unknown[]).length;

/** Every value that a state holds, and whoever's credentials the commands had. */
async function secrets(): Promise<string[]> {
  const states = await Promise.all(
    ["one", "two"].map(async (name) => JSON.stringify((await api().get(`${STATES}/${name}`)).body)),
  );
  const values = states.flatMap((state) => secretsIn(state));
  const credentials = [olga, reviewer].flatMap((who) => [who.GITLAB_TOKEN!, who.TF_HTTP_PASSWORD!]);
  return [...new Set([...values, ...credentials, sandbox.adminToken])];
}

/** Starts a deploy of a stack whose token GitLab is slow to make, and waits until Terraform asks for it: the state is locked. */
async function slowDeploy(name: string, delay: number): Promise<Started> {
  const fault = { method: "POST", path: "/access_tokens$", delay_ms: delay, times: 1 };
  expect((await api().control("POST", "faults", fault)).status).toBe(201);
  const started = ops.startAs(olga, "deploy", name);
  await new Promise<void>((applies) => {
    started.child.stderr!.on("data", (text: string) => text.includes("Creating...") && applies());
  });
  return started;
}

describe("a review in a Developer's job, with a token that only reads", () => {
  test(
    "plans without a lock what the Maintainer's job then deploys as reviewed, and writes nothing",
    async () => {
      await deployed();
      ops.git("switch", "--quiet", "--create", "change");
      ops.write({ one: stack("one", `${LATEST}, ${LATER}`) });
      ops.commit();
      await api().control("DELETE", "requests");

      const review = await pusher(reviewer, "review", "--out", "review", "--json");
      expect(review).toMatchObject({ code: 0 });
      expect(await writes()).toEqual([]);
      // One by the synth, the others by Terraform.
      expect(await stateCalls()).toEqual({ one: 3 });
      const { digest, stacks, effects, notes } = JSON.parse(review.stdout);
      expect(stacks).toEqual({ one: digest });
      expect(effects.map(({ kind }: { kind: string }) => kind).sort()).toEqual(["rotated", "switched"]);
      expect(notes).toEqual([expect.stringMatching(/^1 of 2 stacks differ from [0-9a-f]{12}\.$/)]);

      // The token that may do it plans the same.
      expect(JSON.parse((await pusher(olga, "review", "--json")).stdout).digest).toBe(digest);
      await deployed("--base", "origin/main", "--reviewed", digest);
      await expectNothingLeft();

      const found = await secrets();
      expect(found.length).toBeGreaterThan(8);
      const left = [["what was printed", ops.printed] as const, ...ops.files()];
      const leaks = found.flatMap(formsOf).flatMap((form) => left.filter(([, text]) => text.includes(form)));
      expect(leaks.map(([where]) => where)).toEqual([]);
      expect(readdirSync(ops.temporary)).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "needs the states of the stacks that it plans, and no others",
    async () => {
      await deployed();
      ops.write({ one: stack("one", `${LATEST}, ${LATER}`) });
      const unreadable = async (name: string): Promise<void> => {
        await api().control("DELETE", "faults");
        const fault = { path: `/terraform/state/${name}`, status: 403, times: 100 };
        expect((await api().control("POST", "faults", fault)).status).toBe(201);
      };

      await unreadable("two");
      const review = JSON.parse((await pusher(reviewer, "review", "--json")).stdout);
      expect(Object.keys(review.stacks)).toEqual(["one"]);
      expect(JSON.parse((await pusher(reviewer, "review", "--base", "HEAD", "--json")).stdout).digest).toBe(
        review.digest,
      );
      const all = await pusher(reviewer, "review", "--all");
      expect(all).toMatchObject({ code: 2, stdout: "" });
      expect(all.stderr).toMatch(/1 state cannot be used, nothing was changed:\n {2}GET \S+\/two at /);

      await unreadable("one");
      for (const args of [["review"], ["deploy", "--base", "HEAD"], ["deploy", "one"]]) {
        const refused = await pusher(olga, ...args);
        expect(refused).toMatchObject({ code: 2, stdout: "" });
        expect(refused.stderr).toMatch(/1 state cannot be used, nothing was changed:\n {2}GET \S+\/one at /);
      }

      // What is checked with the state is checked: both slots at once would cut the jobs that run.
      await api().control("DELETE", "faults");
      ops.write({ one: stack("one", `${LATEST}, ${day(310)}`) });
      const cut = await pusher(reviewer, "review");
      expect({ code: cut.code, stderr: cut.stderr }).toEqual({
        code: 2,
        stderr: expect.stringContaining("so jobs that run would lose their token"),
      });
      expect(readdirSync(ops.temporary)).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "cannot deploy: GitLab's refusal of the lock is told, with what is needed, and nothing is touched",
    async () => {
      await api().control("DELETE", "requests");
      const refused = await pusher(reviewer, "deploy", "one");
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain(`${PROGRAM} plan of one failed, nothing was changed`);
      expect(refused.stderr).toMatch(
        /terraform\/state\/one\/lock at http\S+: got 403 .*; allowed: .*Maintainer to deploy; fix: /,
      );
      expect((await writes()).filter((call) => !call.includes("/terraform/state/"))).toEqual([]);
      expect(await livingTokens("xlink/one")).toBe(0);
    },
    TIMEOUT,
  );
});

describe("two deploys at once", () => {
  test(
    "GIVEN no patience the second names who holds the lock, GIVEN some it waits, and nothing is lost",
    async () => {
      const first = await slowDeploy("one", 6_000);
      const admin = {
        TF_HTTP_USERNAME: "root",
        TF_HTTP_PASSWORD: sandbox.adminToken,
        CI_PROJECT_ID: olga.CI_PROJECT_ID,
        CI_API_V4_URL: olga.CI_API_V4_URL,
      };

      const impatient = await pusher(admin, "deploy", "--lock-timeout", "0s");
      expect({ code: impatient.code, stdout: impatient.stdout }).toEqual({ code: 2, stdout: "" });
      expect(impatient.stderr).toMatch(
        /\S+ plan of one failed, nothing was changed:\none is locked by olga since \S+: lock [0-9a-f-]{36}\nWhile that deploy runs, wait for it/,
      );
      // Terraform would have named the lock that it did not get, as if it were the one in its way.
      expect(impatient.stderr).not.toMatch(/Who:|root@/);
      expect(await livingTokens("xlink/two")).toBe(0);

      const patient = await pusher(admin, "deploy", "one");
      expect(patient).toMatchObject({ code: 0, stdout: "Nothing to deploy.\n" });
      expect(await first.ended).toMatchObject({ code: 0, stdout: "Deployed one.\n" });
      expect(await livingTokens("xlink/one")).toBe(2);
      await deployed();
      await expectNothingLeft();
      expect(await pusher(olga, "state", "lock", "one")).toMatchObject({ code: 0 });
    },
    TIMEOUT,
  );

  test(
    "GIVEN a lock that is taken between the plan and the deploy THEN it names who holds the lock too",
    async () => {
      // GIVEN a Terraform before whose apply somebody else takes the lock
      const held = { ID: "8c0f", Operation: "", Info: "", Who: "", Version: "", Created: "", Path: "" };
      const program = ops.file("terraform");
      const take = `curl --fail --silent --output ${program}.log --header "PRIVATE-TOKEN: $OTHER_TOKEN" --header 'Content-Type: application/json' --data '${JSON.stringify(held)}' '${sandbox.url}/api/v4${STATES}/one/lock'`;
      const script = `#!/bin/sh\nif [ "$1" = apply ]; then ${take}; fi\nexec '${TERRAFORM}' "$@"\n`;
      writeFileSync(program, script, { mode: 0o700 });

      // WHEN
      const who = { ...olga, TERRAFORM_BINARY_NAME: program, OTHER_TOKEN: sandbox.adminToken };
      const refused = await pusher(who, "deploy", "one", "--lock-timeout", "0s");

      // THEN
      expect(refused.code).toBe(2);
      expect(refused.stderr).toMatch(/^one: one is locked by root since \S+: lock 8c0f$/m);
      expect(refused.stderr).toContain("the deploy of one failed, see above");
      expect(await livingTokens("xlink/one")).toBe(0);
    },
    TIMEOUT,
  );

  test(
    "begun together, each is done, has nothing left to do, or is refused as out of date",
    async () => {
      const both = await Promise.all([1, 2].map(() => pusher(olga, "deploy", "one")));
      const ends = both.map(({ code, stdout, stderr }) => {
        if (code === 0) return stdout.trim();
        return stderr.includes("Saved plan is stale") ? "stale" : stderr;
      });
      expect(ends).toContain("Deployed one.");
      expect(["Nothing to deploy.", "stale"]).toContain(ends.find((end) => end !== "Deployed one."));
      expect(await livingTokens("xlink/one")).toBe(2);
      await expectNothingLeft("one");
    },
    TIMEOUT,
  );
});

/** Terraform noted what it did and gave the lock back, and the next deploy does the rest. */
async function expectEndedInOrder(stopped: Run): Promise<Run> {
  expect(stopped.code).toBe(2);
  expect(stopped.stderr).toContain("Gracefully shutting down");
  expect(readdirSync(ops.temporary)).toEqual([]);
  expect(await pusher(olga, "state", "lock", "one")).toMatchObject({ code: 0 });
  await deployed("one");
  await expectNothingLeft("one");
  return stopped;
}

describe("a deploy whose terminal goes away", () => {
  test(
    "GIVEN it is told so THEN Terraform ends in order, and the lock is given back",
    async () => {
      const { child, ended } = await slowDeploy("one", 3_000);
      child.kill("SIGHUP");
      const { stderr } = await ended.then(expectEndedInOrder);
      expect(stderr).toContain("the deploy of one failed");
    },
    TIMEOUT,
  );

  test(
    "GIVEN a runner cancels its job, and tells every process of it to end, THEN Terraform ends in order all the same",
    async () => {
      const { ended } = await slowDeploy("one", 3_000);
      // As GitLab's runner does with Docker.
      const running = (await processesWith(ops.temporary)).sort((a, b) => b - a);
      expect(running.length).toBeGreaterThan(1);
      for (const pid of running) process.kill(pid, "SIGTERM");
      const { stderr } = await ended.then(expectEndedInOrder);
      expect(stderr).not.toContain("Two interrupts received");
    },
    TIMEOUT,
  );

  test(
    "GIVEN nobody reads its progress any more THEN it goes on to its end",
    async () => {
      const { child, ended } = await slowDeploy("one", 2_000);
      child.stderr!.destroy();
      expect(await ended).toMatchObject({ code: 0, stdout: "Deployed one.\n" });
      await expectNothingLeft("one");
    },
    TIMEOUT,
  );
});

describe("a lock that a killed deploy left", () => {
  test(
    "is named by the next deploy, ended as it says, and the deploys after that heal what was made",
    async () => {
      const { child, ended } = await slowDeploy("one", 60_000);
      const running = (await processesWith(ops.temporary)).filter((pid) => pid !== child.pid);
      expect(running.length).toBeGreaterThan(0);
      for (const pid of [child.pid!, ...running]) process.kill(pid, "SIGKILL");
      await ended;
      await api().control("DELETE", "faults");

      const refused = await pusher(olga, "deploy", "one", "--lock-timeout", "0s");
      expect(refused.code).toBe(2);
      expect(refused.stderr).toMatch(/one is locked by olga since /);
      const cure = /^ {2}(npx cdktf synth && .* \S+ force-unlock [0-9a-f-]{36})$/m.exec(refused.stderr)![1]!;
      const cured = await ops.shellAs(
        olga,
        `PATH="$PWD/node_modules/.bin:$PATH"; yes yes | { ${cure.replace("npx ", "")}; }`,
      );
      expect(cured).toMatchObject({ code: 0, stdout: expect.stringContaining("has been successfully unlocked") });

      const healed = await pusher(olga, "deploy", "one");
      if (healed.code !== 0) await deployed("one");
      await expectNothingLeft("one");
    },
    TIMEOUT,
  );
});
