import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { ProviderServer } from "../../sandbox/provider/provider-server";
import { Sandbox } from "../../sandbox/sandbox";
import { ApiClient } from "../support/api-client";
import { OpsRepository, type Run } from "../support/ops-repository";
import { processesWith } from "../support/processes";
import { TERRAFORM } from "../support/tested-terraform";

const TIMEOUT = 240_000;
const STATE = "/projects/ops%2Fpushers/terraform/state/one";
const TOKENS = "/projects/xlink%2Fone/access_tokens?state=active";
const RESCUE = ".state/one.errored.tfstate";

/** A date some days from now: here the app runs by the machine's clock. */
const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const stack = (expires: string): string =>
  `edition: free\npushers:\n  one:\n    target: xlink/one\n    token: {role: maintainer, expires: [${expires}]}\n    branches: {main: {push: maintainer}}\n`;
const [FIRST, ROTATED] = [stack(`${day(100)}, ${day(200)}`), stack(`${day(300)}, ${day(200)}`)];

let sandbox: Sandbox;
let ops: OpsRepository;
let provider: ProviderServer;
let api: ApiClient;
let operator: NodeJS.ProcessEnv;

beforeEach(async () => {
  const files = { "README.md": "x\n" };
  const projects = ["ops/pushers", "xlink/one"].map((path) => ({ path, visibility: "private" as const, files }));
  sandbox = await Sandbox.start({ seed: { projects } });
  api = ApiClient.admin(sandbox);
  ops = new OpsRepository(sandbox, { state: "gitlab", stateProject: "ops/pushers" });
  ops.write({ one: FIRST });
  // Like GitLab's own provider and Terraform, but for their patience.
  const backoff = { serverError: [1, 2], rateLimit: 1 } as const;
  provider = await ProviderServer.start({ baseUrl: sandbox.url, token: sandbox.adminToken, backoff });
  operator = {
    TF_REATTACH_PROVIDERS: provider.reattach,
    TF_HTTP_USERNAME: "root",
    TF_HTTP_PASSWORD: sandbox.adminToken,
    TF_HTTP_RETRY_MAX: "0",
  };
}, TIMEOUT);
afterEach(async () => {
  await provider.stop();
  await sandbox.stop();
});

const pusher = (...args: string[]): Promise<Run> => ops.startAs(operator, ...args).ended;

async function fault(fault: Record<string, unknown>): Promise<void> {
  expect((await api.control("POST", "faults", { status: 500, times: 1_000_000, ...fault })).status).toBe(201);
}

/** The ids of living tokens, and those of them that neither GitLab's state nor a rescued one knows. */
async function tokens(): Promise<{ living: number; orphans: number[] }> {
  const living = ((await api.get(TOKENS)).body as { id: number }[]).map(({ id }) => id);
  const state = await api.get(STATE);
  const known =
    JSON.stringify(state.body ?? "") + (existsSync(ops.file(RESCUE)) ? readFileSync(ops.file(RESCUE), "utf8") : "");
  return { living: living.length, orphans: living.filter((id) => !known.includes(`"xlink/one:${id}"`)) };
}

const lastLine = ({ stderr }: Run): string => stderr.trimEnd().split("\n").at(-1)!;

describe("a state that GitLab does not take", () => {
  test(
    "GIVEN it fails for good THEN the state is kept for its owner, the last line says what stores it, and until then nothing is planned",
    async () => {
      // GIVEN
      await fault({ method: "POST", path: "/terraform/state/one$" });
      // Once the plan has given its lock back.
      await fault({ method: "DELETE", path: "/terraform/state/one/lock$", after: 1 });

      // WHEN
      const failed = await pusher("deploy", "one", "--store-timeout", "0s");
      await api.control("DELETE", "faults");

      // THEN
      expect({ code: failed.code, stdout: failed.stdout }).toEqual({ code: 2, stdout: "" });
      const last =
        /^the state of one after this deploy is stored nowhere but in \.state\/one\.errored\.tfstate, which holds tokens; fix: npx gitlab-ci-pusher (state push one --unlock [0-9a-f-]{36})$/;
      expect(lastLine(failed)).toMatch(last);
      expect([statSync(ops.file(RESCUE)).mode & 0o777, statSync(ops.file(".state")).mode & 0o777]).toEqual([
        0o600, 0o700,
      ]);
      expect(readdirSync(ops.temporary)).toEqual([]);
      expect(await tokens()).toEqual({ living: 2, orphans: [] });

      const refused = await pusher("review", "--all");
      expect(refused).toMatchObject({ code: 2, stdout: "" });
      expect(refused.stderr).toMatch(
        /got .*one\.errored\.tfstate, the state of one after a deploy .*; fix: npx gitlab-ci-pusher state push one/,
      );

      const command = last.exec(lastLine(failed))![1]!;
      expect(await pusher(...command.split(" "))).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^Stored, and removed: /),
      });
      expect(await pusher("deploy", "one")).toMatchObject({ code: 0, stdout: "Nothing to deploy.\n" });
      expect(await tokens()).toEqual({ living: 2, orphans: [] });
    },
    TIMEOUT,
  );

  test(
    "GIVEN it takes it a little later THEN it is stored all the same, under a lock that was given back",
    async () => {
      await fault({ method: "POST", path: "/terraform/state/one$", times: 1 });
      await fault({ method: "DELETE", path: "/terraform/state/one/lock$", after: 1, times: 1 });
      const failed = await pusher("deploy", "one", "--store-timeout", "1m");
      expect(failed.code).toBe(2);
      expect(failed.stderr).toMatch(/^one: the state is stored after all$/m);
      expect(existsSync(ops.file(RESCUE))).toBe(false);
      expect(await pusher("deploy", "one")).toMatchObject({ code: 0, stdout: "Nothing to deploy.\n" });
      expect(await tokens()).toEqual({ living: 2, orphans: [] });
    },
    TIMEOUT,
  );
});

describe("a GitLab that answers 500 from some call of a rotation on", () => {
  /** How many calls GitLab got before the first change of a clean rotation, in this same state of affairs. */
  async function callsBefore(): Promise<number> {
    await api.control("DELETE", "requests");
    expect(await pusher("review", "--base", "HEAD")).toMatchObject({ code: 0 });
    return ((await api.control("GET", "requests")).body as unknown[]).length;
  }

  // A deploy takes and gives back a lock for its plan, takes another one, reads the state and asks who it is before it changes anything.
  test.each([
    ["the update of the variable", 6],
    ["the storing of the state", 7],
  ])(
    "GIVEN it begins with %s THEN no token lives that no state knows, and the next deploy ends it",
    async (_, more) => {
      expect(await pusher("deploy")).toMatchObject({ code: 0 });
      ops.commit();
      ops.write({ one: ROTATED });
      const before = await callsBefore();
      await fault({ after: before + more });
      expect(await pusher("deploy", "--store-timeout", "0s")).toMatchObject({ code: 2 });
      await api.control("DELETE", "faults");
      expect((await tokens()).orphans).toEqual([]);

      if (existsSync(ops.file(RESCUE))) {
        const first = await pusher("state", "push", "one");
        const [, unlock] = /(--unlock \S+)$/m.exec(first.stderr) ?? [];
        if (unlock !== undefined)
          expect(await pusher("state", "push", "one", ...unlock.split(" "))).toMatchObject({ code: 0 });
      } else await api.delete(`${STATE}/lock`);
      await pusher("deploy");
      expect(await pusher("deploy")).toMatchObject({ code: 0, stdout: "Nothing to deploy.\n" });
      expect(await tokens()).toEqual({ living: 2, orphans: [] });
    },
    TIMEOUT,
  );
});

test(
  "GIVEN Terraform is killed in a deploy THEN that is said, with what may be left and what finds it",
  async () => {
    await fault({ status: undefined, method: "POST", path: "/access_tokens$", delay_ms: 60_000, times: 1 });
    const { child, ended } = ops.startAs(operator, "deploy", "one");
    await new Promise<void>((applies) => {
      child.stderr!.on("data", (text: string) => text.includes("Creating...") && applies());
    });
    for (const pid of await processesWith(ops.temporary)) if (pid !== child.pid) process.kill(pid, "SIGKILL");
    const { code, stderr } = await ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^the deploy of one broke off: Terraform was killed, .*`npx gitlab-ci-pusher status`.*`npx gitlab-ci-pusher state lock one`$/m,
    );
    expect(readdirSync(ops.temporary)).toEqual([]);
  },
  TIMEOUT,
);

describe("cdktf deploy", () => {
  test(
    "GIVEN the state cannot be stored THEN others cannot look into what Terraform leaves, and the next synth refuses until it is stored",
    async () => {
      await fault({ method: "POST", path: "/terraform/state/one$" });
      expect((await ops.cdktfAs(operator, "deploy", "one", "--auto-approve")).code).toBe(1);
      await api.control("DELETE", "faults");
      const folder = ops.file("cdktf.out/stacks/one");
      expect(readdirSync(folder)).toContain("errored.tfstate");
      expect(statSync(folder).mode & 0o777).toBe(0o700);

      const refused = await pusher("deploy", "one");
      expect(refused.stderr).toContain("fix: npx gitlab-ci-pusher state push one");
      const left = "cdktf.out/stacks/one/errored.tfstate";
      expect((await pusher("state", "push", "one")).stdout).toContain(`Stored, and removed: ${left}. `);
      expect(await pusher("deploy", "one")).toMatchObject({ code: 0, stdout: "Nothing to deploy.\n" });
      expect(await tokens()).toEqual({ living: 2, orphans: [] });
    },
    TIMEOUT,
  );

  test(
    "GIVEN Terraform is killed THEN cdktf says nothing and exits 0, and the next synth says it",
    async () => {
      ops = new OpsRepository(sandbox, { state: "local" });
      ops.write({ one: FIRST });
      await fault({ status: undefined, method: "POST", path: "/access_tokens$", delay_ms: 60_000, times: 1 });
      // GIVEN a Terraform that the system kills in an apply, once it has the lock
      const program = ops.file("terraform");
      const kill = `until [ -e '${ops.file(".state/.one.tfstate.lock.info")}' ]; do sleep 0.1; done; kill -9 $! $$`;
      const script = `#!/bin/sh\nif [ "$1" = apply ]; then '${TERRAFORM}' "$@" & ${kill}; fi\nexec '${TERRAFORM}' "$@"\n`;
      writeFileSync(program, script, { mode: 0o700 });

      const deploy = await ops.cdktfAs(
        { ...operator, TERRAFORM_BINARY_NAME: program },
        "deploy",
        "one",
        "--auto-approve",
      );
      expect(deploy).toMatchObject({ code: 0, stdout: expect.stringContaining("No outputs found.") });

      const { stdout, stderr } = await pusher("review", "--all");
      expect(stdout + stderr).toMatch(
        /Warning of one: (\S+ is empty: the first deploy was killed before it noted anything|Terraform noted in \S+ that it works on the state)[^\n]*`npx gitlab-ci-pusher status`/,
      );
    },
    TIMEOUT,
  );
});
