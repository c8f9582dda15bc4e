import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { Sandbox } from "../../sandbox/sandbox";
import { ApiClient } from "../support/api-client";
import { OpsRepository } from "../support/ops-repository";
import { processesWith } from "../support/processes";

const TIMEOUT = 240_000;
const NAMES = ["one", "two", "three"];

/** A date some days from now: here the app runs by the machine's clock. */
const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const [PAST, SOON, LATER] = [day(-1), day(100), day(200)];

const stack = (id: string, expires: string): string =>
  `edition: free\npushers:\n  ${id}:\n    target: xlink/${id}\n    token: {role: maintainer, expires: [${expires}]}\n    branches: {main: {push: maintainer}}\n`;
const stacks = (expires: string) => Object.fromEntries(NAMES.map((id) => [id, stack(id, expires)]));

let sandbox: Sandbox;
let ops: OpsRepository;
let api: ApiClient;

beforeEach(async () => {
  const projects = NAMES.map((name) => ({ path: `xlink/${name}`, files: { "README.md": "x\n" } }));
  sandbox = await Sandbox.start({ seed: { projects } });
  ops = new OpsRepository(sandbox);
  api = ApiClient.admin(sandbox);
}, TIMEOUT);
afterEach(() => sandbox.stop());

const states = (): Record<string, string> =>
  Object.fromEntries(NAMES.map((name) => [name, readFileSync(ops.file(".state", `${name}.tfstate`), "utf8")]));

/** What GitLab is asked to do. */
async function writes(): Promise<unknown[]> {
  const { body } = await api.control("GET", "requests");
  return (body as { method: string }[]).filter(({ method }) => method !== "GET");
}

async function fault(fault: Record<string, unknown>): Promise<void> {
  expect((await api.control("POST", "faults", fault)).status).toBe(201);
}

/** No Terraform runs on, and no plan is left, however the command ended. */
async function expectTidy(): Promise<void> {
  expect(await processesWith(ops.temporary)).toEqual([]);
  expect(readdirSync(ops.temporary)).toEqual([]);
  expect(ops.git("worktree", "list").trim().split("\n")).toHaveLength(1);
  expect(existsSync(ops.file("cdktf.out"))).toBe(false);
}

describe("a base that cannot be synthesized any more", () => {
  test(
    "GIVEN a date in it that has passed, and other settings since THEN every stack is planned, and a note says so",
    async () => {
      ops.write(stacks(`${PAST}, ${LATER}`));
      ops.commit("main");
      ops.git("remote", "set-head", "origin", "main");
      ops.write(stacks(`${SOON}, ${LATER}`));
      // Only for other settings the base is synthesized at all.
      const settings = JSON.parse(readFileSync(ops.file("cdktf.json"), "utf8"));
      writeFileSync(ops.file("cdktf.json"), JSON.stringify({ ...settings, context: { ...settings.context, ours: 1 } }));

      const review = await ops.pusher("review", "--out", "review", "--json");
      expect(review).toMatchObject({ code: 0 });
      const { stacks: planned, notes } = JSON.parse(review.stdout);
      expect(Object.keys(planned).sort()).toEqual([...NAMES].sort());
      const note = `The base ${ops.git("rev-parse", "HEAD").slice(0, 12)} cannot be synthesized any more: every stack was planned.`;
      expect(notes).toEqual([note]);
      expect(readFileSync(ops.file("review", "summary.md"), "utf8")).toContain(note);
      await expectTidy();

      // What is here must be right, whatever there was.
      ops.write({ one: stack("one", PAST) });
      const broken = await ops.pusher("review");
      expect({ code: broken.code, stdout: broken.stdout }).toEqual({ code: 2, stdout: "" });
      expect(broken.stderr).toMatch(
        /^the synth failed:\n1 problem.*, nothing was changed:\n[\s\S]*pushers\/one\.yaml:\d+/m,
      );
      await expectTidy();
    },
    TIMEOUT,
  );
});

describe("one of several plans that fails", () => {
  test(
    "names its stack; those that run are waited for, nothing is applied, and no plan is left",
    async () => {
      ops.write(stacks(`${SOON}, ${LATER}`));
      ops.commit("main");
      expect(await ops.pusher("deploy")).toMatchObject({ code: 0 });
      const before = states();
      ops.write(stacks(`${day(300)}, ${LATER}`));
      for (const command of ["review", "deploy"]) {
        await api.control("DELETE", "requests");
        await fault({ method: "GET", path: "xlink/two/access_tokens", status: 403, times: 100 });
        await fault({ method: "GET", path: "xlink/three/access_tokens", delay_ms: 2500, times: 1 });

        const failed = await ops.pusher(command, ...(command === "review" ? ["--all"] : []));

        expect({ code: failed.code, stdout: failed.stdout }).toEqual({ code: 2, stdout: "" });
        expect(failed.stderr).toMatch(/\w+ plan of two failed, nothing was changed:\n[\s\S]*403/);
        expect(failed.stderr).not.toContain("plan of three failed");
        const { body } = await api.control("GET", "requests");
        const slow = (body as { path: string; status: number }[]).filter(({ path }) => path.includes("xlink/three"));
        expect(slow.map(({ status }) => status)).toEqual(slow.map(() => 200));
        expect(slow.length).toBeGreaterThan(1);
        await expectTidy();
        expect(await writes()).toEqual([]);
        expect(states()).toEqual(before);
        await api.control("DELETE", "faults");
      }
      const { stdout } = await ops.pusher("deploy");
      expect(stdout).toMatch(/^Deployed /);
    },
    TIMEOUT,
  );
});

test(
  "GIVEN settings for a Terraform of the caller's own THEN they do not count: the state is where it belongs, and no log is written",
  async () => {
    ops.write(stacks(`${SOON}, ${LATER}`));
    ops.commit("main");
    const own = { TF_WORKSPACE: "other", TF_LOG: "trace", TF_DATA_DIR: ops.file("data"), TF_CLI_ARGS_plan: "-destroy" };
    const deployed = await ops.startAs(own, "deploy", "one").ended;
    expect(deployed).toMatchObject({ code: 0, stdout: "Deployed one.\n" });
    expect(deployed.stderr).not.toContain("[TRACE]");
    expect(readdirSync(ops.file(".state"))).toEqual(["one.tfstate"]);
    expect(existsSync(ops.file("data"))).toBe(false);
    await expectTidy();
  },
  TIMEOUT,
);
